"""How much of a label is the architecture's and how much is the seed's.

A label that is a mean over ``k`` trainings is judged by the Kendall tau it would reach with another
mean over ``k`` new trainings. Spearman-Brown's formula extrapolates the correlation between single
trainings to that between means; it holds for product-moment correlations, so tau is carried over
and back by Greiner's relation ``r = sin(pi tau / 2)``, exact for bivariate normal scores.

Sources: Spearman 1910 and Brown 1910 (the prophecy formula); Greiner 1909 (tau and r).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Reliability:
    """Agreement of a label with itself over seeds.

    Attributes:
        networks: number of networks.
        seeds: trainings of each network that were compared.
        averaged: trainings that the shipped label averages.
        single_tau: mean Kendall tau between single trainings over all pairs of seeds.
        label_tau: predicted tau between two labels that each average ``averaged`` trainings.
        ci_low: lower end of the 95% bootstrap interval of ``label_tau`` over networks.
        ci_high: its upper end.
    """

    networks: int
    seeds: int
    averaged: int
    single_tau: float
    label_tau: float
    ci_low: float
    ci_high: float


def assess(
    scores: NDArray[np.float64],
    rng: np.random.Generator,
    averaged: int | None = None,
    draws: int = 1000,
) -> Reliability:
    """Measure the reliability of a label.

    Args:
        scores: one row a network, one column a seed, finite.
        rng: source of the bootstrap.
        averaged: trainings that the label averages; all columns if not given.
        draws: bootstrap draws.

    Raises:
        ValueError: for fewer than three networks, fewer than two seeds, or scores not finite.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[0] < 3 or scores.shape[1] < 2:
        raise ValueError(
            f"reliability needs scores of shape (networks >= 3, seeds >= 2), got {scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("reliability needs finite scores; give diverged trainings their status")
    networks, seeds = scores.shape
    averaged = seeds if averaged is None else averaged
    single = seed_agreement(scores)
    resampled = [
        spearman_brown(seed_agreement(scores[_draw_networks(networks, rng)]), averaged)
        for _ in range(draws)
    ]
    tail = 50 * (1 - _CONFIDENCE)
    low, high = np.percentile(resampled, [tail, 100 - tail])
    return Reliability(
        networks=networks,
        seeds=seeds,
        averaged=averaged,
        single_tau=single,
        label_tau=spearman_brown(single, averaged),
        ci_low=float(low),
        ci_high=float(high),
    )


def seed_agreement(scores: NDArray[np.float64]) -> float:
    """Return the mean Kendall tau-b over all pairs of columns of (networks, seeds)."""
    pairs = itertools.combinations(range(scores.shape[1]), 2)
    return float(np.mean([kendalltau(scores[:, a], scores[:, b]).statistic for a, b in pairs]))


def spearman_brown(tau: float, averaged: int) -> float:
    """Return the tau between means of ``averaged`` trainings from that between single ones.

    Args:
        tau: agreement of single trainings, in [-1, 1]; nothing is gained where it is not positive,
            because averaging noise gives noise.
        averaged: trainings a mean, at least 1.
    """
    if averaged < 1:
        raise ValueError(f"a label averages at least one training, got {averaged}")
    if tau <= 0:
        return tau
    single = np.sin(np.pi * tau / 2)
    mean = averaged * single / (1 + (averaged - 1) * single)
    return float(2 / np.pi * np.arcsin(mean))


def _draw_networks(networks: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Bootstrap sample with at least two distinct networks, as a rank correlation needs.

    Copies of a network tie in both seeds; tau-b leaves such pairs out of its denominator.
    """
    while True:
        chosen = rng.integers(networks, size=networks)
        if len(np.unique(chosen)) > 1:
            return chosen
