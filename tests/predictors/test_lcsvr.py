from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.lcsvr import LcSVR, summary

NEEDS = frozenset({"val_acc"})


def test_the_summary_is_mean_and_deviation_of_the_curve_and_its_differences() -> None:
    # Differences 3, 1, -1; second differences -2, -2.
    expected = [np.mean([1, 4, 5, 4]), np.std([1, 4, 5, 4]), 1, np.sqrt(8 / 3), -2, 0]
    np.testing.assert_allclose(summary(np.array([[1.0, 4.0, 5.0, 4.0]])), [expected])


def test_short_curves_have_no_differences() -> None:
    np.testing.assert_allclose(summary(np.array([[3.0]])), [[3, 0, 0, 0, 0, 0]])
    np.testing.assert_allclose(summary(np.array([[3.0, 5.0]])), [[4, 1, 2, 0, 0, 0]])
    assert np.isnan(summary(np.array([[np.nan, 5.0]]))).any()


@pytest.mark.parametrize("snapshots", [1, 2, 6])
def test_curves_that_tell_the_label_rank_new_networks(snapshots: int) -> None:
    train, test = (make_observations(60, seed, snapshots, NEEDS) for seed in (0, 1))
    predictor = LcSVR(settings=LcSVR.quick)
    predictor.fit(train)
    scores = predictor.predict(replace(test, labels=None))
    assert stats.spearmanr(scores, test.require_labels()).statistic > 0.75
    assert np.abs(scores - test.require_labels()).mean() < 0.1


def test_a_longer_search_finds_settings_that_are_no_worse_on_the_folds() -> None:
    """What one trial draws at random is rarely good; the search is there to find better."""
    train, test = (make_observations(60, seed, 6, NEEDS) for seed in (0, 1))
    errors = {}
    for trials in (1, 60):
        found = []
        for seed in range(4):
            predictor = LcSVR(seed, {"trials": trials})
            predictor.fit(train)
            found.append(np.abs(predictor.predict(test) - test.require_labels()).mean())
        errors[trials] = np.mean(found)
    assert errors[60] < 0.6 * errors[1]


def test_the_order_of_the_training_networks_decides_nothing() -> None:
    train, test = (make_observations(20, seed, 6, NEEDS) for seed in (0, 1))
    one, other = LcSVR(settings=LcSVR.quick), LcSVR(settings=LcSVR.quick)
    one.fit(train)
    other.fit(train.take(np.random.default_rng(0).permutation(20)))
    np.testing.assert_array_equal(one.predict(test), other.predict(test))


def test_two_networks_are_enough() -> None:
    predictor = LcSVR(settings=LcSVR.quick)
    predictor.fit(Observations(("a", "b"), 2, {"val_acc": np.array([[0.1, 0.2], [0.3, 0.5]])},
                               np.array([0.4, 0.6])))  # fmt: skip
    scores = predictor.predict(Observations(("c",), 2, {"val_acc": np.array([[0.2, 0.3]])}))
    assert np.isfinite(scores).all()


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown LcSVR settings"):
        LcSVR(settings={"C": 1})
