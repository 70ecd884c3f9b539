"""Sensitivity of the loss to single connections."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of


class Snip(Proxy):
    """``sum of |W * dL/dW|``, entry by entry, over convolutions and linear layers.

    This is the gradient for a mask of ones on the weights. Cost: a forward and a backward pass.
    """

    name: ClassVar[str] = "snip"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.WEIGHT_GRADIENTS})
    reference: ClassVar[str] = (
        "Lee et al. 2019, 'SNIP', equation 5; Abdelfattah et al. 2021, section 3.2"
    )

    def score(self, seen: SharedPass) -> float:
        """Return the sum over all weights."""
        return sum_of(
            (weight.detach() * gradient).abs().sum()
            for weight, gradient in zip(seen.weights, seen.weight_gradients, strict=True)
        )
