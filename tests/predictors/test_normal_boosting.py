from __future__ import annotations

import numpy as np
from ngboost import NGBRegressor
from ngboost.distns import Normal
from ngboost.scores import LogScore
from scipy import stats
from sklearn.tree import DecisionTreeRegressor

from nascast.predictors.normal_boosting import ClosedNormal, NaturalBoosting, NormalLogScore

TREE = {"max_depth": 4, "max_features": 0.5}
BOOSTING = {"n_estimators": 25, "learning_rate": 0.1, "minibatch_frac": 0.7}


def made(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(count, 6))
    return vectors, vectors[:, 0] + 0.5 * vectors[:, 1] * vectors[:, 2]


class Closed(NormalLogScore, ClosedNormal):
    """What NGBoost makes of a score and a distribution."""


def test_the_score_is_the_log_likelihood_that_scipy_has() -> None:
    rng = np.random.default_rng(1)
    loc, log_scale, labels = rng.normal(size=(3, 8))
    closed = Closed(np.stack([loc, log_scale]))
    np.testing.assert_allclose(
        closed.score(labels), -stats.norm(loc, np.exp(log_scale)).logpdf(labels)
    )
    np.testing.assert_array_equal(closed.predict(), loc)
    np.testing.assert_allclose(Closed.fit(labels), [labels.mean(), np.log(labels.std())])


def test_the_natural_gradient_is_the_librarys() -> None:
    class Theirs(Normal.implementation(LogScore), Normal):
        pass

    rng = np.random.default_rng(2)
    parameters, labels = rng.normal(size=(2, 8)), rng.normal(size=8)
    np.testing.assert_allclose(Closed(parameters).grad(labels), Theirs(parameters).grad(labels))


def test_boosting_is_the_librarys() -> None:
    vectors, labels = made()
    settings = {**BOOSTING, "minibatch_frac": 1.0}  # the two draw their rows and seeds in turns
    ours = NaturalBoosting({"max_depth": 3}, settings, seed=0).fit(vectors, labels)
    theirs = NGBRegressor(
        Base=DecisionTreeRegressor(max_depth=3, random_state=0), verbose=False, **settings
    ).fit(vectors, labels)
    np.testing.assert_allclose(ours.predict(vectors), theirs.predict(vectors), atol=1e-8)
    assert abs(ours.score(vectors, labels) - theirs.score(vectors, labels)) < 1e-8


def test_a_seed_repeats_its_trees() -> None:
    vectors, labels = made()
    one, same, other = (
        NaturalBoosting(TREE, BOOSTING, seed).fit(vectors, labels).predict(vectors)
        for seed in (2**40, 2**40, 5)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


def test_every_tree_has_features_of_its_own() -> None:
    vectors, labels = made()
    model = NaturalBoosting({**TREE, "max_features": 0.2}, BOOSTING, 0).fit(vectors, labels)
    roots = [tree.tree_.feature[0] for trees in model.base_models for tree in trees]
    assert len(set(roots)) > 3


def test_networks_that_are_met_exactly_end_the_search() -> None:
    vectors, labels = np.eye(4).repeat(3, axis=0), np.arange(4.0).repeat(3)
    settings = {**BOOSTING, "n_estimators": 150}
    model = NaturalBoosting({"max_depth": 5}, settings, 0).fit(vectors, labels)
    np.testing.assert_allclose(model.predict(vectors), labels, atol=0.05)
    equal = NaturalBoosting({"max_depth": 5}, BOOSTING, 0).fit(vectors, np.ones(12))
    np.testing.assert_allclose(equal.predict(vectors), 1)
