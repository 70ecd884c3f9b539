"""Computation graphs of many networks as plain arrays back to back, and batches of some of them.

50,000 graphs of full-size NAS-Bench-101 networks, 9.6 million nodes, take half a gigabyte. A batch
is cut out with array operations alone, whatever the number of its graphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NODE_DTYPES = {"types": np.int8, "shapes": np.int32, "kernels": np.int16, "bias": np.bool_}
"""Element type of each array with one row a node."""


@dataclass(frozen=True)
class PackedGraphs:
    """Computation graphs one behind another.

    Attributes:
        arch_ids: the networks, ``n`` of them.
        types: number of each node's operation, int8, ``(nodes,)``.
        shapes: height, width and channels read and written, int32, ``(nodes, 6)``.
        kernels: height and width of the kernel, 0 where there is none, int16, ``(nodes, 2)``.
        bias: whether a node with weights adds a bias, bool, ``(nodes,)``.
        edges: source and target, numbered within the graph, int32, ``(edges, 2)``.
        node_starts: first node of each graph, and the end of the last, int64, ``(n + 1,)``.
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
    edges: NDArray[np.int32]
    node_starts: NDArray[np.int64]
    edge_starts: NDArray[np.int64]
    gflops: NDArray[np.float64]

    def __post_init__(self) -> None:
        count, nodes, edges = len(self.arch_ids), len(self.types), len(self.edges)
        expected = {
            "shapes": (nodes, 6), "kernels": (nodes, 2), "bias": (nodes,), "edges": (edges, 2),
            "node_starts": (count + 1,), "edge_starts": (count + 1,), "gflops": (count,),
        }  # fmt: skip
        for name, shape in expected.items():
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"{name} of {count} packed graphs need {shape}, got {found}")
        if self.node_starts[-1] != nodes or self.edge_starts[-1] != edges:
            raise ValueError("the last starts of packed graphs must be the numbers of their rows")
        if (np.diff(self.node_starts) < 1).any() or (np.diff(self.edge_starts) < 0).any():
            raise ValueError("each of the packed graphs needs a node, and starts must not fall")

    def __len__(self) -> int:
        return len(self.arch_ids)

    @property
    def node_counts(self) -> NDArray[np.int64]:
        """Number of nodes of each graph, ``(n,)``."""
        return np.diff(self.node_starts)

    def take(self, graphs: NDArray[np.int64]) -> PackedGraphs:
        """Return some graphs, in the order of their numbers."""
        nodes, node_starts = _rows_of(self.node_starts, graphs)
        edges, edge_starts = _rows_of(self.edge_starts, graphs)
        return PackedGraphs(
            arch_ids=tuple(self.arch_ids[graph] for graph in graphs),
            **{name: getattr(self, name)[nodes] for name in NODE_DTYPES},
            edges=self.edges[edges],
            node_starts=node_starts,
            edge_starts=edge_starts,
            gflops=self.gflops[graphs],
        )

    def batch(self, graphs: NDArray[np.int64]) -> GraphBatch:
        """Return some graphs as tensors, in the order of their numbers."""
        nodes, node_starts = _rows_of(self.node_starts, graphs)
        edges, edge_starts = _rows_of(self.edge_starts, graphs)
        counts, edge_counts = np.diff(node_starts), np.diff(edge_starts)
        shifted = self.edges[edges] + np.repeat(node_starts[:-1], edge_counts)[:, None]
        return GraphBatch(
            types=torch.from_numpy(self.types[nodes].astype(np.int64)),
            shapes=torch.from_numpy(self.shapes[nodes].astype(np.float32)),
            kernels=torch.from_numpy(self.kernels[nodes].astype(np.int64)),
            bias=torch.from_numpy(self.bias[nodes].astype(np.int64)),
            edge_index=torch.from_numpy(np.ascontiguousarray(shifted.T)),
            graph=torch.from_numpy(np.repeat(np.arange(len(counts)), counts)),
            counts=torch.from_numpy(counts),
        )

    def by_size(self) -> NDArray[np.int64]:
        """Return the numbers of all graphs, small ones first, whatever their order here."""
        return np.lexsort((np.array(self.arch_ids), self.node_counts))

    def batches(self, size: int) -> Iterator[tuple[NDArray[np.int64], GraphBatch]]:
        """Yield all graphs with their numbers, ``size`` at a time, in the order of size."""
        order = self.by_size()
        for start in range(0, len(order), size):
            graphs = order[start : start + size]
            yield graphs, self.batch(graphs)


@dataclass(frozen=True)
class GraphBatch:
    """Some graphs as one graph without edges between them.

    Attributes:
        types: int64, ``(nodes,)``.
        shapes: float32, ``(nodes, 6)``, in pixels and channels.
        kernels: int64, ``(nodes, 2)``.
        bias: int64 0 or 1, ``(nodes,)``.
        edge_index: sources and targets, int64, ``(2, edges)``.
        graph: number of each node's graph in the batch, int64, ``(nodes,)``, ascending.
        counts: nodes of each graph, int64, ``(graphs,)``.
    """

    types: Tensor
    shapes: Tensor
    kernels: Tensor
    bias: Tensor
    edge_index: Tensor
    graph: Tensor
    counts: Tensor

    def __len__(self) -> int:
        return len(self.counts)

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean over the nodes of each graph, ``(nodes, width)`` to ``(graphs, width)``.

        Nodes of a graph lie together, so that a sum over segments serves, which is faster than one
        over indices.
        """
        mean: Tensor = torch.segment_reduce(values, "mean", lengths=self.counts)
        return mean


def concatenate(parts: Sequence[PackedGraphs]) -> PackedGraphs:
    """Return the graphs of several packs in one; ValueError without any pack."""
    if not parts:
        raise ValueError("no packed graphs were given to put together")
    return PackedGraphs(
        arch_ids=tuple(arch_id for part in parts for arch_id in part.arch_ids),
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in NODE_DTYPES},
        edges=np.concatenate([part.edges for part in parts]),
        node_starts=starts(np.concatenate([np.diff(part.node_starts) for part in parts])),
        edge_starts=starts(np.concatenate([np.diff(part.edge_starts) for part in parts])),
        gflops=np.concatenate([part.gflops for part in parts]),
    )


def starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of some segments starts, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _rows_of(
    first: NDArray[np.int64], graphs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of some segments one behind another, and where each starts among them."""
    counts = np.diff(first)[graphs]
    own = starts(counts)
    return np.arange(own[-1]) + np.repeat(first[graphs] - own[:-1], counts), own
