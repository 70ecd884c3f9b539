"""Fill one table of White et al. from scored grids and render it."""

from typing import Any

from nascast.stages.runner import stage
from nascast.stages.scored_grids import scored_run
from nascast.stages.tables import write_table
from nascast.tables import omni, white


def main(job: Any) -> None:
    """Write the tidy rows and three renderings."""
    settings, tasks = job.params.table, job.params.tasks
    run = scored_run(job.input.scores, job.input.seeds, job.params.grids, tasks)
    notes = {name: task["note"] for name, task in tasks.items()}
    if settings["layout"] == "ablation":
        table, lay_out_table = omni.build_table(run), omni.lay_out_table
    else:
        rows = white.rows_of(run, settings["rows"])
        table, lay_out_table = white.build_table(rows, settings["metric"], run), white.lay_out_table
    layouts = lay_out_table(table, run, settings["title"], settings["show"], notes)
    write_table(job.wildcards.table, table, layouts, job.output)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
