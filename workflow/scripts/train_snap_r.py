"""Train the chosen SNAP-R and what stands beside it; rank the cells of other spaces by them."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_text
from nascast.snap_r_sections import SnapRSettings
from nascast.stages.runner import stage
from nascast.stages.snap_r_features import training_cells
from nascast.stages.snap_r_runs import run, summarise
from nascast.stages.snap_r_selection import chosen
from nascast.stages.snap_r_targets import Target, accuracy, read_target, score


def targets_of(job: Any) -> list[Target]:
    """Return the spaces with published labels, then the mini benchmark's."""
    targets = []
    for space, tasks in job.params.published.items():
        path = [next(p for p in job.input.published if Path(p).stem == space)]
        labels = {name: (path, images) for name, images in tasks.items()}
        targets.append(read_target(space, labels, accuracy))
    for space, parts in job.params.minibench.items():
        labels = {
            f"{space}-{part}": (paths, part.split("-", 1)[-1]) for part, paths in parts.items()
        }
        targets.append(read_target(space, labels, score))
    return targets


def main(job: Any) -> None:
    """Write every seed's rank correlations, and their means."""
    settings = SnapRSettings.model_validate(job.params.settings)
    base = chosen(pd.read_csv(job.input.selection), settings.selection)
    training = training_cells(job.input.labels, job.input.cells)
    results = run(settings, base, training, targets_of(job))
    for path, frame in ((job.output.seeds, results), (job.output.means, summarise(results))):
        atomic_write_text(Path(path), frame.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
