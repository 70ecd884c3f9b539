"""Folds a computation graph to what fits a page: chains of operations become boxes of few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAMES: Final = {
    "Depthwise": "DW",
    "BatchNorm": "BN",
    "MatMul": "Linear",
    "Maxpool": "MaxPool",
    "Avgpool": "AvgPool",
    "Paddings": "Pad",
}
_FOLLOWERS: Final = frozenset(
    ("BatchNorm", "ReLU", "ReLU6", "Sigmoid", "Tanh", "Swish", "GeLU", "Identity")
)
"""Element by element: they join the row of the operation before them."""

_KINDS: Final = {
    "convolution": ("Conv",),
    "depthwise": ("Depthwise",),
    "linear": ("MatMul",),
    "pool": ("Maxpool", "Avgpool", "Mean"),
    "join": ("Add", "Mul", "Concat"),
    "element": tuple(_FOLLOWERS),
}
_KIND_OF: Final = {name: kind for kind, names in _KINDS.items() for name in names}
_MOST_ROWS: Final = 10  # of one box


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a box.

    Attributes:
        text: what is done.
        kind: see :data:`nascast.report.style.OPERATION_TONES`.
        size: what comes out, height x width x channels; "" where the row below has the same.
    """

    text: str
    kind: str
    size: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """A graph of boxes, each with the rows in it; edges lead from a box to a later one."""

    boxes: tuple[tuple[Row, ...], ...]
    edges: tuple[tuple[int, int], ...]


def fold(
    types: Sequence[str],
    kernels: Sequence[tuple[int, int]],
    sizes: Sequence[tuple[int, int, int]],
    edges: Sequence[tuple[int, int]],
) -> Folded:
    """Return a computation graph with every chain of operations in one box.

    A node joins the box of the node it reads where it reads no other and no other reads that one.
    Within a box, normalisations and activations stand in the row of the operation they follow
    (GENNAPE, section 'Introduced NAS Benchmark Families', calls such a bundle an operator).

    Args:
        types: name of each node's type, :data:`nascast.graphs.computation.TYPES`.
        kernels: height and width of its kernel, 0 where there is none.
        sizes: height, width and channels that it writes.
        edges: pairs of nodes, each from a node to a later one.
    """
    read: list[list[int]] = [[] for _ in types]
    readers = [0] * len(types)
    for source, target in edges:
        read[target].append(source)
        readers[source] += 1
    box_of: list[int] = []
    boxes: list[list[list[int]]] = []
    for node, sources in enumerate(read):
        follows = len(sources) == 1 and readers[sources[0]] == 1
        box = box_of[sources[0]] if follows else len(boxes)
        joins_row = follows and types[node] in _FOLLOWERS
        if follows and not joins_row and len(boxes[box]) == _MOST_ROWS:
            follows, box = False, len(boxes)
        if not follows:
            boxes.append([])
        if joins_row:
            boxes[box][-1].append(node)
        else:
            boxes[box].append([node])
        box_of.append(box)
    links = {(box_of[source], box_of[target]) for source, target in edges}
    return Folded(
        tuple(_rows(rows, types, kernels, sizes) for rows in boxes),
        tuple(sorted((source, target) for source, target in links if source != target)),
    )


def _rows(
    rows: Sequence[Sequence[int]],
    types: Sequence[str],
    kernels: Sequence[tuple[int, int]],
    sizes: Sequence[tuple[int, int, int]],
) -> tuple[Row, ...]:
    written = ["×".join(map(str, sizes[row[-1]])) for row in rows]
    below = [*written[1:], ""]
    return tuple(
        Row(
            "·".join(_name(types[node], kernels[node]) for node in row),
            _KIND_OF.get(types[row[0]], "other"),
            "" if size == next_size else size,
        )
        for row, size, next_size in zip(rows, written, below, strict=True)
    )


def _name(kind: str, kernel: tuple[int, int]) -> str:
    name = _NAMES.get(kind, kind)
    return f"{name} {kernel[0]}×{kernel[1]}" if all(kernel) and kind != "MatMul" else name
