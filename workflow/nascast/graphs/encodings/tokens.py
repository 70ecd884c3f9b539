"""Sequences of tokens, for recurrent encoders.

Source: Luo et al. 2020, "Semi-Supervised Neural Architecture Search", in the layout of NASLib: node
by node behind the input, one token for each earlier node (2 with an edge from it, 1 without), then
the node's operation. NAS-Bench-201 has 35 tokens of 9 kinds, NAS-Bench-101 27 of 7.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nascast.graphs.encodings.base import Arrays
from nascast.graphs.encodings.batch import batch_graphs
from nascast.graphs.encodings.layout import Layout
from nascast.spaces.base import CellGraph

PADDING, NO_EDGE, EDGE = 0, 1, 2
# The first operation of the layout.
FIRST_OPERATION = 3


def length(layout: Layout) -> int:
    """Return the number of tokens of every sequence."""
    return (layout.max_nodes + 2) * (layout.max_nodes - 1) // 2


def vocabulary_size(layout: Layout) -> int:
    """Return the number of kinds of tokens: padding, two for edges, operations and the output."""
    return FIRST_OPERATION + len(layout.operations) + 1


class Tokens:
    """Array ``"tokens"``, ``(n, length(layout))`` int64 below ``vocabulary_size(layout)``.

    A graph below the largest size ends in padding, token 0. Nodes stand in the order of the graph,
    so isomorphic graphs may differ; different graphs always do.
    """

    name: str = "tokens"

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return ``"tokens"``; EncodingError if a graph does not fit into the layout."""
        batch = batch_graphs(graphs, layout)
        parts = []
        for node in range(1, layout.max_nodes):
            edges = np.where(batch.adjacency[:, :node, node], EDGE, NO_EDGE)
            operation = batch.operations[:, node, None] + FIRST_OPERATION - 1
            column = np.concatenate([edges, operation], axis=1)
            parts.append(np.where(batch.mask[:, node, None], column, PADDING))
        return {"tokens": np.concatenate(parts, axis=1).astype(np.int64)}
