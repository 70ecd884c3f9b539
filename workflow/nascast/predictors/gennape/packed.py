"""Computation graphs of many networks as plain arrays back to back, and batches of some of them.

Nodes that compute the same from the same are held once, with their number: see
:mod:`nascast.predictors.gennape.merging`. 50,000 graphs of full-size NAS-Bench-101 networks, 9.5
million nodes, take less than 200 MB so. A batch is cut out with array operations alone, whatever
the number of its graphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_PARTS = {
    "kind_starts": ("types", "shapes", "kernels", "bias", "kind_sizes"),
    "node_starts": ("node_kinds", "node_sizes"),
    "edge_starts": ("edges",),
}
"""Which arrays each array of starts divides among the graphs."""


@dataclass(frozen=True)
class PackedGraphs:
    """Computation graphs one behind another; kinds, nodes and edges are those of one graph each.

    Attributes:
        arch_ids: the networks, ``n`` of them.
        types: number of each kind's operation, int8, ``(kinds,)``.
        shapes: height, width and channels read, then written, int32, ``(kinds, 6)``.
        kernels: height and width of the kernel, 0 where there is none, int16, ``(kinds, 2)``.
        bias: whether a kind with weights adds a bias, bool, ``(kinds,)``.
        kind_sizes: how many nodes of the network are of a kind, int32, ``(kinds,)``.
        node_kinds: each node's kind, numbered within the graph, int32, ``(nodes,)``.
        node_sizes: how many nodes of the network a node stands for, int32, ``(nodes,)``.
        edges: source and target, numbered within the graph, int32, ``(edges, 2)``; one that stands
            for two reads of equal nodes is given twice.
        kind_starts: first kind of each graph, and the end of the last, int64, ``(n + 1,)``.
        node_starts: the same of the nodes.
        edge_starts: the same of the edges.
        gflops: floating-point operations of a forward pass in 10**9, float64, ``(n,)``.

    Raises:
        ValueError: arrays do not fit each other, or a graph has no node.
    """

    arch_ids: tuple[str, ...]
    types: NDArray[np.int8]
    shapes: NDArray[np.int32]
    kernels: NDArray[np.int16]
    bias: NDArray[np.bool_]
    kind_sizes: NDArray[np.int32]
    node_kinds: NDArray[np.int32]
    node_sizes: NDArray[np.int32]
    edges: NDArray[np.int32]
    kind_starts: NDArray[np.int64]
    node_starts: NDArray[np.int64]
    edge_starts: NDArray[np.int64]
    gflops: NDArray[np.float64]

    def __post_init__(self) -> None:
        count, widths = len(self.arch_ids), {"shapes": 6, "kernels": 2, "edges": 2}
        for first, names in _PARTS.items():
            own = getattr(self, first)
            _expect(first, own.shape, (count + 1,), count)
            if (np.diff(own) < (first != "edge_starts")).any():
                raise ValueError(f"{first} of packed graphs must rise: none is without a node")
            for name in names:
                width = (widths[name],) if name in widths else ()
                _expect(name, getattr(self, name).shape, (int(own[-1]), *width), count)
        _expect("gflops", self.gflops.shape, (count,), count)

    def __len__(self) -> int:
        return len(self.arch_ids)

    def take(self, graphs: NDArray[np.int64]) -> PackedGraphs:
        """Return some graphs, in the order of their numbers."""
        return PackedGraphs(
            arch_ids=tuple(self.arch_ids[graph] for graph in graphs),
            gflops=self.gflops[graphs],
            **self._cut(graphs),
        )

    def batch(self, graphs: NDArray[np.int64]) -> GraphBatch:
        """Return some graphs as tensors, in the order of their numbers."""
        cut = self._cut(graphs)
        kinds, nodes, edges = (np.diff(cut[first]) for first in _PARTS)
        node_kinds = cut["node_kinds"] + np.repeat(cut["kind_starts"][:-1], nodes)
        edge_index = cut["edges"] + np.repeat(cut["node_starts"][:-1], edges)[:, None]
        return GraphBatch(
            types=torch.from_numpy(cut["types"].astype(np.int64)),
            shapes=torch.from_numpy(cut["shapes"].astype(np.float32)),
            kernels=torch.from_numpy(cut["kernels"].astype(np.int64)),
            bias=torch.from_numpy(cut["bias"].astype(np.int64)),
            kind_sizes=torch.from_numpy(cut["kind_sizes"].astype(np.float32)),
            kind_counts=torch.from_numpy(kinds),
            node_kinds=torch.from_numpy(node_kinds),
            node_sizes=torch.from_numpy(cut["node_sizes"].astype(np.float32)),
            node_counts=torch.from_numpy(nodes),
            edge_index=torch.from_numpy(np.ascontiguousarray(edge_index.T)),
        )

    def by_size(self) -> NDArray[np.int64]:
        """Return the numbers of all graphs, few kinds first, whatever their order here."""
        return np.lexsort((np.array(self.arch_ids), np.diff(self.kind_starts)))

    def batches(self, size: int) -> Iterator[tuple[NDArray[np.int64], GraphBatch]]:
        """Yield all graphs with their numbers, ``size`` at a time, in the order of size."""
        order = self.by_size()
        for start in range(0, len(order), size):
            graphs = order[start : start + size]
            yield graphs, self.batch(graphs)

    def _cut(self, graphs: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return the arrays of some graphs, without those that have a row a graph."""
        found: dict[str, NDArray[Any]] = {}
        for first, names in _PARTS.items():
            old = getattr(self, first)
            counts = np.diff(old)[graphs]
            found[first] = starts(counts)
            rows = np.arange(found[first][-1]) + np.repeat(old[graphs] - found[first][:-1], counts)
            found |= {name: getattr(self, name)[rows] for name in names}
        return found


