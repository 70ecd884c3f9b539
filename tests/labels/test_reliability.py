"""Reliability on simulated labels whose true agreement is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from nascast.labels.reliability import assess, seed_agreement, spearman_brown


def simulate(networks: int, seeds: int, noise: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((networks, 1)) + noise * rng.standard_normal((networks, seeds))


@pytest.mark.parametrize("averaged", [2, 3, 5])
def test_prediction_meets_the_agreement_of_real_means(averaged: int) -> None:
    scores = simulate(4000, 2 * averaged, noise=0.8)
    first, second = scores[:, :averaged].mean(axis=1), scores[:, averaged:].mean(axis=1)
    observed = kendalltau(first, second).statistic
    predicted = spearman_brown(seed_agreement(scores), averaged)
    assert predicted == pytest.approx(observed, abs=0.02)


def test_single_agreement_is_the_mean_over_pairs_by_hand() -> None:
    scores = np.array([[1.0, 1.0, 4.0], [2.0, 3.0, 3.0], [3.0, 2.0, 2.0], [4.0, 4.0, 1.0]])
    # pairs of columns: 5 of 6 concordant, none concordant, 1 of 6 concordant
    expected = ((5 - 1) / 6 + (0 - 6) / 6 + (1 - 5) / 6) / 3
    assert seed_agreement(scores) == pytest.approx(expected)


@given(tau=st.floats(-1, 1), averaged=st.integers(1, 20))
def test_spearman_brown_is_bounded_and_never_below_single(tau: float, averaged: int) -> None:
    predicted = spearman_brown(tau, averaged)
    # The arcsine loses half of the digits near one.
    assert tau - 1e-7 <= predicted <= 1 + 1e-7
    assert predicted <= spearman_brown(tau, averaged + 1) + 1e-7


@given(tau=st.floats(-1, 1))
def test_a_mean_of_one_is_a_single_training(tau: float) -> None:
    assert spearman_brown(tau, 1) == pytest.approx(tau, abs=1e-7)


def test_product_moment_form_by_hand() -> None:
    """Single r = 0.5 gives means of two r = 2/3."""
    tau = 2 / np.pi * np.arcsin(0.5)
    assert np.sin(np.pi / 2 * spearman_brown(tau, 2)) == pytest.approx(2 / 3)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = spearman_brown(seed_agreement(simulate(20_000, 2, 0.7, seed=99)), 2)
    hits = 0
    for seed in range(40):
        found = assess(simulate(40, 2, 0.7, seed), np.random.default_rng(seed), draws=200)
        hits += found.ci_low <= truth <= found.ci_high
    assert hits >= 33  # 95% of 40 is 38; P(fewer than 33) < 0.01


def test_report_fields() -> None:
    found = assess(simulate(30, 3, 0.5), np.random.default_rng(0), averaged=6, draws=50)
    assert (found.networks, found.seeds, found.averaged) == (30, 3, 6)
    assert found.ci_low < found.label_tau < found.ci_high
    assert found.single_tau < found.label_tau
    again = assess(simulate(30, 3, 0.5), np.random.default_rng(0), averaged=6, draws=50)
    assert found == again


def test_constant_labels_have_no_agreement_to_report() -> None:
    assert np.isnan(seed_agreement(np.ones((5, 2))))


@pytest.mark.parametrize("shape", [(2, 3), (5, 1), (5,)])
def test_too_little_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="networks >= 3, seeds >= 2"):
        assess(np.zeros(shape), np.random.default_rng(0))


def test_nonfinite_and_empty_means_are_refused() -> None:
    scores = simulate(5, 2, 1.0)
    scores[2, 1] = np.inf
    with pytest.raises(ValueError, match="finite scores"):
        assess(scores, np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least one training, got 0"):
        spearman_brown(0.5, 0)
