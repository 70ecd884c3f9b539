from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.trace_forest import BudgetForest, LossesOnly, TraceForest

FORESTS = [TraceForest, LossesOnly]


@pytest.mark.parametrize("forest", FORESTS)
def test_a_forest_learns_the_ranking(forest: type[BudgetForest]) -> None:
    predictor = forest(seed=0)
    predictor.fit(make_observations(60, seed=0))
    query = make_observations(40, seed=1)
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.7


@pytest.mark.parametrize("forest", FORESTS)
def test_seeds_differ_and_may_have_63_bits(forest: type[BudgetForest]) -> None:
    scores = []
    for seed in (0, 2**63 - 1):
        predictor = forest(seed=seed)
        predictor.fit(make_observations(30, seed=0))
        scores.append(predictor.predict(make_observations(10, seed=1)))
    assert not np.array_equal(*scores)


def test_losses_are_averaged_in_windows_of_ten() -> None:
    losses = np.arange(23, dtype=np.float32)[None]
    vectors = LossesOnly().vectors(Observations(("a",), 23, {"step_losses": losses}))
    assert vectors.tolist() == [[4.5, 14.5, 21.0]]


def test_summaries_are_flattened_behind_a_signed_logarithm() -> None:
    summary = np.array([[[0.0, np.e - 1], [1 - np.e, 3e38]]], dtype=np.float32)
    vectors = TraceForest().vectors(Observations(("a",), 20, {"trace_summary": summary}))
    assert vectors == pytest.approx(np.array([[0, 1, -1, np.log(3e38)]]), rel=1e-6)


def test_diverged_networks_are_left_out_of_the_fit_and_ranked_last() -> None:
    train, query = make_observations(30, seed=0), make_observations(6, seed=1)
    clean = LossesOnly(seed=0)
    clean.fit(replace(
        train,
        arch_ids=train.arch_ids[1:],
        features={"step_losses": train.features["step_losses"][1:]},
        labels=train.require_labels()[1:],
        held_out=None,
    ))  # fmt: skip
    train.features["step_losses"][0, 5] = np.nan
    predictor = LossesOnly(seed=0)
    predictor.fit(train)
    np.testing.assert_array_equal(predictor.predict(query), clean.predict(query))
    query.features["step_losses"][2, 29] = np.inf
    assert np.flatnonzero(predictor.predict(query) == -np.inf).tolist() == [2]
    query.features["step_losses"][:] = np.nan
    assert (predictor.predict(query) == -np.inf).all()


def test_a_fit_without_any_usable_network_is_refused() -> None:
    train = make_observations(4, seed=0)
    train.features["step_losses"][:, 0] = np.nan
    with pytest.raises(ValueError, match="none of 4 networks has finite features"):
        LossesOnly().fit(train)


def test_another_budget_is_refused_with_both_sizes() -> None:
    predictor = TraceForest()
    predictor.fit(make_observations(20, seed=0, snapshots=3))
    with pytest.raises(ValueError, match=r"fitted on 144 features .* budget 20 has 96"):
        predictor.predict(make_observations(5, seed=1, snapshots=2))
