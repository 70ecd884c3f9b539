"""Watches which units of a network are on, activation by activation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nascast.proxies.watchers import GateWatcher


class ActivationPatterns(GateWatcher):
    """Hands on the pattern of every activation that bends, in the order of the forward pass.

    Attributes:
        units: all units of one image that were seen.
    """

    def __init__(self, batch_size: int, on_pattern: Callable[[Tensor], None]) -> None:
        """Watch a mini-batch.

        Args:
            batch_size: number of images.
            on_pattern: is given bool ``(n, units of the activation)``, True where a unit is on.
        """
        super().__init__(batch_size)
        self.units = 0
        self._on_pattern = on_pattern

    def see(self, inputs: Tensor, bend: float) -> None:
        """Hand on the pattern of one activation."""
        pattern = (inputs > bend).reshape(self.batch_size, -1)
        self.units += pattern.shape[1]
        self._on_pattern(pattern)


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
