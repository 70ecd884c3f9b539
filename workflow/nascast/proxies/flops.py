"""Floating-point operations of one forward pass."""

from __future__ import annotations

from typing import ClassVar

from nascast.networks.counts import count_macs
from nascast.proxies.base import Proxy
from nascast.proxies.shared_pass import SharedPass


class Flops(Proxy):
    """Twice the multiply-accumulates of convolutions and linear layers for one image.

    Cost: a forward pass of one image.
    """

    name: ClassVar[str] = "flops"
    reference: ClassVar[str] = "Ning et al. 2021, 'Evaluating Efficient Performance Estimators'"

    def score(self, seen: SharedPass) -> float:
        """Return the count."""
        return 2.0 * count_macs(seen.model, tuple(seen.batch.inputs.shape[1:]))
