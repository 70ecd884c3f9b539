"""Height, width and channels of tensors of any rank.

Torch does not say which axis holds the channels. Images have them behind the batch, token sequences
last, and a network may turn one into the other; a view keeps the stride of its channels, and so
tells where they went.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from nascast.graphs.normal_form import Shape
from nascast.graphs.operations import Channels
from nascast.graphs.storages import storage_key

# Bytes are images before they are scaled, Booleans masks of what they were compared from.
_INDICES = (torch.int32, torch.int64)


class Axes:
    """Where the channels of tensors lie, as far as it is known."""

    def __init__(self) -> None:
        self._strides: dict[int, int] = {}

    def put(self, tensor: Tensor, axis: int) -> None:
        """Let an axis of a tensor, and of all views of it, be that of its channels."""
        if tensor.dim() and tensor.shape[axis] > 1:
            self._strides[storage_key(tensor)] = tensor.stride(axis)

    def axis(self, tensor: Tensor) -> int:
        """Return the axis along which channels lie.

        Unless more is known it is the second of images, the last of other tensors.
        """
        stride = self._strides.get(storage_key(tensor))
        for axis in range(tensor.dim()):
            if stride is not None and tensor.stride(axis) == stride and tensor.shape[axis] > 1:
                return axis
        return _default(tensor)

    def extents(self, tensor: Tensor) -> Shape:
        """Return height, width and channels of one element of a batch."""
        return extents(tensor, self.axis(tensor))

    def derive(self, source: Tensor, axis: int, result: Tensor, channels: Channels) -> None:
        """Put the channels of an operation's result.

        Args:
            source: what the operation reads.
            axis: where the channels of that are.
            result: what it writes.
            channels: on which axis the operation writes them.
        """
        if channels == "first":
            self.put(result, min(1, result.dim() - 1))
        elif channels == "last":
            self.put(result, result.dim() - 1)
        elif source.dim() == result.dim():
            self.put(result, axis)
        else:
            self.put(result, _default(result))

    def copy(self, source: Tensor, target: Tensor) -> None:
        """Put the channels of a tensor where those of another are that is copied into it."""
        if source.dim() == target.dim():
            self.put(target, self.axis(source))


def extents(tensor: Tensor, axis: int) -> Shape:
    """Return height, width and channels of one element of a batch.

    The last axis beside the channels is the width, all before it are the height, so that signals
    and token sequences are images of one row. Integers of 32 or 64 bits are indices: every axis is
    a position.

    Args:
        tensor: its first axis is the batch.
        axis: where its channels lie.
    """
    if tensor.dim() == 0:
        return (1, 1, 1)
    is_index = tensor.dtype in _INDICES
    channels = 1 if is_index else tensor.shape[axis]
    positions = [
        size
        for position, size in enumerate(tensor.shape)
        if position > 0 and (is_index or position != axis % tensor.dim())
    ]
    return (prod(positions[:-1]), positions[-1] if positions else 1, channels)


def _default(tensor: Tensor) -> int:
    return 1 if tensor.dim() >= 4 else max(tensor.dim() - 1, 0)
