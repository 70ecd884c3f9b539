"""Metrics that compare predictions with labels on one sample of networks.

All take a prediction and a label per network, shape ``(n,)``; a higher prediction means a better
network. Shared conventions:

* a NaN or ``-inf`` prediction ranks last, tied with the other such ones (for Pearson it counts
  as the smallest finite prediction); where every prediction is so the metric is NaN;
* constant predictions carry no information: every correlation is 0;
* constant labels, or fewer than two networks, leave nothing to rank: NaN;
* labels must be finite: a network that diverged has its recorded accuracy, not NaN;
* ties at a cut (best k, best 20%) are never broken by the order of the input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from nascast.evaluation import weighted
from nascast.evaluation.weighted import Floats, Gain, WeightedMetric

SPARSE_RESOLUTION = 1e-3
"""Sparse tau's usual rounding: 0.1% of accuracy (the NAS-Bench-301 definition)."""

FINE_SPARSE_RESOLUTION = 1e-4
"""Sparse tau's finer variant: 0.01% of accuracy, two decimals of a percentage."""


def _checked(prediction: ArrayLike, label: ArrayLike) -> tuple[Floats, Floats]:
    scores, truth = np.asarray(prediction, np.float64), np.asarray(label, np.float64)
    if scores.ndim != 1 or scores.shape != truth.shape:
        raise ValueError(
            "prediction and label must be vectors of one length, one entry a network; got shapes "
            f"{scores.shape} and {truth.shape}"
        )
    missing = int((~np.isfinite(truth)).sum())
    if missing:
        raise ValueError(
            f"{missing} of {len(truth)} labels are not finite; leave those networks out, or give "
            "diverged ones their recorded accuracy, before scoring"
        )
    return scores, truth


def _rankable(scores: Floats, truth: Floats) -> bool:
    usable = ~np.isnan(scores) & (scores != -np.inf)
    return len(truth) >= 2 and bool(usable.any()) and bool((truth != truth[0]).any())


def _single(metric: WeightedMetric, prediction: ArrayLike, label: ArrayLike) -> float:
    scores, truth = _checked(prediction, label)
    if not len(truth):
        return float("nan")
    return float(metric(scores, truth, np.ones((1, len(truth))))[0])


def kendall_tau(prediction: ArrayLike, label: ArrayLike) -> float:
    """Kendall's tau-b (Kendall, 1945), in [-1, 1], any number of networks in O(n log n).

    Raises:
        ValueError: for shapes that differ or labels that are not finite.
    """
    scores, truth = _checked(prediction, label)
    if not _rankable(scores, truth):
        return float("nan")
    levels = weighted.dense_levels(scores)
    if levels.max() == 0:
        return 0.0
    # The method concerns the unused p-value; SciPy's asymptotic one divides by zero at n = 2.
    method = "exact" if len(truth) == 2 else "asymptotic"
    return float(stats.kendalltau(levels, truth, method=method).statistic)


def spearman(prediction: ArrayLike, label: ArrayLike) -> float:
    """Spearman's rank correlation in [-1, 1], average ranks for ties.

    Raises:
        ValueError: as :func:`kendall_tau`.
    """
    return _single(weighted.spearman, prediction, label)


def pearson(prediction: ArrayLike, label: ArrayLike) -> float:
    """Pearson's linear correlation in [-1, 1], signed.

    White et al. (2021) report its absolute value, which would let a predictor that ranks
    upside down look good; take the absolute value yourself to compare with them.

    Raises:
        ValueError: as :func:`kendall_tau`.
    """
    return _single(weighted.pearson, prediction, label)


def round_to(prediction: ArrayLike, resolution: float) -> Floats:
    """Round predictions to whole multiples of ``resolution`` (same unit as the predictions).

    Raises:
        ValueError: if the resolution is not positive.
    """
    if not resolution > 0:
        raise ValueError(f"the resolution of sparse tau must be positive, got {resolution}")
    return np.round(np.asarray(prediction, np.float64) / resolution)


def sparse_kendall_tau(
    prediction: ArrayLike, label: ArrayLike, resolution: float = SPARSE_RESOLUTION
) -> float:
    """Kendall's tau-b after rounding the predictions (White et al., 2021).

    Rounding makes ties of predictions that differ by less than the label's noise. Only
    meaningful where predictions are accuracies.

    Args:
        prediction: predicted accuracies, fractions.
        label: true values.
        resolution: 1e-3 is 0.1% of accuracy, 1e-4 is two decimals of a percentage.

    Raises:
        ValueError: as :func:`kendall_tau`, or for a resolution that is not positive.
    """
    return kendall_tau(round_to(prediction, resolution), label)


