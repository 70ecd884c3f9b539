"""How differently the outputs react to the images."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nascast.proxies.base import Need, Proxy
from nascast.proxies.correlations import OFFSET, correlations
from nascast.proxies.shared_pass import SharedPass


class Jacov(Proxy):
    """``-sum of log(v + k) + 1 / (v + k)`` over the eigenvalues v of the Jacobians' correlations.

    A Jacobian is the gradient of the sum of all outputs for one image; ``k`` is 1e-5. Cost: a
    forward pass and a backward pass to the images.
    """

    name: ClassVar[str] = "jacov"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.INPUT_GRADIENTS})
    reference: ClassVar[str] = "Mellor et al. 2020, first version, equation 4"

    def score(self, seen: SharedPass) -> float:
        """Return the score; NaN if the outputs do not depend on an image."""
        matrix = correlations(seen.input_gradients)
        if not np.isfinite(matrix).all():
            return math.nan
        # Rounding may push the eigenvalue of a singular matrix below zero.
        values = np.linalg.eigvalsh(matrix).clip(min=0.0) + OFFSET
        return float(-np.sum(np.log(values) + 1 / values))
