"""Whether labels that are trained again are those that were shipped, but for the seed.

A training on another machine, or with another seed, ends elsewhere: rounding grows into differences
as large as those between seeds. What can be asked of a rebuilt label is that it lies where another
seed might, and that on average it lies neither above nor below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 3.0
"""Seed-to-seed deviations that a rebuilt training may lie from the shipped mean."""


@dataclass(frozen=True)
class Rebuilt:
    """How rebuilt trainings compare with the shipped ones of the same networks.

    Attributes:
        networks: rebuilt networks, one training each.
        deviation: standard deviation between the shipped trainings of one network, pooled over the
            whole set.
        worst: largest distance of a rebuilt training from the mean of the shipped ones, in
            deviations.
        bias: mean difference, rebuilt minus shipped, in deviations.
        bias_limit: what the bias stays below in 95% of unbiased rebuildings.
        agrees: whether ``worst`` and the bias keep to their limits.
    """

    networks: int
    deviation: float
    worst: float
    bias: float
    bias_limit: float
    agrees: bool


def compare(
    shipped: NDArray[np.float64], again: NDArray[np.float64], rebuilt: NDArray[np.float64]
) -> Rebuilt:
    """Compare rebuilt trainings with shipped ones.

    Args:
        shipped: all shipped trainings of the set, one row a network, one column a seed.
        again: the rows of ``shipped`` that were rebuilt.
        rebuilt: one new training of each of them.

    Raises:
        ValueError: for fewer than two seeds, or rebuilt networks that do not go with ``again``.
    """
    if shipped.ndim != 2 or shipped.shape[1] < 2:
        raise ValueError(f"a deviation needs networks x at least 2 seeds, got {shipped.shape}")
    if again.shape != (len(rebuilt), shipped.shape[1]) or not len(rebuilt):
        raise ValueError(f"{len(rebuilt)} rebuilt networks do not go with rows {again.shape}")
    deviation = float(np.sqrt(np.mean(np.var(shipped, axis=1, ddof=1))))
    if deviation == 0:
        raise ValueError("the shipped trainings of each network are all the same")
    distances = (rebuilt - again.mean(axis=1)) / deviation
    # Each difference varies by the rebuilt training and by the mean over the shipped seeds.
    spread = np.sqrt((1 + 1 / shipped.shape[1]) / len(rebuilt))
    worst, bias, limit = float(np.abs(distances).max()), float(distances.mean()), 1.96 * spread
    agrees = worst <= LIMIT and abs(bias) <= limit
    return Rebuilt(len(rebuilt), deviation, worst, bias, float(limit), bool(agrees))
