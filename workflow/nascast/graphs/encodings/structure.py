"""Structure: features of cell graphs that mean the same in every space.

GRAF and the one-hot encodings have columns for the operations of one space, and what is learned
from them stays there. Here operations are what
:mod:`nascast.graphs.encodings.operator_properties` declares them to be, zeros and what lies on no
path are dropped, and identities count nothing. Then NAS-Bench-101's nodes and NAS-Bench-201's edges
look alike.

A feature is called ``<group>:<name>``. The groups are

* ``count``: sums over the nodes that are left;
* ``path``: mean, largest, smallest value and deviation over the input-output paths, of which two
  parallel identities are two;
* ``walk``: mean over a walk from the output back to the input that follows each input of a node
  with equal chance;
* ``shape``: of the graph whose identities are contracted: edges, paths, degrees, width.

Values of a node: ``conv`` (convolutions), ``spatial`` (those with a kernel larger than one),
``pool``, ``weights`` (in units of one 3 x 3 convolution), ``reach`` (of the receptive field),
``length`` (1 unless it is an identity). Cells without a path are zero everywhere.

The kinds of features are those of GRAF (Kadlecová et al. 2024) and of path encodings (White et al.
2021); that they are averaged over paths, and which they are, is our choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nascast.graphs.encodings.property_graphs import (
    VALUES,
    Bools,
    Floats,
    PropertyGraphs,
    contracted,
    property_graphs,
)
from nascast.spaces.base import CellGraph

MEASURES = ("conv", "spatial", "pool", "weights", "reach", "length")
_SHAPE = (
    "edges", "log_paths", "width", "reads_input", "writes_output", "log_all_paths", "dead",
)  # fmt: skip
COLUMNS = (
    *(f"count:{name}" for name in MEASURES),
    *(f"path:{kind}_{name}" for kind in ("mean", "max", "min", "spread") for name in MEASURES),
    *(f"walk:{name}" for name in MEASURES),
    *(f"shape:{name}" for name in _SHAPE),
)
"""Names of the features, in the order of :func:`structure_features`."""

# Rows that are worked on together: bounds the memory, and fits a core's cache.
_CHUNK = 8_192


def structure_of(graphs: Sequence[CellGraph]) -> NDArray[np.float32]:
    """Return the features of cell graphs, ``(n, len(COLUMNS))``.

    Raises:
        EncodingError: an operation has no declared properties.
    """
    return structure_features(property_graphs(graphs))


def structure_features(graphs: PropertyGraphs) -> NDArray[np.float32]:
    """Return the features of graphs, ``(n, len(COLUMNS))``."""
    pieces = [np.empty((0, len(COLUMNS)), dtype=np.float32)]
    for start in range(0, len(graphs), _CHUNK):
        pieces.append(_features(graphs.take(slice(start, start + _CHUNK))))
    return np.concatenate(pieces)


def _features(graphs: PropertyGraphs) -> NDArray[np.float32]:
    measures = _measures(graphs)
    blocks = [
        measures.sum(axis=1),
        *_path_moments(graphs.adjacency, measures),
        _walk(graphs.adjacency, measures),
        _shape(graphs, measures),
    ]
    features = np.concatenate(blocks, axis=1, dtype=np.float32)
    features[~graphs.alive[:, 0], :-1] = 0
    return features


def _measures(graphs: PropertyGraphs) -> Floats:
    """Return the :data:`MEASURES` of every node, ``(n, nodes, 6)``."""
    value = {name: graphs.values[:, :, i] for i, name in enumerate(VALUES)}
    is_operation = graphs.alive & ~graphs.identity
    is_operation[:, [0, -1]] = False
    return np.stack(
        [
            value["spatial"] + value["pointwise"],
            value["spatial"],
            value["pools"],
            value["weights"],
            value["reach"],
            is_operation.astype(np.float64),
        ],
        axis=2,
    )


def _path_moments(adjacency: Bools, measures: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean, largest, smallest value and deviation over all paths, each ``(n, 6)``."""
    n, nodes, width = measures.shape
    paths = np.zeros((n, nodes))
    first, second = np.zeros((n, nodes, width)), np.zeros((n, nodes, width))
    most, least = np.full((n, nodes, width), -np.inf), np.full((n, nodes, width), np.inf)
    paths[:, 0], most[:, 0], least[:, 0] = 1, 0, 0
    for node in range(1, nodes):
        edges = adjacency[:, :node, node]
        own = measures[:, node]
        weight = edges[:, None].astype(np.float64)
        count = (edges * paths[:, :node]).sum(axis=1)
        total, squares = (weight @ moment[:, :node] for moment in (first, second))
        paths[:, node] = count
        first[:, node] = total[:, 0] + count[:, None] * own
        second[:, node] = squares[:, 0] + own * (2 * total[:, 0] + count[:, None] * own)
        seen = edges[:, :, None]
        most[:, node] = np.where(seen, most[:, :node], -np.inf).max(axis=1) + own
        least[:, node] = np.where(seen, least[:, :node], np.inf).min(axis=1) + own
    number = np.maximum(paths[:, -1:], 1)
    mean = first[:, -1] / number
    variance = np.maximum(second[:, -1] / number - mean**2, 0)
    return mean, most[:, -1], least[:, -1], np.sqrt(variance)


def _walk(adjacency: Bools, measures: Floats) -> Floats:
    """Return the mean of the values on the walk back to the input, ``(n, 6)``."""
    expected = np.zeros_like(measures)
    for node in range(1, measures.shape[1]):
        weight = adjacency[:, None, :node, node].astype(np.float64)
        inputs = np.maximum(weight.sum(axis=2), 1)
        expected[:, node] = (weight @ expected[:, :node])[:, 0] / inputs + measures[:, node]
    return expected[:, -1]


def _count_paths(adjacency: Bools) -> Floats:
    """Return the number of paths from the first to the last node, ``(n,)``."""
    paths = np.zeros(adjacency.shape[:2])
    paths[:, 0] = 1
    for node in range(1, adjacency.shape[1]):
        paths[:, node] = (adjacency[:, :node, node] * paths[:, :node]).sum(axis=1)
    return paths[:, -1]


def _shape(graphs: PropertyGraphs, measures: Floats) -> Floats:
    """Return the features of the group ``shape``, ``(n, 7)``."""
    edges = contracted(graphs)
    lengths = measures[:, :, [MEASURES.index("length")]]
    longest = _path_moments(edges, lengths)[1][:, 0]
    operations = lengths.sum(axis=(1, 2))
    return np.stack(
        [
            edges.sum(axis=(1, 2)),
            np.log(np.maximum(_count_paths(edges), 1)),
            operations / np.maximum(longest, 1),
            edges[:, 0].sum(axis=1),
            edges[:, :, -1].sum(axis=1),
            np.log(np.maximum(_count_paths(graphs.adjacency), 1)),
            ~graphs.alive[:, 0],
        ],
        axis=1,
    )
