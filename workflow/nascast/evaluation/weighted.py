"""Every metric for many bootstrap resamples at once.

A resample is a row of ``weights``: how often each network was drawn. A network drawn twice stands
in the resample twice, tied with its copy in prediction and label, exactly as in the explicit
resample; the functions here give the same numbers without building it. Shapes: ``scores`` and
``truth`` are ``(n,)``, ``weights`` is ``(r, n)`` with whole numbers, every result is ``(r,)``.

Conventions, shared with :mod:`nascast.evaluation.metrics`, whose single-sample functions are the
same code with one row of ones (Kendall's tau apart):

* a prediction that is NaN or ``-inf`` ranks last, tied with the other such ones;
* where no drawn network has a usable prediction the metric is NaN;
* constant predictions carry no information: correlations are 0;
* constant labels leave nothing to rank: the metric is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Gain = Literal["linear", "exponential"]

TOP_RELEVANCE = 20.0
"""NDCG's relevance runs from 0 (worst network of the sample) to this (best network)."""

# Sums of products of signs stay whole numbers below 2**24 up to this many networks, so that
# float32 matrix products are exact; beyond it the quadratic matrices cost too much anyway.
_EXACT_NETWORKS = 4096
_ROUNDING = 1e-9


def dense_levels(values: Floats) -> Integers:
    """Return the 0-based rank of each value among the distinct ones (ties share, NaN as -inf)."""
    lowered = np.where(np.isnan(values), -np.inf, values)
    return np.unique(lowered, return_inverse=True)[1].reshape(values.shape)


class _LevelGroups:
    """Networks gathered by equal value, best value first, with their drawn counts.

    Attributes:
        counts: ``(r, g)`` copies drawn of each group.
        above: ``(r, g)`` copies drawn of better groups.
    """

    def __init__(self, levels: Integers, weights: Floats) -> None:
        self.order = np.argsort(-levels, kind="stable")
        ordered = levels[self.order]
        begins = np.r_[True, ordered[1:] != ordered[:-1]]
        self._starts = np.flatnonzero(begins)
        self._group = np.empty(len(levels), dtype=np.intp)
        self._group[self.order] = np.cumsum(begins) - 1
        self.counts = self.sums(weights)
        self.above = np.cumsum(self.counts, axis=1) - self.counts

    def sums(self, values: Floats) -> Floats:
        """Sum ``(r, n)`` values over each group: ``(r, g)``."""
        ordered = values[:, self.order]
        if len(self._starts) == len(self.order):
            return ordered
        return np.asarray(np.add.reduceat(ordered, self._starts, axis=1))

    def spread(self, values: Floats) -> Floats:
        """Give each network its group's value: ``(r, g)`` to ``(r, n)``."""
        return values[:, self._group]


def _contenders(levels: Integers, weights: Floats, k: int) -> Integers:
    """Networks that are among the best ``k`` of any resample (a small part, to save time)."""
    order = np.argsort(-levels, kind="stable")
    fullest = np.flatnonzero(np.cumsum(weights[:, order], axis=1).min(axis=0) >= k)
    if not len(fullest):
        return order
    return np.asarray(order[levels[order] >= levels[order[fullest[0]]]], dtype=np.intp)


def _sizes(weights: Floats) -> Floats:
    return np.asarray(weights.sum(axis=1), dtype=np.float64)


def _unusable(scores: Floats, weights: Floats) -> NDArray[np.bool_]:
    usable = ~np.isnan(scores) & (scores != -np.inf)
    return np.asarray((weights[:, usable] > 0).sum(axis=1) == 0)


def _correlation(numerator: Floats, square_x: Floats, square_y: Floats) -> Floats:
    """Divide by both norms; 0 where the prediction's is 0, NaN where the label's is 0."""
    norm = np.sqrt(square_x) * np.sqrt(square_y)
    result = np.divide(numerator, norm, out=np.zeros_like(norm), where=norm > 0)
    return np.where(square_y > 0, np.clip(result, -1.0, 1.0), np.nan)


def _untied_pairs(levels: Integers, weights: Floats) -> Floats:
    """Twice the number of drawn pairs with different values."""
    distinct = levels.max() + 1 == len(levels)
    counts = weights if distinct else _LevelGroups(levels, weights).counts
    return np.asarray(_sizes(weights) ** 2 - np.einsum("rg,rg->r", counts, counts))


