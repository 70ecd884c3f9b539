"""A network's computation graph: its primitive operations with their shapes.

Source: Mills et al. 2023, "GENNAPE", section 'Computation Graph'; the vocabulary is that of the
released code. Strides, dilation and groups are not features: what a stride does is seen in the
heights and widths, and a depthwise convolution has a type of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nascast.errors import NascastError

TYPES = (
    "Unknown", "Input", "Output", "Conv", "Depthwise", "BatchNorm", "ReLU", "ReLU6", "MatMul",
    "Add", "Mul", "Concat", "Maxpool", "Avgpool", "Sigmoid", "Tanh", "Swish", "GeLU", "Paddings",
    "Mean", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepthND", "DepthToSpaceND", "Global",
    "Identity", "Zero",
)  # fmt: skip
"""Names of the types by number: what is out of the vocabulary, then the 26 that are in it."""

WEIGHTED = ("Conv", "Depthwise", "MatMul")
"""Types with a weight tensor: only they have a kernel and a bias flag."""

SHAPE_COLUMNS = ("h_in", "w_in", "c_in", "h_out", "w_out", "c_out")
DTYPES = {
    "types": np.int8,
    "shapes": np.int32,
    "kernels": np.int16,
    "bias": np.bool_,
    "flops": np.int64,
    "params": np.int64,
    "edges": np.int32,
}
"""Element type of each array of a graph."""

_NUMBER = {name: number for number, name in enumerate(TYPES)}


class GraphError(NascastError):
    """Arrays that do not describe a computation graph, or a network that has none."""


@dataclass(frozen=True, eq=False)
class ComputationGraph:
    """Operations in an order in which they can run.

    Attributes:
        types: number of each node's type in :data:`TYPES`, int8, ``(n,)``.
        shapes: :data:`SHAPE_COLUMNS` in pixels and channels, int32, ``(n, 6)``; vectors have height
            and width 1. An ``Add``, ``Mul`` or ``Concat`` reads what it writes.
        kernels: height and width of the kernel, 0 where there is none, int16, ``(n, 2)``.
        bias: whether a weighted node adds a bias, bool, ``(n,)``.
        flops: twice the multiply-accumulates of convolutions and matrix products, as
            ``torch.utils.flop_counter`` counts them, int64, ``(n,)``.
        params: learnable parameters, int64, ``(n,)``; shared ones stand at their first reader.
        edges: source and target of each edge, source first, int32, ``(m, 2)``, sorted, each once.

    The arrays are converted to these types, and cannot be written to.

    Raises:
        GraphError: the arrays have other shapes, a type does not exist, a number is negative, a
            kernel or bias stands at a node without weights, an edge points backwards or out of the
            graph, or a node reads nothing though it is no input.
    """

    types: NDArray[np.int8]
    shapes: NDArray[np.int32]
    kernels: NDArray[np.int16]
    bias: NDArray[np.bool_]
    flops: NDArray[np.int64]
    params: NDArray[np.int64]
    edges: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name, dtype in DTYPES.items():
            array: NDArray[Any] = np.asarray(getattr(self, name), dtype).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        self._check_shapes()
        self._check_nodes()
        self._check_edges()

    def __len__(self) -> int:
        return len(self.types)

    @property
    def type_names(self) -> list[str]:
        """Name of each node's type."""
        return [TYPES[number] for number in self.types]

    @property
    def predecessors(self) -> list[list[int]]:
        """Nodes that each node reads, in order."""
        read: list[list[int]] = [[] for _ in range(len(self))]
        for source, target in self.edges.tolist():
            read[target].append(source)
        return read

    def same_as(self, other: ComputationGraph) -> bool:
        """Return whether all nodes and edges are equal, in the same order."""
        return all(
            np.array_equal(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)
        )

    def fingerprint(self) -> str:
        """Return a hash that graphs share when they are equal up to the order of their nodes.

        Every node is hashed with all that it depends on, then with all that depends on it; the
        fingerprint is that of the sorted hashes. Graphs that are not isomorphic have another one,
        but for rare pairs that no such refinement tells apart.
        """
        read = self.predecessors
        readers: list[list[int]] = [[] for _ in range(len(self))]
        for target, sources in enumerate(read):
            for source in sources:
                readers[source].append(target)
        columns = (self.types, self.shapes, self.kernels, self.bias, self.flops, self.params)
        rows = np.column_stack([column.astype(np.int64) for column in columns])
        hashes = [row.tobytes() for row in rows]
        for order, neighbours in ((range(len(self)), read), (reversed(range(len(self))), readers)):
            for node in order:
                around = sorted(hashes[other] for other in neighbours[node])
                hashes[node] = _digest(hashes[node], *around)
        return _digest(*sorted(hashes)).hex()

    def prune(self) -> ComputationGraph:
        """Return the graph without the nodes that reach no ``Output``."""
        outputs = np.flatnonzero(self.types == _NUMBER["Output"]).tolist()
        kept = np.array(depended_on(self.predecessors, outputs), dtype=np.int64)
        place = np.full(len(self), -1)
        place[kept] = np.arange(len(kept))
        edges = place[self.edges]
        nodes = {name: getattr(self, name)[kept] for name in DTYPES if name != "edges"}
        return ComputationGraph(**nodes, edges=edges[edges[:, 1] >= 0])

    def _check_shapes(self) -> None:
        count = len(self.types)
        widths = {"types": (), "shapes": (6,), "kernels": (2,), "bias": (), "flops": (),
                  "params": ()}  # fmt: skip
        expected: dict[str, tuple[int, ...]] = {name: (count, *w) for name, w in widths.items()}
        expected["edges"] = (len(self.edges), 2)
        for name, shape in expected.items():
            found = getattr(self, name).shape
            if found != shape:
                raise GraphError(f"{name} of a graph of {count} nodes need {shape}, got {found}")

    def _check_nodes(self) -> None:
        if not ((self.types >= 0) & (self.types < len(TYPES))).all():
            raise GraphError(f"types must be numbers from 0 to {len(TYPES) - 1}")
        for name in ("shapes", "kernels", "flops", "params"):
            if (getattr(self, name) < 0).any():
                raise GraphError(f"{name} of a graph must not be negative")
        weighted = np.isin(self.types, [_NUMBER[name] for name in WEIGHTED])
        wrong = np.flatnonzero(~weighted & (self.bias | self.kernels.any(axis=1)))
        if len(wrong):
            node = int(wrong[0])
            raise GraphError(
                f"node {node} is {TYPES[self.types[node]]}, which has neither kernel nor bias; "
                f"only {', '.join(WEIGHTED)} have"
            )

    def _check_edges(self) -> None:
        sources, targets = self.edges[:, 0], self.edges[:, 1]
        if not ((sources >= 0) & (sources < targets) & (targets < len(self))).all():
            raise GraphError("edges must run from a node to a later one of the same graph")
        steps = np.diff(sources.astype(np.int64) * len(self) + targets)
        if (steps <= 0).any():
            raise GraphError("edges must be sorted, and each given once")
        reads = np.zeros(len(self), dtype=bool)
        reads[targets] = True
        wrong = np.flatnonzero(reads == (self.types == _NUMBER["Input"]))
        if len(wrong):
            node = int(wrong[0])
            what = "an Input, which reads a node" if reads[node] else "no Input, but reads nothing"
            raise GraphError(f"node {node} is {what}")


def depended_on(predecessors: Sequence[Sequence[int]], outputs: Sequence[int]) -> list[int]:
    """Return the nodes that some outputs depend on, the outputs included, in order.

    Args:
        predecessors: earlier nodes that each node reads.
        outputs: the nodes to start from.
    """
    needed = set(outputs)
    for node in range(len(predecessors) - 1, -1, -1):
        if node in needed:
            needed.update(predecessors[node])
    return sorted(needed)


def type_number(name: str) -> int:
    """Return the number of a type; KeyError if it does not exist."""
    return _NUMBER[name]


def _digest(*parts: bytes) -> bytes:
    found: Any = blake2b(digest_size=16)
    for part in parts:
        # The length keeps the border of neighbouring parts apart.
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return bytes(found.digest())
