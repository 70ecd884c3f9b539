"""A network's computation graph: its primitive operations with their shapes.

Source: Mills et al. 2023, "GENNAPE", section 'Computation Graph'; the vocabulary is that of the
released code. Strides, dilation and groups are not features: what a stride does is seen in the
heights and widths, and a depthwise convolution has a type of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

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
_NUMBER = {name: number for number, name in enumerate(TYPES)}


class GraphError(ValueError):
    """Arrays that do not describe a computation graph."""


@dataclass(frozen=True, eq=False)
class ComputationGraph:
    """Operations in an order in which they can run.

    Attributes:
        types: number of each node's type in :data:`TYPES`, int8, ``(n,)``.
        shapes: :data:`SHAPE_COLUMNS` in pixels and channels, int32, ``(n, 6)``; vectors have height
            and width 1.
        kernels: height and width of the kernel, 0 where there is none, int16, ``(n, 2)``.
        bias: whether a weighted node adds a bias, bool, ``(n,)``.
        flops: twice the multiply-accumulates of convolutions and matrix products for one image,
            int64, ``(n,)``.
        params: trainable parameters, int64, ``(n,)``.
        edges: source and target of each edge, source first, int32, ``(m, 2)``, sorted.

    Raises:
        GraphError: the arrays have other shapes, a type does not exist, or an edge points backwards
            or out of the graph.
    """

    types: NDArray[np.int8]
    shapes: NDArray[np.int32]
    kernels: NDArray[np.int16]
    bias: NDArray[np.bool_]
    flops: NDArray[np.int64]
    params: NDArray[np.int64]
    edges: NDArray[np.int32]

    def __post_init__(self) -> None:
        count = len(self.types)
        expected = {
            "types": (count,), "shapes": (count, 6), "kernels": (count, 2), "bias": (count,),
            "flops": (count,), "params": (count,), "edges": (len(self.edges), 2),
        }  # fmt: skip
        for name, shape in expected.items():
            found = getattr(self, name).shape
            if found != shape:
                raise GraphError(f"{name} of a graph of {count} nodes need {shape}, got {found}")
        if count and not (self.types.min() >= 0 and self.types.max() < len(TYPES)):
            raise GraphError(f"types must be numbers from 0 to {len(TYPES) - 1}")
        sources, targets = self.edges[:, 0], self.edges[:, 1]
        if len(self.edges) and (
            sources.min() < 0 or targets.max() >= count or not (sources < targets).all()
        ):
            raise GraphError("edges must run from a node to a later one of the same graph")

    def __len__(self) -> int:
        return len(self.types)

    @property
    def type_names(self) -> list[str]:
        """Name of each node's type."""
        return [TYPES[number] for number in self.types]

    def same_as(self, other: ComputationGraph) -> bool:
        """Return whether all nodes and edges are equal, in the same order."""
        return all(
            np.array_equal(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)
        )


def type_number(name: str) -> int:
    """Return the number of a type; KeyError if it does not exist."""
    return _NUMBER[name]
