"""Inputs of which it is not known yet where their channels are.

An input may be an image with channels first or last, a signal or a sequence of tokens. The first
operation that has its channels on a certain axis tells, be it that it reads the input itself, a
view of it or what is left of it after a rescaling.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class _Twin:
    """A tensor with the axes of an input.

    Attributes:
        number: of the input's operation.
        input: the input.
        tensor: the input itself, or made of it entry by entry.
    """

    number: int
    input: Tensor
    tensor: Tensor


class OpenInputs:
    """Inputs that wait for an operation that tells where their channels are."""

    def __init__(self) -> None:
        self._twins: dict[int, _Twin] = {}

    def add(self, number: int, tensor: Tensor) -> None:
        """Let an input wait; the number is that of its operation."""
        self._twins[number] = _Twin(number, tensor, tensor)

    def follow(self, source: int, read: Tensor, number: int, written: Tensor) -> None:
        """Let what is made of an input entry by entry stand for it.

        Args:
            source: number of the operation behind what is read.
            read: the tensor that is read.
            number: of the operation that reads it.
            written: what that makes.
        """
        twin = self._twins.get(source)
        if twin is None or read.shape != written.shape or read.shape != twin.tensor.shape:
            return
        if read.stride() == twin.tensor.stride():
            self._twins[number] = _Twin(twin.number, twin.input, written)

    def settle(self, source: int, view: Tensor, axis: int) -> tuple[int, Tensor, int] | None:
        """Return an input, by number and tensor, and the axis of its channels; it waits no more.

        Args:
            source: number of the operation behind what is read.
            view: what is read, any view of it.
            axis: where the channels of the view are.

        Returns:
            None if this is no waiting input, or if no axis of it is that of the view: one that was
            flattened says nothing.
        """
        twin = self._twins.get(source)
        if twin is None:
            return None
        wanted = (view.shape[axis], view.stride(axis))
        sides = list(zip(twin.tensor.shape, twin.tensor.stride(), strict=True))
        found = [position for position, side in enumerate(sides) if side == wanted]
        if not found:
            return None
        self._twins = {n: other for n, other in self._twins.items() if other.number != twin.number}
        # The batch comes first, so that of axes that look alike the last one has channels.
        return twin.number, twin.input, found[-1]
