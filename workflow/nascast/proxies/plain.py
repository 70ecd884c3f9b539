"""What gradients say of weights, signs kept."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of_products


class Plain(Proxy):
    """``sum of W * dL/dW``, entry by entry, over convolutions and linear layers.

    Cost: a forward and a backward pass.
    """

    name: ClassVar[str] = "plain"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.WEIGHT_GRADIENTS})
    reference: ClassVar[str] = "Abdelfattah et al. 2021, public code, measures/plain.py"

    def score(self, seen: SharedPass) -> float:
        """Return the sum over all weights."""
        return sum_of_products(seen.weights, seen.weight_gradients)
