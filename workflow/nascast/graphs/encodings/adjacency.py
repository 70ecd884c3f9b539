"""One-hot adjacency: which operation stands where, and in graphs of any wiring which edges exist.

Source: White et al. 2020, "A Study on Encodings for Neural Architecture Search"; sizes
as in NASLib. NAS-Bench-201 has 6 edges x 5 operations = 30 columns, NAS-Bench-101 21 possible edges
+ 5 nodes x 3 operations = 36. Isomorphic graphs whose nodes are numbered differently differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nascast.graphs.encodings.base import Arrays
from nascast.graphs.encodings.batch import batch_graphs, check_edge_cells
from nascast.graphs.encodings.layout import Layout
from nascast.spaces.base import CellGraph


class Adjacency:
    """Array ``"features"``, ``(n, columns)`` uint8 of zeros and ones.

    In a space with operations on edges only the operations are encoded, edge by edge. Otherwise the
    upper triangle of the adjacency matrix comes first, row by row, then the operation of every
    inner node. A graph below the largest size has its output at the last position nonetheless, and
    all zeros at the positions between its inner nodes and the output.
    """

    name: str = "adjacency"

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return ``"features"``; EncodingError if a graph does not fit into the layout."""
        batch = batch_graphs(graphs, layout)
        inner = batch.operations[:, 1:-1, None] == np.arange(1, len(layout.operations) + 1)
        one_hot = inner.reshape(len(graphs), inner.shape[1] * inner.shape[2])
        if layout.edges:
            check_edge_cells(batch, layout)
            return {"features": one_hot.astype(np.uint8)}
        adjacency, rows, outputs = batch.adjacency, np.arange(len(graphs)), batch.sizes - 1
        to_output = adjacency[rows, :, outputs]
        adjacency[rows, :, outputs] = False
        adjacency[:, :, -1] = to_output
        triangle = adjacency[:, *np.triu_indices(layout.max_nodes, k=1)]
        return {"features": np.concatenate([triangle, one_hot], axis=1).astype(np.uint8)}

    def columns(self, layout: Layout) -> tuple[str, ...]:
        """Return ``edge(source,target)`` and ``node=operation`` or ``source->target=operation``."""
        last = layout.max_nodes - 1
        if layout.edges:
            places = [f"{source}->{target}" for source, target in layout.edges]
            return tuple(f"{place}={op}" for place in places for op in layout.operations)
        edges = [f"edge({i},{j})" for i in range(last) for j in range(i + 1, last + 1)]
        nodes = [f"{node}={op}" for node in range(1, last) for op in layout.operations]
        return (*edges, *nodes)
