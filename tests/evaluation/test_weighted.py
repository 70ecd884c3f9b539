"""Metrics of many resamples at once equal the metric of each explicit resample."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nascast.evaluation import metrics, weighted

PAIRS = [
    (weighted.kendall_tau, metrics.kendall_tau),
    (weighted.spearman, metrics.spearman),
    (weighted.pearson, metrics.pearson),
    (weighted.mean_absolute_error, metrics.mean_absolute_error),
    *(
        (
            partial(weighted.best_fraction_tau, fraction=fraction),
            partial(metrics.best_fraction_tau, fraction=fraction),
        )
        for fraction in (0.2, 0.4)
    ),
    *(
        (partial(batch, k=k, **more), partial(single, k=k, **more))
        for k in (1, 3)
        for batch, single, more in [
            (weighted.precision_at_k, metrics.precision_at_k, {}),
            (weighted.regret_at_k, metrics.regret_at_k, {}),
            (weighted.ndcg_at_k, metrics.ndcg_at_k, {"gain": "linear"}),
            (weighted.ndcg_at_k, metrics.ndcg_at_k, {"gain": "exponential"}),
        ]
    ),
]


def resamples(n: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=count).astype(float)


def sample(n: int, seed: int, *, ties: bool, unusable: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    prediction, label = rng.normal(size=n), rng.random(n)
    if ties:
        prediction, label = np.round(prediction), np.round(label, 1)
    if unusable:
        prediction[rng.random(n) < 0.6] = np.nan
        prediction[rng.random(n) < 0.2] = -np.inf
        prediction[rng.random(n) < 0.1] = np.inf
    return prediction, label


@pytest.mark.parametrize(("batch", "single"), PAIRS)
@given(n=st.integers(2, 25), seed=st.integers(0, 9999), ties=st.booleans(), unusable=st.booleans())
def test_batches_equal_explicit_resamples(batch, single, n, seed, ties, unusable):
    prediction, label = sample(n, seed, ties=ties, unusable=unusable)
    weights = resamples(n, 8, seed)
    values = batch(prediction, label, weights)
    for value, row in zip(values, weights.astype(int), strict=True):
        expected = single(np.repeat(prediction, row), np.repeat(label, row))
        assert value == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(n=st.integers(3, 25), seed=st.integers(0, 9999), ties=st.booleans())
def test_partial_tau_equals_explicit_resamples(n, seed, ties):
    prediction, label = sample(n, seed, ties=ties, unusable=False)
    controls = np.stack([sample(n, seed + 1, ties=ties, unusable=False)[0], np.arange(n) % 4])
    weights = resamples(n, 8, seed)
    values = weighted.partial_kendall_tau(prediction, label, controls, weights)
    for value, row in zip(values, weights.astype(int), strict=True):
        drawn = [np.repeat(control, row) for control in controls]
        expected = metrics.partial_kendall_tau(
            np.repeat(prediction, row), np.repeat(label, row), *drawn
        )
        assert value == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_tau_equals_scipy_on_explicit_resamples_at_table_size():
    prediction, label = sample(110, 0, ties=False, unusable=False)
    weights = resamples(110, 50, 1)
    values = weighted.kendall_tau(prediction, label, weights)
    for value, row in zip(values, weights.astype(int), strict=True):
        expected = stats.kendalltau(np.repeat(prediction, row), np.repeat(label, row)).statistic
        assert value == pytest.approx(expected, abs=1e-12)


def test_many_networks_take_the_other_path_to_the_same_numbers(monkeypatch):
    prediction, label = sample(60, 3, ties=True, unusable=True)
    weights = resamples(60, 20, 2)
    pairwise = weighted.kendall_tau(prediction, label, weights)
    monkeypatch.setattr(weighted, "_EXACT_NETWORKS", 10)
    assert weighted.kendall_tau(prediction, label, weights) == pytest.approx(pairwise, abs=1e-12)


def test_tau_of_more_networks_than_the_pairwise_form_holds():
    prediction, label = sample(5000, 4, ties=False, unusable=False)
    values = weighted.kendall_tau(prediction, label + prediction, np.ones((1, 5000)))
    expected = stats.kendalltau(prediction, label + prediction).statistic
    assert values[0] == pytest.approx(expected, abs=1e-12)
