"""Watches which units of a network are on, activation by activation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nascast.proxies.watchers import GATES


class ActivationPatterns(TorchFunctionMode):
    """Hands on the pattern of every activation that bends, in the order of the forward pass.

    Attributes:
        units: all units of one image that were seen.
    """

    def __init__(self, batch_size: int, see: Callable[[Tensor], None]) -> None:
        """Watch a mini-batch.

        Args:
            batch_size: number of images.
            see: is given bool ``(n, units of the activation)``, True where a unit is on.
        """
        super().__init__()
        self.units = 0
        self._batch_size = batch_size
        self._see = see

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read activations when they ran; they keep the side of the bend that a unit is on."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if name in GATES:
            bend = 0.0
            if name.startswith("hardtanh"):
                bend = args[1] if len(args) > 1 else kwargs.get("min_val", -1.0)
            pattern = (result > bend).reshape(self._batch_size, -1)
            self.units += pattern.shape[1]
            self._see(pattern)
        return result


class PatternHash:
    """Numbers that are the same for two images if, and all but surely only if, all units agree.

    A unit that is on adds random integers to its image's. Their sums are exact in double
    precision, so they depend neither on the order of the units nor on the number of threads. Two
    patterns out of 3,000 images meet with a probability below 1e-11.

    Attributes:
        values: float64 ``(n, 2)``.
    """

    def __init__(self, batch_size: int, device: torch.device) -> None:
        self.values = torch.zeros(batch_size, 2, dtype=torch.float64, device=device)
        self._generator = torch.Generator().manual_seed(0)

    def add(self, pattern: Tensor) -> None:
        """Add the units of one activation, bool ``(n, units)``."""
        # 2^31 times the 2^22 units of the largest networks stays below 2^53.
        keys = torch.randint(2**31, (pattern.shape[1], 2), generator=self._generator)
        self.values += pattern.double() @ keys.to(pattern.device).double()