def _concordance(levels_x: Integers, levels_y: Integers, weights: Floats) -> Floats:
    """Twice (concordant minus discordant) over the drawn pairs, by one matrix product."""
    signs = np.sign(levels_x[:, None] - levels_x[None, :]).astype(np.float32)
    signs *= np.sign(levels_y[:, None] - levels_y[None, :])
    counts = weights.astype(np.float32)
    return np.asarray(np.einsum("ri,ri->r", counts @ signs, counts), dtype=np.float64)


def _counted_concordance(levels_x: Integers, levels_y: Integers, weights: Floats) -> Floats:
    """The same for many networks, resample by resample in O(n log n)."""
    result = np.empty(len(weights))
    for row, counts in enumerate(weights.astype(np.intp)):
        x, y = np.repeat(levels_x, counts), np.repeat(levels_y, counts)
        ones = np.ones((1, len(x)))
        norm = np.sqrt(_untied_pairs(x, ones)[0] * _untied_pairs(y, ones)[0])
        result[row] = stats.kendalltau(x, y, method="asymptotic").statistic * norm if norm else 0.0
    return result


def _tau_matrix(variables: Sequence[Floats], weights: Floats) -> Floats:
    """Tau-b of every pair: ``(r, m, m)``; a constant variable has zeros, on its diagonal too."""
    levels = [dense_levels(values) for values in variables]
    norms = [_untied_pairs(row, weights) for row in levels]
    few = max(len(levels[0]), float(_sizes(weights).max())) <= _EXACT_NETWORKS
    concordance = _concordance if few else _counted_concordance
    matrix = np.empty((len(weights), len(levels), len(levels)))
    for i, first in enumerate(levels):
        matrix[:, i, i] = norms[i] > 0
        for j in range(i):
            norm = np.sqrt(norms[i] * norms[j])
            pairs = concordance(first, levels[j], weights)
            tau = np.divide(pairs, norm, out=np.zeros_like(norm), where=norm > 0)
            matrix[:, i, j] = matrix[:, j, i] = np.clip(tau, -1.0, 1.0)
    return matrix


def kendall_tau(scores: Floats, truth: Floats, weights: Floats) -> Floats:
    """Kendall's tau-b: concordant minus discordant pairs over the pairs untied in each."""
    matrix = _tau_matrix([scores, truth], weights)
    undefined = (matrix[:, 1, 1] == 0) | _unusable(scores, weights)
    return np.where(undefined, np.nan, matrix[:, 0, 1])


def partial_kendall_tau(scores: Floats, truth: Floats, controls: Floats, weights: Floats) -> Floats:
    """Kendall's tau-b of prediction and label with the controls ``(m, n)`` held fixed.

    See :func:`nascast.evaluation.metrics.partial_kendall_tau` for the definition.
    """
    matrix = _tau_matrix([scores, truth, *controls], weights)
    undefined = (matrix[:, 1, 1] == 0) | _unusable(scores, weights)
    return np.where(undefined, np.nan, partial_from_gram(matrix))


def partial_from_gram(gram: Floats) -> Floats:
    """Return the partial correlation of the first two variables given all others.

    Args:
        gram: ``(r, m, m)`` correlation matrices; a constant variable has a zero diagonal.

    Returns:
        ``(r,)`` values in [-1, 1]; 0 where the controls (or nothing) determine the first
        variable, NaN where they determine the second.
    """
    inverse = np.linalg.pinv(gram[:, 2:, 2:], rcond=_ROUNDING, hermitian=True)
    cross = gram[:, :2, 2:]
    residual = gram[:, :2, :2] - cross @ inverse @ cross.transpose(0, 2, 1)
    own = np.where(residual[:, 0, 0] > _ROUNDING, residual[:, 0, 0], 0.0)
    label = np.where(residual[:, 1, 1] > _ROUNDING, residual[:, 1, 1], 0.0)
    return _correlation(residual[:, 0, 1], own, label)


def _weighted_pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Pearson's correlation of ``(r, n)`` values."""
    sizes = _sizes(weights)[:, None]
    x = x - (weights * x).sum(axis=1, keepdims=True) / sizes
    y = y - (weights * y).sum(axis=1, keepdims=True) / sizes
    return _correlation(
        np.einsum("ri,ri,ri->r", weights, x, y),
        np.einsum("ri,ri,ri->r", weights, x, x),
        np.einsum("ri,ri,ri->r", weights, y, y),
    )


