"""Cell graphs of any space as arrays of properties instead of names, without what lies on no path.

The output stands in the last column whatever the size of a graph, so that graphs of different
sizes, and of different spaces, can be handled alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nascast.graphs.encodings.operator_properties import Kind, properties_of
from nascast.spaces.base import CellGraph

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

# The columns of :attr:`PropertyGraphs.values`.
VALUES = ("spatial", "pointwise", "pools", "weights", "reach")


@dataclass(frozen=True, slots=True)
class PropertyGraphs:
    """Graphs whose nodes are numbered in forward order, the input first, the output last.

    Attributes:
        adjacency: ``(n, nodes, nodes)``, true where an edge leads from the second axis to the third
            and lies on an input-output path without zeros.
        values: ``(n, nodes, 5)``, the :data:`VALUES` of every node's operation; 0 where none is.
        identity: ``(n, nodes)``, true for inner nodes that pass their input on.
        alive: ``(n, nodes)``, true for nodes on a path; all false without any path.
    """

    adjacency: Bools
    values: Floats
    identity: Bools
    alive: Bools

    def __len__(self) -> int:
        return len(self.adjacency)

    def take(self, rows: slice | NDArray[np.int64]) -> PropertyGraphs:
        """Return some of the graphs."""
        return PropertyGraphs(
            self.adjacency[rows], self.values[rows], self.identity[rows], self.alive[rows]
        )


def property_graphs(graphs: Sequence[CellGraph]) -> PropertyGraphs:
    """Return graphs of one space, or of several.

    Raises:
        EncodingError: an operation has no declared properties.
    """
    names = sorted({op for graph in graphs for op in graph.operations})
    number = {name: i for i, name in enumerate(names)}
    nodes = max((len(graph.operations) for graph in graphs), default=2)
    adjacency = np.zeros((len(graphs), nodes, nodes), dtype=bool)
    operations = np.full((len(graphs), nodes), -1, dtype=np.int64)
    for i, graph in enumerate(graphs):
        last = len(graph.operations) - 1
        operations[i, :last] = [number[op] for op in graph.operations[:-1]]
        operations[i, -1] = number[graph.operations[-1]]
        if graph.edges:
            sources, targets = np.array(graph.edges).T
            adjacency[i, sources, np.where(targets == last, nodes - 1, targets)] = True
    return from_arrays(adjacency, operations, names)


def from_arrays(
    adjacency: Bools, operations: NDArray[np.int64], names: Sequence[str]
) -> PropertyGraphs:
    """Return graphs that are given as arrays.

    Args:
        adjacency: ``(n, nodes, nodes)``, upper triangular, the output in the last column.
        operations: ``(n, nodes)``, places in ``names``; -1 where there is no node.
        names: operations, ``input`` and ``output`` among them.

    Raises:
        EncodingError: an operation has no declared properties.
    """
    found = properties_of(names)
    # One row more: what -1 picks is no node.
    table = np.array([[getattr(p, value) for value in VALUES] for p in found] + [[0.0] * 5])
    kinds = np.array([p.kind for p in found] + [Kind.ZERO])[operations]
    alive = _alive(adjacency, kinds != Kind.ZERO)
    inner = np.ones(adjacency.shape[1], dtype=bool)
    inner[[0, -1]] = False
    return PropertyGraphs(
        adjacency=adjacency & alive[:, :, None] & alive[:, None, :],
        values=table[operations] * alive[:, :, None],
        identity=(kinds == Kind.IDENTITY) & alive & inner,
        alive=alive,
    )


def contracted(graphs: PropertyGraphs) -> Bools:
    """Return the adjacency in which whatever reads an identity reads its sources instead.

    Two identities with the same source and reader become one edge.
    """
    adjacency = graphs.adjacency.copy()
    for node in range(1, adjacency.shape[1] - 1):
        through = graphs.identity[:, node, None]
        sources, readers = adjacency[:, :, node] & through, adjacency[:, node] & through
        adjacency |= sources[:, :, None] & readers[:, None, :]
        adjacency[:, :, node] &= ~through
        adjacency[:, node] &= ~through
    return adjacency


def _alive(adjacency: Bools, exists: Bools) -> Bools:
    """Return which nodes lie on a path from the first to the last one, ``(n, nodes)``."""
    nodes = adjacency.shape[1]
    forward, backward = np.zeros_like(exists), np.zeros_like(exists)
    forward[:, 0], backward[:, -1] = exists[:, 0], exists[:, -1]
    for node in range(1, nodes):
        reached = (adjacency[:, :node, node] & forward[:, :node]).any(axis=1)
        forward[:, node] = reached & exists[:, node]
    for node in range(nodes - 2, -1, -1):
        reaches = (adjacency[:, node, node + 1 :] & backward[:, node + 1 :]).any(axis=1)
        backward[:, node] = reaches & exists[:, node]
    return forward & backward
