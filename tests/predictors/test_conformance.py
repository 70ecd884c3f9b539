"""One suite for every registered predictor."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.predictors.observed import make_observations

from nascast.predictors.base import FEATURES, FeatureError, Observations, Predictor
from nascast.predictors.registry import create, get, names
from nascast.predictors.saved import load_predictor, save_predictor

OPTIONS = {"seed": 3, "steps_per_epoch": 10, "horizon": 60}
# Shorter than quick: nothing here looks at how well a method predicts.
SHORTER: Mapping[str, Mapping[str, Any]] = {
    **{
        name: {"epochs": 1, "patience": 1, "prefixes": 1}
        for name in ("NAP2", "NAP2-X", "NAP2-LSTM")
    },
    "NGBoost": {"trees": 10},
    "GRAF + XGBoost": {"trees": 100},
    **{name: {"steps": 5} for name in ("GP", "Sparse GP", "Var. Sparse GP")},
    **{name: {"epochs": 100} for name in ("BANANAS", "DNGO", "MLP")},
    **{name: {"epochs": 3, "trials": 2} for name in ("BONAS", "GCN (White)")},
    **{name: {"epochs": 3} for name in ("NAO", "NPN", "TNASP")},
    **{name: {"epochs": 3, "more_epochs": 2} for name in ("SemiNAS", "OMNI-SemiNAS")},
    **{
        name: {"trials": 2, "fewest_trees": 4, "most_trees": 4}
        for name in ("OMNI", "OMNI (no curve)", "OMNI (no proxy)", "OMNI (no encoding)")
    },
    "LC-PFN (small)": {"steps": 2},
    "LCE": {"samples": 20},
    "LCE-m": {"walkers": 40, "samples": 20, "burn_in": 10},
}
# They draw bootstraps and batches by row. Sorting rows would change the committed results of the
# tabular tier, whose training sets are dealt in hash order, so that they have one order anyway.
IN_THE_ORDER_GIVEN = frozenset(
    {"NAP2", "NAP2-X", "NAP2-LSTM", "Forest (trace averages)", "Forest (losses only)"}
)
every_predictor = pytest.mark.parametrize("name", names())


def make(name: str, seed: int = 3) -> Predictor:
    settings = {**get(name).quick, **SHORTER.get(name, {})}
    return create(name, **{**OPTIONS, "seed": seed, "settings": settings})


def observe(name: str, count: int, seed: int, snapshots: int = 3) -> Observations:
    return make_observations(count, seed, snapshots, get(name).needs)


def unlabelled(observations: Observations) -> Observations:
    return replace(observations, labels=None, held_out=None)


_fitted: dict[str, Predictor] = {}


def fitted(name: str) -> Predictor:
    """Return a predictor that is fitted once for all tests that do not change it."""
    if name not in _fitted:
        predictor = make(name)
        predictor.fit(observe(name, 24, seed=0))
        _fitted[name] = predictor
    return _fitted[name]


@every_predictor
def test_describes_itself(name: str) -> None:
    cls = get(name)
    assert cls.name == name
    assert cls.family
    assert cls.reference
    assert cls.needs
    assert cls.needs <= set(FEATURES)
    assert not inspect.isabstract(cls)


@every_predictor
def test_scores_are_one_finite_number_an_architecture(name: str) -> None:
    scores = fitted(name).predict(unlabelled(observe(name, 9, seed=1)))
    assert scores.shape == (9,)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()
    assert len(fitted(name).predict(unlabelled(observe(name, 1, seed=1)))) == 1


@every_predictor
def test_a_query_cannot_change_its_own_score_by_its_label(name: str) -> None:
    query = observe(name, 9, seed=1)
    without = fitted(name).predict(unlabelled(query))
    reversed_labels = replace(query, labels=1 - query.require_labels())
    np.testing.assert_array_equal(fitted(name).predict(reversed_labels), without)


@every_predictor
def test_scores_follow_the_order_of_the_query(name: str) -> None:
    query = unlabelled(observe(name, 9, seed=1))
    order = np.random.default_rng(0).permutation(9)
    one, other = fitted(name).predict(query)[order], fitted(name).predict(query.take(order))
    np.testing.assert_allclose(other, one, rtol=1e-5)


@every_predictor
def test_an_architecture_is_scored_by_itself(name: str) -> None:
    query = unlabelled(observe(name, 9, seed=1))
    alone = np.concatenate([fitted(name).predict(query.take(np.array([i]))) for i in range(9)])
    np.testing.assert_allclose(fitted(name).predict(query), alone, rtol=1e-5)


@every_predictor
def test_a_seed_repeats_its_scores(name: str) -> None:
    again = make(name)
    again.fit(observe(name, 24, seed=0))
    query = unlabelled(observe(name, 9, seed=1))
    np.testing.assert_array_equal(again.predict(query), fitted(name).predict(query))


@every_predictor
def test_the_order_of_the_training_networks_decides_nothing(name: str) -> None:
    if name in IN_THE_ORDER_GIVEN:
        pytest.skip(f"{name} keeps the order that its committed results were made with")
    again, train = make(name), observe(name, 24, seed=0)
    again.fit(train.take(np.random.default_rng(5).permutation(24)))
    query = unlabelled(observe(name, 9, seed=1))
    np.testing.assert_allclose(again.predict(query), fitted(name).predict(query), rtol=1e-6)


@every_predictor
def test_features_are_left_as_they_are(name: str) -> None:
    query, same = (unlabelled(observe(name, 9, seed=1)) for _ in range(2))
    fitted(name).predict(query)
    for feature in query.features:
        np.testing.assert_array_equal(query.features[feature], same.features[feature])


@every_predictor
def test_only_declared_features_are_read(name: str) -> None:
    needs = get(name).needs
    for feature in needs:
        query = unlabelled(make_observations(4, 1, needs=needs - {feature}))
        with pytest.raises(FeatureError, match=f"'{feature}' is not among"):
            fitted(name).predict(query)


@every_predictor
def test_labels_are_used_in_fit_or_not_at_all(name: str) -> None:
    predictor, train = make(name), unlabelled(observe(name, 24, seed=0))
    if get(name).learns:
        with pytest.raises(ValueError, match="labels are only there in fit"):
            predictor.fit(train)
    else:
        predictor.fit(train)
        query = unlabelled(observe(name, 9, seed=1))
        np.testing.assert_array_equal(predictor.predict(query), fitted(name).predict(query))


@every_predictor
def test_a_learner_needs_a_fit_before_it_predicts(name: str) -> None:
    query = unlabelled(observe(name, 4, seed=1))
    if get(name).learns:
        with pytest.raises(ValueError, match="fit"):
            make(name).predict(query)
    else:
        assert len(make(name).predict(query)) == 4


@every_predictor
def test_smaller_budgets_are_answered_or_refused_as_declared(name: str) -> None:
    query = unlabelled(observe(name, 9, seed=1, snapshots=1))
    if get(name).anytime:
        assert np.isfinite(fitted(name).predict(query)).all()
    else:
        with pytest.raises(ValueError, match="same budget"):
            fitted(name).predict(query)


@every_predictor
def test_five_networks_are_enough_to_fit(name: str) -> None:
    predictor = make(name)
    predictor.fit(observe(name, 5, seed=0))
    assert np.isfinite(predictor.predict(unlabelled(observe(name, 9, seed=1)))).all()


@every_predictor
def test_equal_labels_are_no_error(name: str) -> None:
    predictor, train = make(name), observe(name, 10, seed=0)
    predictor.fit(replace(train, labels=np.full(10, 0.5)))
    assert np.isfinite(predictor.predict(unlabelled(observe(name, 9, seed=1)))).all()


@every_predictor
def test_networks_that_were_given_twice_are_no_error(name: str) -> None:
    predictor = make(name)
    predictor.fit(observe(name, 6, seed=0).take(np.array([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])))
    scores = predictor.predict(unlabelled(observe(name, 3, seed=1)).take(np.array([0, 1, 2, 0])))
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores[3], scores[0], rtol=1e-5)


@every_predictor
def test_a_feature_that_could_not_be_measured_costs_only_its_network_the_rank(name: str) -> None:
    """It is ranked last, or by the other features; it never spoils the fit or another score."""
    clean = unlabelled(observe(name, 9, seed=1))
    measured = get(name).needs & NEVER_CERTAIN
    if not measured:
        pytest.skip(f"{name} reads nothing that is measured")
    for feature in measured:
        query = replace(clean, features={**clean.features, feature: spoilt(clean, feature)})
        scores, expected = (fitted(name).predict(seen) for seen in (query, clean))
        assert not np.isnan(scores).any()
        assert scores[0] < np.inf
        np.testing.assert_allclose(scores[1:], expected[1:], rtol=1e-5)
        train = observe(name, 24, seed=0)
        predictor = make(name)
        predictor.fit(replace(train, features={**train.features, feature: spoilt(train, feature)}))
        assert np.isfinite(predictor.predict(clean)).all()


# Features that come from a measurement, which may fail.
NEVER_CERTAIN = frozenset(
    {"proxies", "supernet", "step_losses", "val_loss", "val_acc", "trace_summary", "trace_codes"}
)


def spoilt(seen: Observations, feature: str) -> Any:
    """Return a feature with everything of the first network missing."""
    values = seen.feature(feature).copy()
    if isinstance(values, pd.DataFrame):
        values.iloc[0] = np.nan
    else:
        values[0] = np.nan
    return values


@every_predictor
def test_a_fitted_predictor_is_saved_and_loaded(name: str, tmp_path: Path) -> None:
    path = tmp_path / "predictor.safetensors"
    save_predictor(fitted(name), path, {"task": "made"})
    loaded, card = load_predictor(path)
    assert card["predictor"] == name
    assert card["task"] == "made"
    query = unlabelled(observe(name, 9, seed=1))
    # Arrays come back in row order, and another order of summation rounds another way.
    np.testing.assert_allclose(loaded.predict(query), fitted(name).predict(query), rtol=1e-5)
