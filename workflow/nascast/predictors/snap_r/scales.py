"""What SNAP-R learns, and the scale on which its members are added up.

Raw accuracies are dominated by the tail of failed networks, so the target is the rank among the
training networks. Scores of different members are compared by their place in the distribution of
the training networks' scores, which needs nothing of the networks that are ranked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def uniform_ranks(labels: Floats) -> Floats:
    """Return the rank of each label in (0, 1), ties at their mean, ``(n,)``."""
    ordered = np.sort(labels)
    below, through = (np.searchsorted(ordered, labels, side) for side in ("left", "right"))
    ranks: Floats = (below + through) / (2 * len(labels))
    return ranks


class Standardiser:
    """Puts one member's scores on the scale of its scores of the training networks.

    Args:
        scores: of the training networks, ``(n,)``.
    """

    def __init__(self, scores: Floats) -> None:
        self._mean = float(scores.mean())
        self._deviation = float(scores.std()) or 1.0

    def __call__(self, scores: Floats) -> Floats:
        """Return deviations from the training networks' mean, in their standard deviations."""
        return (scores - self._mean) / self._deviation
