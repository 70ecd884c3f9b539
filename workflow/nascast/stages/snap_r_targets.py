"""What a SNAP-R that is trained ranks: whole spaces with real labels, and the mini benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.labels.schema import seed_means
from nascast.spaces import registry as spaces
from nascast.spaces.base import Architecture, SearchSpace
from nascast.stages.features import read_label_shards
from nascast.stages.snap_r_features import Cells, Floats, target_cells

ALL, NONE_FREE = "all", "none-free"

# Takes the label out of a frame of means over seeds; higher is better.
Value = Callable[[pd.DataFrame], "pd.Series[float]"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is ranked: one space, with the labels of one or several tasks.

    Attributes:
        space: its name.
        cells: its architectures.
        labels: by task, ``(n,)``, NaN where an architecture has none.
        subsets: which of them are ranked together, by name, bool ``(n,)``.
    """

    space: str
    cells: Cells
    labels: Mapping[str, Floats]
    subsets: Mapping[str, NDArray[np.bool_]]


def read_target(
    name: str,
    labels: Mapping[str, tuple[Sequence[Path | str], str]],
    value: Value,
) -> Target:
    """Return every labelled architecture of a space.

    Args:
        name: the space.
        labels: by task, the files of its labels and what they carry as ``images``.
        value: :func:`accuracy` or :func:`score`.

    Raises:
        EncodingError: an operation of the space has no declared properties.
    """
    space = spaces.create(name)
    found = {task: read_values(paths, images, value) for task, (paths, images) in labels.items()}
    specs = sorted(set().union(*(series.index for series in found.values())))
    archs = [space.parse(str(spec)) for spec in specs]
    return Target(
        space=name,
        cells=target_cells(space, archs),
        labels={
            task: np.asarray(series.reindex(specs), np.float64) for task, series in found.items()
        },
        subsets=_subsets(space, archs),
    )


def read_values(paths: Sequence[Path | str], images: str, value: Value) -> pd.Series[float]:
    """Return the labels of some files by spec; ``images`` is what their rows carry as such."""
    frame = read_label_shards(paths)
    means = seed_means(frame[frame["images"] == images]).set_index("spec")
    return value(means).astype(np.float64)


def accuracy(means: pd.DataFrame) -> pd.Series[float]:
    """Return the test accuracy of a published table."""
    return means["test_acc"]


def score(means: pd.DataFrame) -> pd.Series[float]:
    """Return the mini benchmark's label: the task's metric, or exp(-test loss) if it has none."""
    return means["test_metric"].astype(np.float64).fillna(np.exp(-means["test_loss"]))


def _subsets(space: SearchSpace, archs: Sequence[Architecture]) -> dict[str, NDArray[np.bool_]]:
    """Return all, and in spaces with zeros those cells that have none."""
    subsets = {ALL: np.ones(len(archs), dtype=bool)}
    if "none" in space.operations:
        graphs = (space.cell_graph(arch) for arch in archs)
        subsets[NONE_FREE] = np.array(["none" not in graph.operations for graph in graphs])
    return subsets
