"""Number of trainable parameters."""

from __future__ import annotations

from typing import ClassVar

from nascast.networks.counts import count_params
from nascast.proxies.base import Proxy
from nascast.proxies.shared_pass import SharedPass


class Params(Proxy):
    """``sum of numel(w)`` over all trainable parameters, biases and norms included.

    Cost: none.
    """

    name: ClassVar[str] = "params"
    reference: ClassVar[str] = "Ning et al. 2021, 'Evaluating Efficient Performance Estimators'"

    def score(self, seen: SharedPass) -> float:
        """Return the count."""
        return float(count_params(seen.model))
