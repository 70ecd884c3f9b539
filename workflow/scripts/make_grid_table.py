"""Fill one table of White et al. from scored grids and render it."""

from typing import Any

from nascast.stages.runner import stage
from nascast.stages.scored_grids import scored_run
from nascast.stages.tables import write_table
from nascast.tables import costs, omni, quick, white


def main(job: Any) -> None:
    """Write the tidy rows and three renderings."""
    settings, tasks = job.params.table, job.params.tasks
    run = scored_run(job.input.scores, job.input.seeds, job.params.grids, tasks)
    notes = {name: task["note"] for name, task in tasks.items()}
    rows = white.rows_of(run, settings["rows"])
    table, lay_out_table = {
        "metric": lambda: (white.build_table(rows, settings["metric"], run), white.lay_out_table),
        "ablation": lambda: (omni.build_table(run), omni.lay_out_table),
        "costs": lambda: (costs.build_table(rows, run), costs.lay_out_table),
        "settings": lambda: (quick.build_table(rows, run), quick.lay_out_table),
    }[settings["layout"]]()
    layouts = lay_out_table(table, run, settings["title"], settings["show"], notes)
    write_table(job.wildcards.table, table, layouts, job.output)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
