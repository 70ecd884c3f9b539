"""Random operator graphs and vectors for the tests of SNAP."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.snap.arrays import EMPTY, OperatorGraphs, Vectors

WORDS = ("input", "conv", "pool", "skip", "output")


def random_graphs(n: int, seed: int = 0, nodes: int = 6) -> OperatorGraphs:
    """Return graphs of 3 to ``nodes`` nodes in which every inner node lies on a path."""
    rng = np.random.default_rng(seed)
    operations = np.full((n, nodes), EMPTY, dtype=np.uint8)
    adjacency = np.zeros((n, nodes, nodes), dtype=bool)
    for row in range(n):
        size = int(rng.integers(3, nodes + 1))
        operations[row, :size] = rng.integers(1, len(WORDS) - 1, size)
        operations[row, 0], operations[row, size - 1] = 0, len(WORDS) - 1
        edges = np.triu(rng.random((size, size)) < 0.4, 1)
        edges[np.arange(size - 1), np.arange(1, size)] = True
        adjacency[row, :size, :size] = edges
    return OperatorGraphs(WORDS, operations, adjacency)


def word_vectors(length: int = 7, seed: int = 0) -> Vectors:
    """Return a vector of length 1 a word."""
    drawn = np.random.default_rng(seed).standard_normal((len(WORDS), length))
    unit = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return dict(zip(WORDS, unit.astype(np.float32), strict=True))


def share_of_convs(graphs: OperatorGraphs) -> NDArray[np.float64]:
    """Return something that graphs tell: the share of convolutions among their nodes."""
    counts: NDArray[np.float64] = (graphs.operations == WORDS.index("conv")).sum(axis=1)
    return counts / graphs.sizes
