"""Norm of the weights."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of


class L2Norm(Proxy):
    """``sum of ||W||_2`` over the weights of convolutions and linear layers.

    Cost: none.
    """

    name: ClassVar[str] = "l2_norm"
    reference: ClassVar[str] = "Abdelfattah et al. 2021, public code, measures/l2_norm.py"

    def score(self, seen: SharedPass) -> float:
        """Return the sum of the layers' norms."""
        return sum_of(weight.detach().norm() for weight in seen.weights)
