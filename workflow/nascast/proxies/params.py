"""Number of parameters."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Proxy
from nascast.proxies.shared_pass import SharedPass


class Params(Proxy):
    """``sum of numel(w)`` over all parameters, biases, norms and frozen ones included.

    Cost: none.
    """

    name: ClassVar[str] = "params"
    reference: ClassVar[str] = "Ning et al. 2021, 'Evaluating Efficient Performance Estimators'"

    def score(self, seen: SharedPass) -> float:
        """Return the count."""
        return float(sum(parameter.numel() for parameter in seen.model.parameters()))
