"""Strides and paddings, which a computation graph leaves open, told from what a window reads.

A graph gives the heights and widths before and behind an operation, and of convolutions the kernel.
Several windows may fit these; each function here has one order in which it tries them, stated in
docs/decisions.md, so that a graph always makes the same network.
"""

from __future__ import annotations

from dataclasses import dataclass

from nascast.networks.plan import Pair


@dataclass(frozen=True, slots=True)
class PoolWindow:
    """A square window of a pool.

    Attributes:
        kernel, stride, padding: in pixels, the same along both sides.
    """

    kernel: int
    stride: int
    padding: int


def conv_window(read: Pair, written: Pair, kernel: Pair) -> tuple[Pair, Pair] | None:
    """Return stride and padding of a convolution along both sides, or None if none fits.

    An odd kernel has the padding that keeps the size at stride 1 ("same") and, only if that fits
    no stride, none at all; an even kernel the other way round. Without padding, windows that touch
    each other come first; otherwise the smallest stride is taken. Dilation is read as 1: a dilated
    "same" convolution reads and writes what one without dilation does.

    Args:
        read: height and width of the input.
        written: height and width of the output.
        kernel: height and width of the kernel.
    """
    sides = [_side(*side) for side in zip(read, written, kernel, strict=True)]
    first, second = sides
    if first is None or second is None:
        return None
    return (first[0], second[0]), (first[1], second[1])


def pool_window(read: Pair, written: Pair) -> PoolWindow | None:
    """Return a window of a pool, or None if none fits.

    Pools that keep the size are 3x3. One that leaves a single pixel of a square reads all of it.
    Otherwise, for the smallest stride that fits, windows that touch each other come before 3x3
    windows with padding; these write as much as windows of which the last hangs over the edge.

    Args:
        read: height and width of the input.
        written: height and width of the output.
    """
    if read == written:
        return PoolWindow(3, 1, 1)
    if min(written) < 1:
        return None
    if written == (1, 1) and read[0] == read[1]:
        return PoolWindow(read[0], read[0], 0)
    for stride in range(2, read[0] // written[0] + 2):
        for window in (PoolWindow(stride, stride, 0), PoolWindow(3, stride, 1)):
            if all(_pooled(*side, window) for side in zip(read, written, strict=True)):
                return window
    return None


def _side(read: int, written: int, kernel: int) -> tuple[int, int] | None:
    """Return stride and padding along one side."""
    same = (kernel - 1) // 2
    for padding in (same, 0) if kernel % 2 else (0, same):
        room = read + 2 * padding - kernel
        if room < 0 or written < 1:
            continue
        touching = [] if padding else [kernel]
        for stride in (*touching, room // written + 1):
            if room // stride + 1 == written:
                return stride, padding
    return None


def _pooled(read: int, written: int, window: PoolWindow) -> bool:
    """Tell whether a window makes one side of the other, as torch counts."""
    room = read + 2 * window.padding - window.kernel
    return room >= 0 and room // window.stride + 1 == written
