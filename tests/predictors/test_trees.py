from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.trees import (
    Forest,
    ForestSettings,
    GrafForest,
    GrafXGBoost,
    LGBoost,
    TreeRegression,
    TreeSettings,
    XGBoost,
    XGBoostSettings,
)

TREES = [XGBoost, LGBoost, Forest, GrafForest, GrafXGBoost]
DRAWING = [LGBoost, Forest, GrafForest, GrafXGBoost]
every_model = pytest.mark.parametrize("model", TREES)


def scores(model: type[TreeRegression], train: Observations, seed: int = 0) -> np.ndarray:
    predictor = model(seed, model.quick)
    predictor.fit(train)
    return predictor.predict(make_observations(40, seed=1))


def columns(values: list[list[float]], labels: list[float] | None = None) -> Observations:
    """Return networks whose encodings are given."""
    features = dict.fromkeys(("adjacency", "graf"), np.array(values, dtype=np.float32))
    ids = tuple(f"a{i:02d}" for i in range(len(values)))
    return Observations(ids, 0, features, None if labels is None else np.array(labels))


@every_model
def test_trees_learn_the_ranking(model: type[TreeRegression]) -> None:
    query = make_observations(40, seed=1)
    found = scores(model, make_observations(120, seed=0))
    assert kendalltau(found, query.require_labels()).statistic > 0.7


@every_model
def test_the_order_of_the_training_networks_changes_nothing(model: type[TreeRegression]) -> None:
    train = make_observations(40, seed=0)
    other = train.take(np.random.default_rng(5).permutation(40))
    np.testing.assert_array_equal(scores(model, train), scores(model, other))


@pytest.mark.parametrize("model", DRAWING)
def test_seeds_differ_where_something_is_drawn(model: type[TreeRegression]) -> None:
    train = make_observations(40, seed=0)
    assert not np.array_equal(scores(model, train, 0), scores(model, train, 2**63 - 1))


def test_published_xgboost_draws_nothing() -> None:
    train = make_observations(40, seed=0)
    np.testing.assert_array_equal(scores(XGBoost, train, 0), scores(XGBoost, train, 1))


def test_one_stump_of_xgboost_goes_its_shrunken_way_to_the_labels() -> None:
    """A leaf of two networks is worth rate * sum / (2 + 1): the library penalises its square."""
    predictor = XGBoost(settings={"trees": 1, "depth": 1})
    predictor.fit(columns([[0], [0], [1], [1]], [0.3, 0.3, 0.7, 0.7]))
    expected = [0.5 - 0.2 * 0.3 * 2 / 3, 0.5 + 0.2 * 0.3 * 2 / 3]
    np.testing.assert_allclose(predictor.predict(columns([[0], [1]])), expected, rtol=1e-6)


def test_leaves_of_the_forest_hold_two_networks_and_those_on_graf_one() -> None:
    train = columns([[0], [1], [10], [11]], [0.1, 0.2, 0.5, 0.8])
    forest, graf = Forest(), GrafForest(settings={"bootstrap": False})
    forest.fit(train)
    np.testing.assert_allclose(forest.predict(train), [0.15, 0.15, 0.65, 0.65])
    graf.fit(train)
    np.testing.assert_allclose(graf.predict(train), [0.1, 0.2, 0.5, 0.8])


@pytest.mark.parametrize(("networks", "splits"), [(9, False), (10, True)])
def test_lightgbm_needs_ten_networks_to_split(networks: int, splits: bool) -> None:
    side = [i % 2 for i in range(networks)]
    predictor = LGBoost()
    predictor.fit(columns([[s] for s in side], [0.2 + 0.6 * s for s in side]))
    low, high = predictor.predict(columns([[0], [1]]))
    assert bool(high - low > 0.1) is splits


@pytest.mark.parametrize(
    ("model", "published"),
    [
        (XGBoost, {"n_estimators": 500, "max_depth": 6, "learning_rate": 0.3, "subsample": 1}),
        (LGBoost, {"n_estimators": 500, "num_leaves": 31, "learning_rate": 0.05}),
        (LGBoost, {"colsample_bytree": 0.9, "subsample": 0.8, "subsample_freq": 5}),
        (Forest, {"n_estimators": 116, "max_features": 0.1706, "bootstrap": False}),
        (GrafForest, {"n_estimators": 100, "max_features": 1, "bootstrap": True}),
        (GrafXGBoost, {"n_estimators": 10_000, "learning_rate": 0.01, "subsample": 0.9}),
    ],
)
def test_published_settings_reach_the_library(
    model: type[TreeRegression], published: dict[str, float]
) -> None:
    given: dict[str, Any] = model.published.regressor(1, 100).get_params()  # type: ignore[attr-defined]
    assert {name: given[name] for name in published} == published
    assert given["n_jobs"] == 1
    assert given["random_state"] == 1


@pytest.mark.parametrize(
    ("settings", "name", "keyword"),
    [
        (XGBoostSettings(), "child_weight", "min_child_weight"),
        (XGBoostSettings(), "tree_columns", "colsample_bytree"),
        (XGBoostSettings(), "level_columns", "colsample_bylevel"),
        (ForestSettings(), "split", "min_samples_split"),
    ],
)
def test_a_change_reaches_the_library(settings: TreeSettings, name: str, keyword: str) -> None:
    changed = replace(settings, **{name: 0.25})
    assert changed.regressor(0, 9).get_params()[keyword] == 0.25  # type: ignore[attr-defined]


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown RF settings \['depth'\]"):
        Forest(settings={"depth": 3})
