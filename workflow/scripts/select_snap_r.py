"""Choose SNAP-R's recipe by shifts within NAS-Bench-101; the only labels it is given are those."""

from pathlib import Path
from typing import Any

import numpy as np

from nascast.io.atomic import atomic_write_text
from nascast.snap_r_sections import SnapRSelection
from nascast.stages.runner import stage
from nascast.stages.snap_r_features import training_cells
from nascast.stages.snap_r_selection import select
from nascast.stages.snap_r_targets import read_values, score


def main(job: Any) -> None:
    """Write the selection log."""
    settings = SnapRSelection.model_validate(job.params.selection)
    cells, labels = training_cells(job.input.labels, job.input.cells)
    concepts = {
        part: read_values(paths, part, score).reindex(cells.specs).to_numpy(np.float64)
        for part, paths in job.params.concept.items()
    }
    log = select(settings, cells, labels, concepts)
    print(f"chosen: {log.loc[0, 'candidate']}")
    atomic_write_text(Path(job.output[0]), log.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
