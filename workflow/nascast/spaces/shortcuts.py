"""Size features of architectures: the shortcuts that every learned ranking has to beat.

A ranking that knows nothing but the size of a network correlates well with accuracy. These
features are therefore rows of every ranking table and the controls of every partial correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from nascast.spaces.base import Architecture, CellGraph, NetworkScale

if TYPE_CHECKING:
    from nascast.networks.counts import Size

COLUMNS = ("params", "macs", "effective_params", "conv_count", "mean_path_convs")


class CountableSpace(Protocol):
    """A search space that knows its sizes in closed form and the paths through its cell."""

    def count(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Size:
        """Return parameters and MACs of the network at a scale."""
        ...

    def prune(self, arch: Architecture) -> Architecture:
        """Return the architecture without what lies on no input-output path."""
        ...

    def path_operations(self, arch: Architecture) -> list[tuple[str, ...]]:
        """Return the operations along every input-output path of the cell."""
        ...

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the cell with its operations on the nodes."""
        ...


def size_features(
    space: CountableSpace,
    archs: Sequence[Architecture],
    scale: NetworkScale,
    image_size: int,
    num_classes: int,
) -> pd.DataFrame:
    """Return the five size features of each architecture, one row each, indexed by ``arch_id``.

    Args:
        space: the space that the architectures belong to.
        archs: the architectures, in the order of the rows.
        scale: scale at which parameters and MACs are counted.
        image_size: side of the square input images, in pixels.
        num_classes: outputs of the classifier.

    Returns:
        ``params`` (trainable parameters, int64), ``macs`` (multiply-accumulates of convolutions
        and linear layers for one image, int64), ``effective_params`` (parameters once everything
        that lies on no input-output path is pruned, int64), ``conv_count`` (convolutions in one
        cell, int64) and ``mean_path_convs`` (mean number of convolutions along an input-output
        path of the cell, float64; 0 for a cell without a path).

    Raises:
        ValueError: an architecture of another space.
    """
    rows = [_features(space, arch, scale, image_size, num_classes) for arch in archs]
    index = pd.Index([arch.arch_id for arch in archs], name="arch_id", dtype="str")
    frame = pd.DataFrame(rows, index=index, columns=list(COLUMNS))
    return frame.astype(
        {name: "float64" if name == "mean_path_convs" else "int64" for name in COLUMNS}
    )


def is_convolution(operation: str) -> bool:
    """Return whether an operation is a convolution; in every space its name says so."""
    return "conv" in operation


def _features(
    space: CountableSpace,
    arch: Architecture,
    scale: NetworkScale,
    image_size: int,
    num_classes: int,
) -> tuple[int, int, int, int, float]:
    size = space.count(arch, scale, image_size, num_classes)
    pruned = space.prune(arch)
    effective = size if pruned == arch else space.count(pruned, scale, image_size, num_classes)
    on_paths = [sum(map(is_convolution, path)) for path in space.path_operations(arch)]
    mean_on_path = sum(on_paths) / len(on_paths) if on_paths else 0.0
    convolutions = sum(map(is_convolution, space.cell_graph(arch).operations))
    return size.params, size.macs, effective.params, convolutions, mean_on_path
