"""Norm of the gradient."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of


class GradNorm(Proxy):
    """``sum of ||dL/dW||_2`` over the weights of convolutions and linear layers.

    Cost: a forward and a backward pass.
    """

    name: ClassVar[str] = "grad_norm"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.WEIGHT_GRADIENTS})
    reference: ClassVar[str] = "Abdelfattah et al. 2021, section 3.2"

    def score(self, seen: SharedPass) -> float:
        """Return the sum of the layers' gradient norms."""
        return sum_of(gradient.norm() for gradient in seen.weight_gradients)
