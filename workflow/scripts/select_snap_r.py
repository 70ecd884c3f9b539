"""Choose SNAP-R's recipe by shifts within NAS-Bench-101; the only labels it is given are those."""

from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_text
from nascast.snap_r_sections import SnapRSelection
from nascast.stages.runner import stage
from nascast.stages.snap_r_features import training_cells
from nascast.stages.snap_r_selection import select


def main(job: Any) -> None:
    """Write the selection log."""
    settings = SnapRSelection.model_validate(job.params.selection)
    cells, labels = training_cells(job.input.labels, job.input.cells)
    log = select(settings, cells, labels)
    print(f"chosen: {log.loc[0, 'candidate']}")
    atomic_write_text(Path(job.output[0]), log.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
