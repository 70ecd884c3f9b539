"""Whether labels that are trained again are those that were shipped, but for the seed.

A training on another machine, or with another seed, ends elsewhere: rounding grows into differences
as large as those between seeds. What can be asked of a rebuilt label, a mean over as many new
trainings, is that it lies where other seeds might, and on average neither above nor below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 3.0
"""Seed-to-seed deviations that a rebuilt label may lie from the shipped one."""


@dataclass(frozen=True)
class Rebuilt:
    """How rebuilt labels compare with the shipped ones of the same networks.

    Attributes:
        networks: rebuilt networks.
        seeds: trainings of each, as many as were shipped.
        deviation: standard deviation between the shipped trainings of one network, pooled over the
            whole set.
        worst: largest distance of a rebuilt label from the shipped one, in deviations.
        bias: mean difference, rebuilt minus shipped, in deviations.
        bias_limit: what the bias stays below in 95% of unbiased rebuildings.
        agrees: whether ``worst`` and the bias keep to their limits.
    """

    networks: int
    seeds: int
    deviation: float
    worst: float
    bias: float
    bias_limit: float
    agrees: bool


def compare(
    shipped: NDArray[np.float64], again: NDArray[np.float64], rebuilt: NDArray[np.float64]
) -> Rebuilt:
    """Compare rebuilt labels with shipped ones.

    Args:
        shipped: all shipped trainings of the set, one row a network, one column a seed.
        again: the rows of ``shipped`` that were rebuilt.
        rebuilt: their new trainings, of the same shape.

    Raises:
        ValueError: for fewer than two seeds, or rebuilt networks that do not go with ``again``.
    """
    if shipped.ndim != 2 or shipped.shape[1] < 2:
        raise ValueError(f"a deviation needs networks x at least 2 seeds, got {shipped.shape}")
    networks, seeds = rebuilt.shape
    if again.shape != (networks, seeds) or seeds != shipped.shape[1] or not networks:
        raise ValueError(
            f"rebuilt trainings {rebuilt.shape} do not go with {again.shape} of {shipped.shape}"
        )
    deviation = float(np.sqrt(np.mean(np.var(shipped, axis=1, ddof=1))))
    if deviation == 0:
        raise ValueError("the shipped trainings of each network are all the same")
    distances = (rebuilt.mean(axis=1) - again.mean(axis=1)) / deviation
    worst, bias = float(np.abs(distances).max()), float(distances.mean())
    # The variance of a difference of two means over the seeds, over the networks.
    limit = 1.96 * float(np.sqrt(2 / seeds / networks))
    agrees = worst <= LIMIT and abs(bias) <= limit
    return Rebuilt(networks, seeds, deviation, worst, bias, limit, bool(agrees))
