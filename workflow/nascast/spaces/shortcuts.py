"""Size features of architectures: the shortcuts that every learned ranking has to beat.

A ranking that knows nothing but the size of a network correlates well with accuracy. These
features are therefore rows of every ranking table and the controls of every partial correlation.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nascast.spaces.base import Architecture, NetworkScale, SearchSpace

# Ten classes for every task: the classifier then adds the same to each network, and ranks no one.
CLASSES = 10
COLUMNS = ("params", "macs", "effective_params", "conv_count", "mean_path_convs")


def size_features(
    space: SearchSpace,
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
        that lies on no input-output path is pruned, int64), ``conv_count`` (convolutions in what
        is searched, int64) and ``mean_path_convs`` (mean number of convolutions along an
        input-output path, float64; 0 without a path).

    Raises:
        ValueError: an architecture of another space.
    """
    rows = [_features(space, arch, scale, image_size, num_classes) for arch in archs]
    index = pd.Index([arch.arch_id for arch in archs], name="arch_id", dtype="str")
    frame = pd.DataFrame(rows, index=index, columns=list(COLUMNS))
    return frame.astype(
        {name: "float64" if name == "mean_path_convs" else "int64" for name in COLUMNS}
    )


def _features(
    space: SearchSpace,
    arch: Architecture,
    scale: NetworkScale,
    image_size: int,
    num_classes: int,
) -> tuple[int, int, int, int, float]:
    size = space.count(arch, scale, image_size, num_classes)
    pruned = space.prune(arch)
    effective = size if pruned == arch else space.count(pruned, scale, image_size, num_classes)
    return (
        size.params,
        size.macs,
        effective.params,
        space.conv_count(arch),
        space.mean_path_convs(arch),
    )
