"""Which operation made the values of a tensor, told by its storage.

All views of a storage show the values that were last written to it, so that neither views nor
operations in place need a record of their own. Parts that were written apart, like the channels of
a buffer, are kept apart until something reads across them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Region:
    """Where in its storage a tensor lies, in elements."""

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def overlaps(self, other: Region) -> bool:
        """Return whether two regions may share an element; exact for parts of one tensor."""
        first, second = sorted((self, other), key=lambda region: region.offset)
        if first.strides == second.strides and first._lies_beside(second):
            return False
        return second.offset < first._end

    @property
    def _end(self) -> int:
        steps = zip(self.shape, self.strides, strict=True)
        return self.offset + sum((size - 1) * stride for size, stride in steps) + 1

    def _lies_beside(self, later: Region) -> bool:
        """Tell whether a later region is this one moved along one axis, by its size or more."""
        distance = later.offset - self.offset
        for axis, stride in enumerate(self.strides):
            outer = min((s for s in self.strides if s > stride), default=None)
            steps, rest = divmod(distance, stride) if stride else (0, 1)
            is_apart = rest == 0 and steps >= self.shape[axis]
            if is_apart and (outer is None or (steps + later.shape[axis]) * stride <= outer):
                return True
        return False


class Storages:
    """The operations behind the values of tensors.

    Args:
        assemble: appends the operation that puts the parts of a tensor together, and returns its
            number; given the tensor and the numbers behind its ground and its parts.
    """

    def __init__(self, assemble: Callable[[Tensor, tuple[int, ...]], int]) -> None:
        self._assemble = assemble
        self._whole: dict[int, int] = {}
        self._parts: dict[int, dict[Region, int]] = {}
        # The tensor that a storage was made for; keeps the storage, and so its key, alive.
        self._home: dict[int, Tensor] = {}

    def __contains__(self, tensor: Tensor) -> bool:
        return storage_key(tensor) in self._home

    def made(self, tensor: Tensor, number: int) -> None:
        """Let an operation have made a tensor with a storage of its own."""
        key = storage_key(tensor)
        self._home[key] = tensor
        self._whole[key] = number

    def home(self, tensor: Tensor) -> Tensor:
        """Return the tensor that a tensor's storage was made for."""
        return self._home[storage_key(tensor)]

    def operation(self, tensor: Tensor) -> int:
        """Return the number of the operation behind a tensor's values; KeyError if unknown."""
        key, parts = storage_key(tensor), self._parts.get(storage_key(tensor))
        if not parts:
            return self._whole[key]
        region = region_of(tensor)
        if region in parts:
            return parts[region]
        if not any(region.overlaps(part) for part in parts):
            return self._whole[key]
        return self._join(key)

    def write(self, tensor: Tensor, number: int) -> None:
        """Let an operation have written to a tensor."""
        key, region = storage_key(tensor), region_of(tensor)
        if tensor.numel() == self._home[key].numel():
            self._whole[key] = number
            self._parts.pop(key, None)
            return
        parts = self._parts.get(key, {})
        if any(region.overlaps(part) for part in parts if part != region):
            self._join(key)
        self._parts.setdefault(key, {})[region] = number

    def _join(self, key: int) -> int:
        """Put the parts of a storage together; return the operation that does."""
        parts = self._parts.pop(key)
        number = self._assemble(self._home[key], (self._whole[key], *parts.values()))
        self._whole[key] = number
        return number


def storage_key(tensor: Tensor) -> int:
    """Return what tells a tensor's storage from all others that are alive."""
    return int(tensor.untyped_storage()._cdata)


def region_of(tensor: Tensor) -> Region:
    """Return where in its storage a tensor lies; axes of one element do not matter."""
    axes = [axis for axis in range(tensor.dim()) if tensor.shape[axis] > 1]
    shape = tuple(tensor.shape[axis] for axis in axes)
    return Region(int(tensor.storage_offset()), shape, tuple(tensor.stride(a) for a in axes))
