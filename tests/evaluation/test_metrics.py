"""Metrics on one sample: against SciPy, scikit-learn, definitions written out, and by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import ndcg_score

from nascast.evaluation import metrics

CORRELATIONS = [metrics.kendall_tau, metrics.spearman, metrics.pearson]
RANK_METRICS = [
    metrics.kendall_tau,
    metrics.spearman,
    lambda p, y: metrics.best_fraction_tau(p, y, 0.5),
    lambda p, y: metrics.precision_at_k(p, y, 2),
    lambda p, y: metrics.regret_at_k(p, y, 2),
    lambda p, y: metrics.ndcg_at_k(p, y, 3),
    lambda p, y: metrics.partial_kendall_tau(p, y, np.arange(len(y)) % 3),
]

# Few distinct values, so that ties are the rule.
tied_samples = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(0, 5)), min_size=5, max_size=30
).filter(lambda pairs: len({label for _, label in pairs}) > 1)


def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    prediction, label = zip(*pairs, strict=True)
    return np.array(prediction, float), np.array(label, float) / 5


def pair_tau(prediction: np.ndarray, label: np.ndarray) -> float:
    """Tau-b from its definition, pair by pair."""
    agree = untied_p = untied_y = 0
    for i, j in itertools.combinations(range(len(label)), 2):
        sign_p = np.sign(prediction[i] - prediction[j])
        sign_y = np.sign(label[i] - label[j])
        agree += sign_p * sign_y
        untied_p += sign_p != 0
        untied_y += sign_y != 0
    return agree / math.sqrt(untied_p * untied_y)


@given(tied_samples)
def test_kendall_tau_is_its_definition(pairs):
    prediction, label = columns(pairs)
    if np.ptp(prediction) == 0:
        assert metrics.kendall_tau(prediction, label) == 0.0
    else:
        expected = pair_tau(prediction, label)
        assert metrics.kendall_tau(prediction, label) == pytest.approx(expected, abs=1e-12)


def test_kendall_tau_by_hand():
    # Pairs: (1,2) and (1,3) agree, (2,3) disagrees.
    assert metrics.kendall_tau([1, 3, 2], [0.1, 0.2, 0.3]) == pytest.approx(1 / 3)


@given(tied_samples)
def test_correlations_equal_scipy(pairs):
    prediction, label = columns(pairs)
    if np.ptp(prediction) == 0:
        assert [metric(prediction, label) for metric in CORRELATIONS] == [0.0, 0.0, 0.0]
        return
    expected = stats.spearmanr(prediction, label).statistic
    assert metrics.spearman(prediction, label) == pytest.approx(expected, abs=1e-12)
    expected = stats.pearsonr(prediction, label).statistic
    assert metrics.pearson(prediction, label) == pytest.approx(expected, abs=1e-9)


@given(tied_samples)
def test_correlations_are_symmetric_and_odd(pairs):
    prediction, label = columns(pairs)
    if np.ptp(prediction) == 0:
        return
    for metric in CORRELATIONS:
        value = metric(prediction, label)
        assert -1 <= value <= 1
        assert metric(label, prediction) == pytest.approx(value, abs=1e-12)
        assert metric(-prediction, label) == pytest.approx(-value, abs=1e-12)


@pytest.mark.parametrize("metric", RANK_METRICS)
@given(pairs=tied_samples)
def test_monotone_transforms_of_the_prediction_change_nothing(metric, pairs):
    prediction, label = columns(pairs)
    value = metric(prediction, label)
    transformed = metric(np.exp(prediction) * 3 - 7, label)
    assert transformed == pytest.approx(value, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("metric", RANK_METRICS[:-1])
@given(pairs=tied_samples, seed=st.integers(0, 99))
def test_order_of_the_networks_changes_nothing(metric, pairs, seed):
    prediction, label = columns(pairs)
    shuffled = np.random.default_rng(seed).permutation(len(label))
    value = metric(prediction[shuffled], label[shuffled])
    assert value == pytest.approx(metric(prediction, label), abs=1e-12, nan_ok=True)


def test_unusable_predictions_rank_last_and_tie():
    label = [0.1, 0.2, 0.3, 0.4]
    for unusable in (np.nan, -np.inf):
        prediction = [unusable, unusable, 1.0, 2.0]
        assert metrics.kendall_tau(prediction, label) == pytest.approx(
            stats.kendalltau([0, 0, 1, 2], label).statistic
        )
        assert metrics.spearman(prediction, label) == pytest.approx(
            stats.spearmanr([0, 0, 1, 2], label).statistic
        )
        assert metrics.pearson(prediction, label) == pytest.approx(
            stats.pearsonr([1, 1, 1, 2], label).statistic
        )
        assert metrics.regret_at_k(prediction, label, 1) == 0.0
        assert metrics.precision_at_k(prediction, label, 2) == 1.0
        assert math.isnan(metrics.mean_absolute_error(prediction, label))


def test_no_usable_prediction_is_nan_not_zero():
    prediction, label = [np.nan, -np.inf, np.nan], [0.1, 0.2, 0.3]
    for metric in CORRELATIONS:
        assert math.isnan(metric(prediction, label))
    for k_metric in (metrics.precision_at_k, metrics.regret_at_k, metrics.ndcg_at_k):
        assert math.isnan(k_metric(prediction, label, 2))
    assert math.isnan(metrics.partial_kendall_tau(prediction, label, [1, 2, 3]))


def test_constant_labels_leave_nothing_to_rank():
    prediction, label = [0.1, 0.2, 0.3], [0.5, 0.5, 0.5]
    for metric in CORRELATIONS:
        assert math.isnan(metric(prediction, label))
    assert math.isnan(metrics.ndcg_at_k(prediction, label, 2))
    assert math.isnan(metrics.precision_at_k(prediction, label, 2))
    assert metrics.regret_at_k(prediction, label, 2) == 0.0


@pytest.mark.parametrize("metric", [*CORRELATIONS, metrics.mean_absolute_error])
def test_missing_labels_are_named(metric):
    with pytest.raises(ValueError, match="2 of 3 labels are not finite"):
        metric([1.0, 2.0, 3.0], [0.1, np.nan, np.inf])
    with pytest.raises(ValueError, match="one length"):
        metric([1.0, 2.0], [0.1, 0.2, 0.3])
    assert math.isnan(metric([], []))


def test_sparse_tau_rounds_predictions_only():
    # 0.9001 and 0.9004 share the nearest 0.1%, 0.9016 has another one.
    prediction, label = [0.9001, 0.9004, 0.9016], [0.90, 0.91, 0.92]
    assert metrics.sparse_kendall_tau(prediction, label) == pytest.approx(2 / math.sqrt(2 * 3))
    assert metrics.sparse_kendall_tau(prediction, label, 1e-4) == 1.0
    assert metrics.kendall_tau(prediction, label) == 1.0
    with pytest.raises(ValueError, match="must be positive"):
        metrics.sparse_kendall_tau(prediction, label, 0.0)


@given(tied_samples, st.integers(0, 99))
def test_partial_tau_with_one_control_is_kendalls_formula(pairs, seed):
    prediction, label = columns(pairs)
    control = np.random.default_rng(seed).integers(0, 4, len(label)).astype(float)
    if np.ptp(prediction) == 0 or np.ptp(control) == 0:
        return
    py, pz, yz = (
        pair_tau(a, b) for a, b in [(prediction, label), (prediction, control), (label, control)]
    )
    if min(1 - pz**2, 1 - yz**2) < 1e-6:
        return
    expected = (py - pz * yz) / math.sqrt((1 - pz**2) * (1 - yz**2))
    value = metrics.partial_kendall_tau(prediction, label, control)
    assert value == pytest.approx(expected, abs=1e-9)


def test_partial_tau_with_two_controls_is_the_recursion():
    rng = np.random.default_rng(0)
    p, y, a, b = rng.normal(size=(4, 40)) + rng.normal(size=40)

    def partial(x, z, w):
        return metrics.partial_kendall_tau(x, z, w)

    py, pb, yb = partial(p, y, a), partial(p, b, a), partial(y, b, a)
    expected = (py - pb * yb) / math.sqrt((1 - pb**2) * (1 - yb**2))
    assert metrics.partial_kendall_tau(p, y, a, b) == pytest.approx(expected)
    assert metrics.partial_kendall_tau(p, y, b, a) == pytest.approx(expected)


def test_partial_tau_at_its_edges():
    size = np.arange(10.0)
    label = np.array([0, 2, 1, 3, 5, 4, 6, 8, 7, 9.0])
    assert metrics.partial_kendall_tau(np.exp(size), label, size) == 0.0
    assert math.isnan(metrics.partial_kendall_tau(label, size, size))
    constant = np.ones(10)
    assert metrics.partial_kendall_tau(size, label, constant) == pytest.approx(
        metrics.kendall_tau(size, label)
    )
    with pytest.raises(ValueError, match="at least one control"):
        metrics.partial_kendall_tau(size, label)


def test_best_fraction_by_hand():
    label = np.arange(20.0)
    prediction = label.copy()
    prediction[-4:] = [19, 18, 17, 16]
    assert metrics.best_fraction_tau(prediction, label, 0.2) == -1.0
    assert metrics.best_fraction_tau(prediction, label, 0.15) == -1.0
    assert math.isnan(metrics.best_fraction_tau(prediction, label, 0.1))
    assert metrics.best_fraction_tau(prediction, label, 1.0) == metrics.kendall_tau(
        prediction, label
    )
    with pytest.raises(ValueError, match=r"in \(0, 1\]"):
        metrics.best_fraction_tau(prediction, label, 20)


def random_top_k(prediction, k, evaluate):
    """Mean of ``evaluate`` over every choice of k that ties of the prediction allow."""
    values = []
    cut = np.sort(prediction)[-k]
    sure = [i for i, p in enumerate(prediction) if p > cut]
    tied = [i for i, p in enumerate(prediction) if p == cut]
    for chosen in itertools.combinations(tied, k - len(sure)):
        values.append(evaluate([*sure, *chosen]))
    return float(np.mean(values))


tiny_samples = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=4, max_size=8
).filter(lambda pairs: len({label for _, label in pairs}) > 1)


@given(tiny_samples, st.integers(1, 4))
def test_top_k_metrics_average_over_all_ways_to_break_ties(pairs, k):
    prediction, label = columns(pairs)
    regret = random_top_k(prediction, k, lambda best: label.max() - label[best].max())
    assert metrics.regret_at_k(prediction, label, k) == pytest.approx(regret, abs=1e-12)
    precision = random_top_k(
        prediction,
        k,
        lambda mine: random_top_k(label, k, lambda true: len({*mine} & {*true}) / k),
    )
    assert metrics.precision_at_k(prediction, label, k) == pytest.approx(precision, abs=1e-12)


def test_top_k_metrics_by_hand():
    prediction, label = [5, 4, 3, 2, 1], [0.7, 0.9, 0.8, 0.95, 0.1]
    assert metrics.regret_at_k(prediction, label, 1) == pytest.approx(0.25)
    assert metrics.regret_at_k(prediction, label, 3) == pytest.approx(0.05)
    assert metrics.precision_at_k(prediction, label, 2) == 0.5
    for metric in (metrics.regret_at_k, metrics.precision_at_k):
        assert math.isnan(metric(prediction, label, 6))
        with pytest.raises(ValueError, match="at least 1"):
            metric(prediction, label, 0)


@pytest.mark.parametrize("gain", ["linear", "exponential"])
@given(pairs=tied_samples, k=st.integers(1, 12))
def test_ndcg_equals_scikit_learn(gain, pairs, k):
    prediction, label = columns(pairs)
    relevance = 20 * (label - label.min()) / np.ptp(label)
    gains = relevance if gain == "linear" else 2**relevance - 1
    expected = ndcg_score(gains[None], prediction[None], k=k)
    value = metrics.ndcg_at_k(prediction, label, k, gain)
    assert value == pytest.approx(expected, abs=1e-9)


def test_ndcg_by_hand():
    # Relevance 20, 10, 0; the two best are swapped.
    value = metrics.ndcg_at_k([2, 3, 1], [0.9, 0.8, 0.7], 2)
    expected = (10 + 20 / math.log2(3)) / (20 + 10 / math.log2(3))
    assert value == pytest.approx(expected)
    with pytest.raises(ValueError, match="'linear' or 'exponential'"):
        metrics.ndcg_at_k([1, 2], [0.1, 0.2], 1, "quadratic")


def test_mean_absolute_error_by_hand():
    value = metrics.mean_absolute_error([0.5, 0.9], [0.6, 0.6])
    assert value == pytest.approx(0.2)
