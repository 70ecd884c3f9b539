"""Holds nodes of a graph once that no message passing along the edges can tell apart.

A network repeats its cells, so that many nodes do the same to the same. Two nodes have equal values
behind ``d`` layers of message passing if the trees of what they read, down to depth ``d``, are
equal (Weisfeiler and Leman's colour refinement, along the edges only). One of them then stands for
all: every layer, and any mean over nodes, comes out as before, at half the cost on full-size
NAS-Bench-101 networks. What looks at a node without its edges needs only one of each kind, that is
of equal operation and shapes: a fifth of the nodes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.gennape.packed import PackedGraphs, starts

DEPTH = 6
"""Layers of message passing that merged graphs serve: as many as the deepest network has."""

_Hashes = NDArray[np.uint64]


class PlainGraphs(NamedTuple):
    """Computation graphs one behind another as they are; shapes as in :class:`PackedGraphs`.

    Attributes:
        arch_ids: the networks.
        types, shapes, kernels, bias: one row a node.
        edges: numbered within the graph, sources before targets, each given once.
        node_starts, edge_starts: of each graph, and the end.
        gflops: one number a graph.
    """

    arch_ids: tuple[str, ...]
    types: NDArray[np.int8]
    shapes: NDArray[np.int32]
    kernels: NDArray[np.int16]
    bias: NDArray[np.bool_]
    edges: NDArray[np.int32]
    node_starts: NDArray[np.int64]
    edge_starts: NDArray[np.int64]
    gflops: NDArray[np.float64]


class _Classes(NamedTuple):
    """Nodes that count as equal: the first of each class, how many it has, and its graph's."""

    of_node: NDArray[np.int64]
    first: NDArray[np.int64]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]


def merge_equal_nodes(graphs: PlainGraphs, depth: int = DEPTH) -> PackedGraphs:
    """Return graphs whose nodes are merged where ``depth`` layers cannot tell them apart."""
    sizes = np.diff(graphs.node_starts)
    graph = np.repeat(np.arange(len(sizes)), sizes)
    offsets = np.repeat(graphs.node_starts[:-1], np.diff(graphs.edge_starts))
    sources, targets = graphs.edges.T.astype(np.int64) + offsets
    colours = _hash_rows(graphs)
    kinds = _classes(graph, colours)
    nodes = _classes(graph, _refined(colours, sources, targets, depth))
    # The first of a class reads what any of the class reads, as far as the layers see.
    kept = np.isin(targets, nodes.first)
    ends = np.stack([nodes.of_node[sources[kept]], nodes.of_node[targets[kept]]], axis=1)
    own_graph = graph[targets[kept]]
    return PackedGraphs(
        arch_ids=graphs.arch_ids,
        types=graphs.types[kinds.first],
        shapes=graphs.shapes[kinds.first],
        kernels=graphs.kernels[kinds.first],
        bias=graphs.bias[kinds.first],
        kind_sizes=kinds.sizes.astype(np.int32),
        node_kinds=_within(kinds.of_node[nodes.first], kinds.starts, graph[nodes.first]),
        node_sizes=nodes.sizes.astype(np.int32),
        edges=_within(ends, nodes.starts, own_graph[:, None]),
        kind_starts=kinds.starts,
        node_starts=nodes.starts,
        edge_starts=starts(np.bincount(own_graph, minlength=len(sizes))),
        gflops=graphs.gflops,
    )


def _hash_rows(graphs: PlainGraphs) -> _Hashes:
    """Return a hash of each node's operation, shapes, kernel and bias."""
    columns = (graphs.types, graphs.shapes, graphs.kernels, graphs.bias)
    rows = np.column_stack([column.astype(np.uint64) for column in columns])
    hashes = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T:
        hashes = _mixed(hashes + _mixed(column))
    return hashes


def _refined(
    colours: _Hashes, sources: NDArray[np.int64], targets: NDArray[np.int64], depth: int
) -> _Hashes:
    """Return a hash of each node and of the tree of what it reads."""
    for _ in range(depth):
        # A sum of mixed hashes has no order, but counts how often each is read.
        read = np.zeros_like(colours)
        np.add.at(read, targets, _mixed(colours[sources]))
        colours = _mixed(colours + _mixed(read))
    return colours


def _classes(graph: NDArray[np.int64], hashes: _Hashes) -> _Classes:
    order = np.lexsort((hashes, graph))
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(graph[order]) > 0) | (hashes[order][1:] != hashes[order][:-1])
    of_node = np.empty(len(order), dtype=np.int64)
    of_node[order] = np.cumsum(is_new) - 1
    first = order[is_new]
    ends = starts(np.bincount(graph[first]))
    return _Classes(of_node, first, np.bincount(of_node), ends)


def _within(
    numbers: NDArray[np.int64], first: NDArray[np.int64], graph: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return numbers counted from the start of their graph."""
    return (numbers - first[graph]).astype(np.int32)


def _mixed(values: _Hashes) -> _Hashes:
    """Spread every bit over all 64 (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
