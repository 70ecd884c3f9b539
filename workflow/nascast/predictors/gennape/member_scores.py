"""How predictors of different scales are averaged.

Source: GENNAPE, "Unseen Architecture Ranking Performance": a weighted average of predictions, with
equal weights zero-shot and the softmax of Kendall's tau on the fine-tuning networks behind it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special, stats

from nascast.predictors.regression import Floats


def common_scale(scores: Floats) -> Floats:
    """Return the share of the other networks that each beats, ties counting half, ``(n,)``.

    The members' own scales (accuracies, FLOPs, places in a sorted list) have nothing in common but
    their order. A single network beats half of nobody.

    Raises:
        ValueError: a score is not a number.
    """
    if np.isnan(scores).any():
        raise ValueError(f"{int(np.isnan(scores).sum())} of {len(scores)} scores are not numbers")
    if len(scores) < 2:
        return np.full(len(scores), 0.5)
    return np.asarray((stats.rankdata(scores) - 1) / (len(scores) - 1), dtype=np.float64)


def kendall_taus(scores: Mapping[str, Floats], accuracies: Floats) -> dict[str, float]:
    """Return Kendall's tau-b of each member on labelled networks; 0 for one that ranks nothing."""
    taus = {
        name: float(stats.kendalltau(own, accuracies).statistic) for name, own in scores.items()
    }
    return {name: 0.0 if np.isnan(tau) else tau for name, tau in taus.items()}


def softmax_weights(taus: Mapping[str, float], temperature: float = 1.0) -> dict[str, float]:
    """Return weights that sum to 1: the softmax of the members' taus divided by a temperature."""
    weights = special.softmax(np.array(list(taus.values())) / temperature)
    return dict(zip(taus, map(float, weights), strict=True))


def weighted_mean(scores: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Return the weighted mean of the members on the common scale, ``(n,)`` in [0, 1].

    Raises:
        ValueError: a member has no weight, or there is no member.
    """
    if not scores or not scores.keys() <= weights.keys():
        raise ValueError(f"the members {sorted(scores)} need weights; there are {sorted(weights)}")
    total = sum(weights[name] for name in scores)
    parts = [weights[name] / total * common_scale(own) for name, own in scores.items()]
    return np.asarray(sum(parts), dtype=np.float64)