def _ranks(levels: Integers, weights: Floats) -> Floats:
    """Average rank, best first, of each network within each resample."""
    groups = _LevelGroups(levels, weights)
    return groups.spread(groups.above + (groups.counts + 1) / 2)


def spearman(scores: Floats, truth: Floats, weights: Floats) -> Floats:
    """Spearman's rank correlation with average ranks for ties."""
    levels_x, levels_y = dense_levels(scores), dense_levels(truth)
    result = _weighted_pearson(_ranks(levels_x, weights), _ranks(levels_y, weights), weights)
    result[(_untied_pairs(levels_y, weights) <= 0)] = np.nan
    result[_unusable(scores, weights)] = np.nan
    return result


def pearson(scores: Floats, truth: Floats, weights: Floats) -> Floats:
    """Pearson's correlation; unusable predictions count as the smallest finite one drawn."""
    drawn = weights > 0
    finite = np.isfinite(scores)
    if not finite.any():
        return np.full(len(weights), np.nan)
    scaled = np.where(finite, scores, 0.0)
    scaled = scaled / max(float(np.abs(scaled).max()), np.finfo(np.float64).tiny)
    lowest = np.where(drawn & finite, scaled, np.inf).min(axis=1, keepdims=True)
    highest = np.where(drawn & finite, scaled, -np.inf).max(axis=1, keepdims=True)
    none_finite = np.isinf(lowest[:, 0])
    values = np.where(finite, scaled, np.where(scores == np.inf, highest, lowest))
    values[none_finite] = 0.0
    constant = _range(values, drawn) == 0
    values[constant] = 0.0
    result = _weighted_pearson(values, np.broadcast_to(truth, values.shape), weights)
    result[_range(np.broadcast_to(truth, values.shape), drawn) == 0] = np.nan
    result[none_finite] = np.nan
    return result


def _range(values: Floats, drawn: NDArray[np.bool_]) -> Floats:
    low = np.where(drawn, values, np.inf).min(axis=1)
    return np.asarray(np.where(drawn, values, -np.inf).max(axis=1) - low)


def mean_absolute_error(scores: Floats, truth: Floats, weights: Floats) -> Floats:
    """Mean absolute difference, in the label's unit; NaN where a drawn prediction is not finite."""
    finite = np.isfinite(scores)
    difference = np.abs(np.where(finite, scores, truth) - truth)
    result = np.asarray(weights @ difference / _sizes(weights), dtype=np.float64)
    result[(weights[:, ~finite] > 0).any(axis=1)] = np.nan
    return result


def best_fraction_tau(
    scores: Floats, truth: Floats, weights: Floats, fraction: float, minimum: int = 3
) -> Floats:
    """Kendall's tau-b among the best ``fraction`` of the drawn networks by label."""
    wanted = np.ceil(fraction * _sizes(weights) - _ROUNDING)
    order = np.argsort(-truth, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1) >= np.maximum(wanted, 1)[:, None]
    threshold = truth[order][np.argmax(reached, axis=1)]
    kept = weights * (truth[None, :] >= threshold[:, None])
    used = kept.any(axis=0)
    result = kendall_tau(scores[used], truth[used], kept[:, used])
    result[wanted < minimum] = np.nan
    return result


def _membership(levels: Integers, weights: Floats, k: int) -> Floats:
    """Chance of one copy of each network to be among the best ``k``, ties broken at random."""
    groups = _LevelGroups(levels, weights)
    share = np.divide(
        k - groups.above, groups.counts, out=np.zeros_like(groups.counts), where=groups.counts > 0
    )
    return groups.spread(np.clip(share, 0.0, 1.0))


def precision_at_k(scores: Floats, truth: Floats, weights: Floats, k: int) -> Floats:
    """Share of the predicted best ``k`` that are among the true best ``k``."""
    levels_x, levels_y = dense_levels(scores), dense_levels(truth)
    first, second = _contenders(levels_x, weights, k), _contenders(levels_y, weights, k)
    chosen = np.zeros_like(weights)
    chosen[:, first] = _membership(levels_x[first], weights[:, first], k)
    best = _membership(levels_y[second], weights[:, second], k)
    result = np.einsum("ri,ri,ri->r", weights[:, second], chosen[:, second], best) / k
    undefined = (_sizes(weights) < k) | (_untied_pairs(levels_y, weights) <= 0)
    return np.where(undefined | _unusable(scores, weights), np.nan, result)