def partial_kendall_tau(prediction: ArrayLike, label: ArrayLike, *controls: ArrayLike) -> float:
    r"""Kendall's tau-b of prediction and label with one or more controls held fixed.

    With one control z it is Kendall's (1942)
    :math:`(\tau_{py} - \tau_{pz}\tau_{yz}) / \sqrt{(1-\tau_{pz}^2)(1-\tau_{yz}^2)}`. With
    several, the same on the residuals: tau-b is the cosine between the vectors of pair signs, so
    the matrix of pairwise taus is a correlation matrix and its partial correlation is defined.
    A prediction that orders the networks exactly as the controls do adds nothing to them: 0. A
    label that does so leaves nothing to explain: NaN.

    Raises:
        ValueError: as :func:`kendall_tau`, without a control, or for a control that is not
            finite or has another length.
    """
    scores, truth = _checked(prediction, label)
    if not controls:
        raise ValueError("partial tau needs at least one control, for example the parameter counts")
    rows = [_checked(truth, control)[1] for control in controls]
    if not _rankable(scores, truth):
        return float("nan")
    variables = [scores, truth, *rows]
    gram = np.empty((1, len(variables), len(variables)))
    for i, first in enumerate(variables):
        gram[0, i, i] = weighted.dense_levels(first).max() > 0
        for j in range(i):
            tau = kendall_tau(first, variables[j])
            gram[0, i, j] = gram[0, j, i] = 0.0 if np.isnan(tau) else tau
    return float(weighted.partial_from_gram(gram)[0])


def best_fraction_tau(
    prediction: ArrayLike, label: ArrayLike, fraction: float, minimum: int = 3
) -> float:
    """Kendall's tau-b among the best networks by true label.

    Args:
        prediction: higher is better.
        label: true values.
        fraction: share of the networks kept, rounded up, e.g. 0.2 or 0.05; networks tied with
            the last one kept are kept too.
        minimum: NaN where the fraction holds fewer networks than this.

    Raises:
        ValueError: as :func:`kendall_tau`, or for a fraction outside (0, 1].
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"the best fraction must be in (0, 1], got {fraction}")
    scores, truth = _checked(prediction, label)
    wanted = int(np.ceil(fraction * len(truth) - 1e-9))
    if wanted < minimum:
        return float("nan")
    kept = truth >= np.sort(truth)[-wanted]
    return kendall_tau(scores[kept], truth[kept])


def _positive_k(k: int) -> int:
    if k < 1:
        raise ValueError(f"k counts networks and must be at least 1, got {k}")
    return k


def precision_at_k(prediction: ArrayLike, label: ArrayLike, k: int) -> float:
    """Share in [0, 1] of the predicted best ``k`` that are among the true best ``k``.

    Ties at the k-th place, of predictions or labels, give the expected value under random
    tie breaking. NaN with fewer than ``k`` networks.

    Raises:
        ValueError: as :func:`kendall_tau`, or for ``k`` below 1.
    """
    _positive_k(k)
    return _single(lambda s, t, w: weighted.precision_at_k(s, t, w, k), prediction, label)


def regret_at_k(prediction: ArrayLike, label: ArrayLike, k: int) -> float:
    """Best true label of all minus the best true label among the predicted best ``k``.

    In the label's unit, at least 0. Ties of predictions at the k-th place give the expected
    value under random tie breaking. NaN with fewer than ``k`` networks.

    Raises:
        ValueError: as :func:`precision_at_k`.
    """
    _positive_k(k)
    return _single(lambda s, t, w: weighted.regret_at_k(s, t, w, k), prediction, label)


def ndcg_at_k(
    prediction: ArrayLike,
    label: ArrayLike,
    k: int,
    gain: Gain = "linear",
    top_relevance: float = weighted.TOP_RELEVANCE,
) -> float:
    """Normalised discounted cumulative gain of the predicted best ``k``, in [0, 1].

    A network's relevance is its label rescaled linearly over the sample, worst 0, best
    ``top_relevance`` = 20 (the public GENNAPE code's range). The gain is the relevance itself
    (that code) or ``2**relevance - 1`` (the formula in the GENNAPE paper's supplement): with 20,
    a label 5% of the range lower has half the exponential gain. Place i counts
    ``1 / log2(i + 1)``; tied predictions share the mean of their places.

    Raises:
        ValueError: as :func:`precision_at_k`, or for an unknown gain.
    """
    _positive_k(k)
    if gain not in ("linear", "exponential"):
        raise ValueError(f"gain must be 'linear' or 'exponential', got {gain!r}")
    return _single(
        lambda s, t, w: weighted.ndcg_at_k(s, t, w, k, gain=gain, top_relevance=top_relevance),
        prediction,
        label,
    )


def mean_absolute_error(prediction: ArrayLike, label: ArrayLike) -> float:
    """Mean absolute error in the label's unit; only where predictions estimate the label itself.

    NaN if any prediction is not finite, because such an error has no size.

    Raises:
        ValueError: as :func:`kendall_tau`.
    """
    return _single(weighted.mean_absolute_error, prediction, label)
