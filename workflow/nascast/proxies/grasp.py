"""How much the gradient's flow suffers without a weight."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass


class Grasp(Proxy):
    """``-sum of W * (H dL/dW)`` over convolutions and linear layers; H is the loss's Hessian.

    The loss is taken at temperature 1 and the mini-batch in one part, as in NAS-Bench-Suite-Zero.
    Cost: a forward pass, a differentiable backward pass and one through both.
    """

    name: ClassVar[str] = "grasp"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CURVATURE})
    reference: ClassVar[str] = (
        "Wang et al. 2020, 'Picking Winning Tickets Before Training by Preserving Gradient "
        "Flow', equation 8"
    )

    def score(self, seen: SharedPass) -> float:
        """Return the sum over all weights."""
        return -float(seen.curvature)