def _extreme(truth: Floats, weights: Floats, *, best: bool) -> Floats:
    """Best or worst label drawn."""
    order = np.argsort(-truth if best else truth, kind="stable")
    return np.asarray(truth[order[np.argmax(weights[:, order] > 0, axis=1)]])


def regret_at_k(scores: Floats, truth: Floats, weights: Floats, k: int) -> Floats:
    """Best label drawn minus the best label among the predicted best ``k``."""
    undefined = (_sizes(weights) < k) | _unusable(scores, weights)
    best = _extreme(truth, weights, best=True)
    used = _contenders(dense_levels(scores), weights, k)
    used = used[np.argsort(-truth[used], kind="stable")]
    scores, truth, weights = scores[used], truth[used], weights[:, used]
    chosen = _membership(dense_levels(scores), weights, k)
    certain = np.where((weights > 0) & (chosen >= 1), truth, -np.inf).max(axis=1)
    # Networks tied at the k-th place: the expected best of the copies drawn from among them.
    tied = np.where((chosen > 0) & (chosen < 1), weights, 0.0)
    size, places = _sizes(tied)[:, None], k - (weights * (chosen >= 1)).sum(axis=1)[:, None]
    absent = _chance_absent(size, np.cumsum(tied, axis=1), np.where(size > 0, places, 0))
    first = np.c_[np.ones(len(tied)), absent[:, :-1]] - absent
    reached = np.maximum(truth[None, :], certain[:, None])
    expected = np.where(size[:, 0] > 0, (first * reached).sum(axis=1), certain)
    return np.where(undefined, np.nan, best - expected)


def _chance_absent(size: Floats, leading: Floats, places: Floats) -> Floats:
    """Chance that ``places`` draws without repetition from ``size`` miss the ``leading`` ones."""
    rest = size - leading
    possible = rest >= places
    rest = np.where(possible, rest, size)
    log_chance = (gammaln(rest + 1) - gammaln(rest - places + 1) - gammaln(size + 1)) + gammaln(
        size - places + 1
    )
    return np.where(possible, np.exp(log_chance), 0.0)


def ndcg_at_k(
    scores: Floats,
    truth: Floats,
    weights: Floats,
    k: int,
    *,
    gain: Gain = "linear",
    top_relevance: float = TOP_RELEVANCE,
) -> Floats:
    """Normalised discounted cumulative gain; tied predictions share their places' discounts."""
    lowest = _extreme(truth, weights, best=False)[:, None]
    spread = _extreme(truth, weights, best=True)[:, None] - lowest
    undefined = ~(spread[:, 0] > 0) | _unusable(scores, weights)

    def discounted(levels: Integers) -> Floats:
        used = _contenders(levels, weights, k)
        height = np.maximum(truth[used] - lowest, 0.0) / np.where(spread > 0, spread, 1.0)
        relevance = top_relevance * np.minimum(height, 1.0)
        gains = relevance if gain == "linear" else np.exp2(relevance) - 1.0
        return _discounted(
            _LevelGroups(levels[used], weights[:, used]), gains * weights[:, used], k
        )

    reached, ideal = discounted(dense_levels(scores)), discounted(dense_levels(truth))
    result = np.divide(reached, ideal, out=np.zeros_like(ideal), where=~undefined)
    return np.where(undefined, np.nan, result)


def _discounted(groups: _LevelGroups, gains: Floats, k: int) -> Floats:
    """Mean gain of each group times the discounts of its places among the first ``k``."""
    cumulative = np.r_[0.0, np.cumsum(1.0 / np.log2(np.arange(k) + 2.0))]
    start = np.minimum(groups.above, k).astype(np.intp)
    stop = np.minimum(groups.above + groups.counts, k).astype(np.intp)
    mean = np.divide(
        groups.sums(gains), groups.counts, out=np.zeros_like(start, float), where=groups.counts > 0
    )
    return np.asarray((mean * (cumulative[stop] - cumulative[start])).sum(axis=1))


WeightedMetric = Callable[[Floats, Floats, Floats], Floats]
"""``(scores, truth, weights) -> (r,)``: what every metric without controls looks like."""
