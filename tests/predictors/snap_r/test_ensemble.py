"""The ensemble: what it averages, what joins it, and which cells come last."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.snap_r.problem import COLUMNS, cells

from nascast.predictors.snap_r.ensemble import Part, Recipe, SnapR
from nascast.predictors.snap_r.scales import Standardiser, uniform_ranks

RIDGE = Recipe(members=(Part("ridge"),), keep=("count:.*",))
BOTH = Recipe(members=(Part("ridge"), Part("trees", {"trees": 20})), keep=("count:.*",))


def fitted(recipe: Recipe, seed: int = 0) -> SnapR:
    features, labels = cells(400)
    model = SnapR(recipe, COLUMNS, seed)
    model.fit(features, labels)
    return model


def test_it_ranks_cells_that_it_has_not_seen() -> None:
    features, labels = cells(200, seed=1)
    assert kendalltau(fitted(BOTH).score(features), labels).statistic > 0.8


def test_a_network_is_scored_by_itself() -> None:
    features, _ = cells(30, seed=1)
    model = fitted(BOTH)
    alone = [model.score(row[None])[0] for row in features]
    np.testing.assert_allclose(model.score(features), alone)


def test_the_score_is_the_mean_of_the_standardised_members() -> None:
    features, labels = cells(400)
    ridge, both = fitted(RIDGE).score(features), fitted(BOTH).score(features)
    model = SnapR(Recipe(members=(Part("ridge"),), keep=("count:.*",)), COLUMNS)
    trees = 2 * both - ridge
    # Each member's scores of its training networks have mean 0 and deviation 1.
    assert [trees.mean(), trees.std(), ridge.mean(), ridge.std()] == pytest.approx([0, 1, 0, 1])
    # What joins counts as a member does.
    further = {"gcn": np.random.default_rng(0).standard_normal(400)}
    model.fit(features, labels, further)
    expected = (ridge + Standardiser(further["gcn"])(further["gcn"])) / 2
    np.testing.assert_allclose(model.score(features, further), expected)


def test_dead_cells_come_last() -> None:
    features, _ = cells(3, seed=1)
    features[1, 2] = 1
    scores = fitted(RIDGE).score(features)
    assert scores[1] == -np.inf
    assert np.isfinite(scores[[0, 2]]).all()


def test_scores_of_a_model_that_was_not_joined_are_refused() -> None:
    features, _ = cells(3)
    with pytest.raises(ValueError, match=r"scores of \['gcn'\] are given, but those of \[\]"):
        fitted(RIDGE).score(features, {"gcn": np.zeros(3)})


def test_the_raw_target_is_an_option() -> None:
    features, labels = cells(400)
    skewed = np.exp(labels)
    scores = []
    for target in ("rank", "raw"):
        recipe = Recipe(members=(Part("ridge"),), keep=("count:.*",), target=target)
        model = SnapR(recipe, COLUMNS)
        model.fit(features, skewed)
        scores.append(model.score(features))
    rank_fit = [np.corrcoef(s, uniform_ranks(skewed))[0, 1] for s in scores]
    assert rank_fit[0] > rank_fit[1]


def test_unknown_kinds_are_named() -> None:
    with pytest.raises(ValueError, match="unknown kind of member 'oracle'"):
        fitted(Recipe(members=(Part("oracle"),), keep=("count:.*",)))


def test_a_part_reads_what_it_is_told_and_weighs_what_it_is_told() -> None:
    features, labels = cells(400)
    parts = Part("sum", reads=("count:conv",), weight=3.0), Part("sum", reads=("count:pool",))
    model = SnapR(Recipe(members=parts, keep=("count:.*",)), COLUMNS)
    model.fit(features, labels)
    scaled = (features - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-3)
    expected = (3 * scaled[:, 0] + scaled[:, 1]) / 4
    np.testing.assert_allclose(model.score(features), expected, atol=1e-5)
