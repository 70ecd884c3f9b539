"""Graphs with operations on nodes as padded arrays, for graph neural networks.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?",
whose GCNs read NAS-Bench-201 as eight nodes: input, the operations of the six edges, output. A node
reads from every operation that writes into the cell node at which its edge begins.

What becomes of ``none`` and of skips is open in the literature, so there are three forms:

* ``op_graph`` keeps ``none`` as a node, as NASLib and TG-NAS do;
* ``op_graph_pruned`` drops ``none``, then all that is on no path from input to output;
* ``op_graph_contracted`` also drops skips: whatever reads a skip reads its sources instead. Two
  skips that carry the same source become one edge.

A cell without any path becomes an input and an output without an edge in the latter two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nascast.graphs.encodings.base import Arrays
from nascast.graphs.encodings.batch import batch_graphs
from nascast.graphs.encodings.layout import Layout
from nascast.spaces.base import CellGraph

NONE, SKIP = "none", "skip_connect"


class OpGraph:
    """Arrays ``"adjacency"``, ``"operations"`` and ``"mask"``.

    They are the arrays of :class:`nascast.graphs.encodings.batch.GraphBatch`, ``(n, nodes, nodes)``
    uint8, ``(n, nodes)`` int64 from 0 (input) to the number of operations + 1 (output), and
    ``(n, nodes)`` uint8.
    """

    name: str = "op_graph"

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return the three arrays; EncodingError if a graph does not fit into the layout."""
        batch = batch_graphs([self.form(graph) for graph in graphs], layout)
        return {
            "adjacency": batch.adjacency.astype("uint8"),
            "operations": batch.operations,
            "mask": batch.mask.astype("uint8"),
        }

    def form(self, graph: CellGraph) -> CellGraph:
        """Return the graph as this form shows it: as it is."""
        return graph


class PrunedOpGraph(OpGraph):
    """As :class:`OpGraph`, without ``none`` and without what lies on no path."""

    name = "op_graph_pruned"

    def form(self, graph: CellGraph) -> CellGraph:
        """Return :func:`pruned`."""
        return pruned(graph)


class ContractedOpGraph(OpGraph):
    """As :class:`PrunedOpGraph`, without skips: each stands for what it reads."""

    name = "op_graph_contracted"

    def form(self, graph: CellGraph) -> CellGraph:
        """Return :func:`contracted` of :func:`pruned`."""
        return contracted(pruned(graph))


def pruned(graph: CellGraph) -> CellGraph:
    """Return the nodes that are on a path from input to output without ``none``."""
    last = len(graph.operations) - 1
    edges = [
        (s, t) for s, t in graph.edges if NONE not in (graph.operations[s], graph.operations[t])
    ]
    forward, backward = {0}, {last}
    for source, target in edges:  # sorted by their source, so in forward order
        if source in forward:
            forward.add(target)
    for source, target in reversed(edges):
        if target in backward:
            backward.add(source)
    return _induced(graph, (forward & backward) | {0, last}, edges)


def contracted(graph: CellGraph) -> CellGraph:
    """Return the graph with every skip replaced by edges from its sources to its readers."""
    edges = set(graph.edges)
    skips = [i for i, op in enumerate(graph.operations) if op == SKIP]
    for skip in skips:
        sources = [s for s, t in edges if t == skip]
        readers = [t for s, t in edges if s == skip]
        edges = {edge for edge in edges if skip not in edge}
        edges |= {(source, reader) for source in sources for reader in readers}
    kept = set(range(len(graph.operations))) - set(skips)
    return _induced(graph, kept, edges)


def _induced(graph: CellGraph, nodes: set[int], edges: Iterable[tuple[int, int]]) -> CellGraph:
    """Return the graph of some of the nodes, numbered anew, and the edges between them."""
    number = {node: i for i, node in enumerate(sorted(nodes))}
    kept = sorted((number[s], number[t]) for s, t in edges if s in number and t in number)
    return CellGraph(tuple(graph.operations[node] for node in number), tuple(kept))
