"""Cell graphs of different sizes as padded arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import Layout
from nascast.spaces.base import CellGraph


@dataclass(frozen=True, slots=True)
class GraphBatch:
    """Graphs whose nodes are numbered as in their :class:`CellGraph`, with padding behind.

    Attributes:
        adjacency: ``(n, nodes, nodes)`` bool, true where an edge leads from the second axis to
            the third.
        operations: ``(n, nodes)`` int64, 0 for the input, 1 and up for the operations of the
            layout in its order, then one number for the output; 0 where there is no node.
        mask: ``(n, nodes)`` bool, true where there is a node.
    """

    adjacency: NDArray[np.bool_]
    operations: NDArray[np.int64]
    mask: NDArray[np.bool_]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of nodes of each graph, ``(n,)``; the last of them is the output."""
        sizes: NDArray[np.int64] = self.mask.sum(axis=1, dtype=np.int64)
        return sizes


def batch_graphs(graphs: Sequence[CellGraph], layout: Layout) -> GraphBatch:
    """Return graphs as padded arrays.

    Raises:
        EncodingError: a graph has more nodes or another operation than the layout.
    """
    index = {"input": 0, **{op: i for i, op in enumerate((*layout.operations, "output"), start=1)}}
    nodes = layout.max_nodes
    adjacency = np.zeros((len(graphs), nodes, nodes), dtype=bool)
    operations = np.zeros((len(graphs), nodes), dtype=np.int64)
    sizes = np.zeros((len(graphs), 1), dtype=np.int64)
    for i, graph in enumerate(graphs):
        size = len(graph.operations)
        if size > nodes:
            raise EncodingError(f"graph {i} has {size} nodes, more than the layout's {nodes}")
        try:
            operations[i, :size] = [index[op] for op in graph.operations]
        except KeyError as error:
            raise EncodingError(
                f"graph {i} has the operation {error.args[0]!r}, which the layout does not have; "
                f"it has {', '.join(layout.operations)}"
            ) from error
        if graph.edges:
            sources, targets = zip(*graph.edges, strict=True)
            adjacency[i, sources, targets] = True
        sizes[i] = size
    return GraphBatch(adjacency, operations, np.arange(nodes) < sizes)


def check_edge_cells(batch: GraphBatch, layout: Layout) -> None:
    """Raise EncodingError unless every graph has one node for each edge of the layout's cell."""
    wrong = np.flatnonzero(batch.sizes != len(layout.edges) + 2)
    if wrong.size:
        raise EncodingError(
            f"graph {wrong[0]} has {batch.sizes[wrong[0]]} nodes; with operations on the "
            f"{len(layout.edges)} edges of a cell it needs {len(layout.edges) + 2}"
        )


def chunks(graphs: Sequence[CellGraph], size: int) -> Iterator[Sequence[CellGraph]]:
    """Yield the graphs in pieces of at most ``size``, so that memory does not grow with them.

    Without graphs, one empty piece is yielded, so that what is joined keeps its shape.
    """
    for start in range(0, max(len(graphs), 1), size):
        yield graphs[start : start + size]