@dataclass(frozen=True)
class GraphBatch:
    """Some graphs as one graph without edges between them.

    Attributes:
        types: int64, ``(kinds,)``.
        shapes: float32, ``(kinds, 6)``, in pixels and channels.
        kernels: int64, ``(kinds, 2)``.
        bias: int64 0 or 1, ``(kinds,)``.
        kind_sizes: nodes of a kind, float32, ``(kinds,)``.
        kind_counts: kinds of each graph, int64, ``(graphs,)``.
        node_kinds: kind of each node, int64, ``(nodes,)``.
        node_sizes: how many nodes a node stands for, float32, ``(nodes,)``.
        node_counts: nodes of each graph, int64, ``(graphs,)``.
        edge_index: sources and targets, int64, ``(2, edges)``.
    """

    types: Tensor
    shapes: Tensor
    kernels: Tensor
    bias: Tensor
    kind_sizes: Tensor
    kind_counts: Tensor
    node_kinds: Tensor
    node_sizes: Tensor
    node_counts: Tensor
    edge_index: Tensor

    def __len__(self) -> int:
        return len(self.kind_counts)

    def mean_of_nodes(self, values: Tensor) -> Tensor:
        """Return the mean over all nodes of each network: a row a node to a row a graph."""
        return _mean(values, self.node_sizes, self.node_counts)

    def mean_of_kinds(self, values: Tensor) -> Tensor:
        """Return the same mean, where nodes of a kind share a row."""
        return _mean(values, self.kind_sizes, self.kind_counts)


def concatenate(parts: Sequence[PackedGraphs]) -> PackedGraphs:
    """Return the graphs of several packs in one; ValueError without any pack."""
    if not parts:
        raise ValueError("no packed graphs were given to put together")
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(PackedGraphs)
        if field.name != "arch_ids" and field.name not in _PARTS
    }
    joined |= {
        first: starts(np.concatenate([np.diff(getattr(part, first)) for part in parts]))
        for first in _PARTS
    }
    return PackedGraphs(tuple(name for part in parts for name in part.arch_ids), **joined)


def starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of some segments starts, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _mean(values: Tensor, sizes: Tensor, counts: Tensor) -> Tensor:
    """Return weighted means over segments that lie one behind another."""
    joint = torch.cat([values * sizes[:, None], sizes[:, None]], dim=1)
    sums = torch.segment_reduce(joint, "sum", lengths=counts)
    return sums[:, :-1] / sums[:, -1:]


def _expect(name: str, found: tuple[int, ...], wanted: tuple[int, ...], count: int) -> None:
    if found != wanted:
        raise ValueError(f"{name} of {count} packed graphs must be {wanted}, got {found}")
