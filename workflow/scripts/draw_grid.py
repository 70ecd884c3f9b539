"""Draw one figure of scored grids."""

from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_bytes, atomic_write_text
from nascast.report.grid_figures import tau_surface
from nascast.stages.runner import stage
from nascast.stages.scored_grids import scored_run


def main(job: Any) -> None:
    """Write the figure in both forms."""
    run = scored_run(job.input.scores, job.input.seeds, job.params.grids, job.params.tasks)
    figure, columns = tau_surface(job.wildcards.figure, run, job.params.figure["metric"])
    atomic_write_text(Path(job.output.svg), figure.svg(columns))
    atomic_write_bytes(Path(job.output.png), figure.png(columns))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
