"""Small sub-graphs of primitive operations that may stand in the place of a sequence.

The blocks are those of GENNAPE's families: single, double and factorised convolutions, depthwise
ones with a pointwise one behind, bottlenecks, parallel paths and pools.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from nascast.graphs.normal_form import Operation, Shape
from nascast.graphs.windows import conv_window, pool_window

SOURCE = -1
"""Among the inputs of an operation of a block: what the block reads."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a block has activations.

    Attributes:
        lead: type of the activation in front of its convolutions; None without one.
        trail: type of the activation behind their batch norms; None without one.
        inner: type of activations between convolutions.
    """

    lead: str | None
    trail: str | None
    inner: str = "ReLU"


@dataclass(frozen=True, slots=True)
class Step:
    """One weighted operation with the batch norm behind it.

    Attributes:
        kernel: height and width.
        width: channels that it writes, as a part of those of its path.
        depthwise: whether it reads and writes each channel by itself.
    """

    kernel: tuple[int, int]
    width: Fraction = Fraction(1)
    depthwise: bool = False


def _steps(*kernels: int | tuple[int, int]) -> tuple[Step, ...]:
    return tuple(Step(k if isinstance(k, tuple) else (k, k)) for k in kernels)


def _bottleneck(width: Fraction, *, depthwise: bool = False) -> tuple[Step, ...]:
    inner = Step((3, 3), width, depthwise)
    return (Step((1, 1), width), inner, Step((1, 1)))


PATHS: dict[str, tuple[tuple[Step, ...], ...]] = {
    "conv1x1": (_steps(1),),
    "conv3x3": (_steps(3),),
    "conv5x5": (_steps(5),),
    "double3x3": (_steps(3, 3),),
    "separable3": (_steps((1, 3), (3, 1)),),
    "separable5": (_steps((1, 5), (5, 1)),),
    "depthwise3x3-conv1x1": ((Step((3, 3), depthwise=True), *_steps(1)),),
    "depthwise5x5-conv1x1": ((Step((5, 5), depthwise=True), *_steps(1)),),
    "bottleneck/2": (_bottleneck(Fraction(1, 2)),),
    "bottleneck/4": (_bottleneck(Fraction(1, 4)),),
    "inverted*2": (_bottleneck(Fraction(2), depthwise=True),),
    "parallel3": (_steps((1, 3)), _steps((3, 1))),
}
"""Paths of each block with weights; several share its channels evenly and are concatenated."""
POOLS = {"maxpool": "Maxpool", "avgpool": "Avgpool"}
"""Type of each block that is a pool, without batch norm or activation."""
BLOCKS = (*PATHS, *POOLS)


def make_block(name: str, read: Shape, written: Shape, frame: Frame) -> list[Operation] | None:
    """Return a block's operations in order, their inputs numbered within it; None if it misfits.

    The first kernel larger than a pixel has the stride, the last convolution makes the channels.

    Args:
        name: one of :data:`BLOCKS`.
        read: height, width and channels that the block reads.
        written: those that it writes.
        frame: its activations.

    Returns:
        Operations of which those that read from outside read :data:`SOURCE`. The last one writes
        what the block writes.
    """
    if name in POOLS:
        window = pool_window(read[:2], written[:2])
        fits = window is not None and read[2] == written[2]
        return [Operation(POOLS[name], (SOURCE,), read, written)] if fits else None
    paths = PATHS[name]
    if written[2] % len(paths):
        return None
    share = (*written[:2], written[2] // len(paths))
    made: list[Operation] = []
    start = SOURCE
    if frame.lead is not None:
        start = _activate(made, start, frame.lead, read)
    ends = []
    for path in paths:
        end = _append_path(made, start, path, read, share, frame)
        if end is None:
            return None
        ends.append(end)
    if len(ends) > 1:
        made.append(Operation("Concat", tuple(ends), written, written))
    return made


def weighted(read: Shape, written: Shape, step: Step, source: int) -> Operation | None:
    """Return the convolution of a step without a bias, with its size; None if none fits."""
    if conv_window(read[:2], written[:2], step.kernel) is None:
        return None
    if step.depthwise and not read[2] == written[2] > 1:
        return None
    params = step.kernel[0] * step.kernel[1] * written[2] * (1 if step.depthwise else read[2])
    return Operation(
        "Depthwise" if step.depthwise else "Conv",
        (source,),
        read,
        written,
        kernel=step.kernel,
        flops=2 * params * written[0] * written[1],
        params=params,
    )


def block_of(nodes: Sequence[Operation], removed: Sequence[int], source: int) -> list[Operation]:
    """Return some nodes of a graph as a block.

    Args:
        nodes: of the graph, in order.
        removed: numbers of the block's nodes, in order; its other inputs are all ``source``.
        source: number of the node that the block reads.
    """
    place = {source: SOURCE} | {number: position for position, number in enumerate(removed)}
    return [
        replace(nodes[number], inputs=tuple(place[i] for i in nodes[number].inputs))
        for number in removed
    ]


def _append_path(
    made: list[Operation],
    start: int,
    path: Sequence[Step],
    read: Shape,
    written: Shape,
    frame: Frame,
) -> int | None:
    """Append one path of a block; return its last operation, None if a step does not fit."""
    is_spatial = [step.kernel != (1, 1) for step in path]
    strided = is_spatial.index(True) if any(is_spatial) else 0
    end, seen = start, read
    for place, step in enumerate(path):
        # A depthwise convolution keeps the channels that it reads.
        width = seen[2] if step.depthwise else int(written[2] * step.width)
        area = written[:2] if place >= strided else read[:2]
        shape = (*area, width)
        operation = weighted(seen, shape, step, end) if width else None
        if operation is None:
            return None
        made.append(operation)
        made.append(Operation("BatchNorm", (len(made) - 1,), shape, shape, params=2 * width))
        end, seen = len(made) - 1, shape
        after = frame.trail if place == len(path) - 1 else frame.inner
        if after is not None:
            end = _activate(made, end, after, shape)
    return end


def _activate(made: list[Operation], source: int, type_: str, shape: Shape) -> int:
    made.append(Operation(type_, (source,), shape, shape))
    return len(made) - 1
