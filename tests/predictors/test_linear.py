from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau, multivariate_normal
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.linear import BayesianLinearRegression


def made(count: int, seed: int, noise: float) -> Observations:
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 2, (count, 6)).astype(np.float64)
    labels = vectors @ np.array([0.1, -0.2, 0.05, 0.0, 0.3, 0.1]) + rng.normal(0, noise, count)
    return Observations(tuple(f"a{i:03d}" for i in range(count)), 0, {"adjacency": vectors}, labels)


def evidence(train: Observations, weights: float, noise: float) -> float:
    """Return the log density of the standardised labels, ``N(0, I / noise + X X' / weights)``."""
    vectors, labels = train.feature("adjacency"), train.require_labels()
    centred = vectors - vectors.mean(axis=0)
    covariance = np.eye(len(labels)) / noise + centred @ centred.T / weights
    standardised = (labels - labels.mean()) / labels.std()
    return float(multivariate_normal(cov=covariance).logpdf(standardised))


def test_the_precisions_maximise_the_evidence() -> None:
    train, predictor = made(60, 0, 0.05), BayesianLinearRegression({"tolerance": 1e-9})
    predictor.fit(train)
    found = predictor._ridge.lambda_, predictor._ridge.alpha_
    best = evidence(train, *found)
    for factors in ((1.1, 1), (1 / 1.1, 1), (1, 1.1), (1, 1 / 1.1)):
        assert evidence(train, found[0] * factors[0], found[1] * factors[1]) < best


def test_the_score_is_the_mean_of_the_posterior() -> None:
    train, query = made(30, 0, 0.1), made(8, 1, 0.1)
    predictor = BayesianLinearRegression()
    predictor.fit(train)
    vectors, labels = train.feature("adjacency"), train.require_labels()
    centre, ridge = vectors.mean(axis=0), predictor._ridge.lambda_ / predictor._ridge.alpha_
    normal = (vectors - centre).T @ (vectors - centre) + ridge * np.eye(6)
    weights = np.linalg.solve(normal, (vectors - centre).T @ (labels - labels.mean()))
    expected = labels.mean() + (query.feature("adjacency") - centre) @ weights
    np.testing.assert_allclose(predictor.predict(query), expected)


def test_the_start_is_the_published_one() -> None:
    ridge = BayesianLinearRegression()._ridge
    assert (ridge.lambda_init, ridge.alpha_init) == (1, 100)
    changed = BayesianLinearRegression({"weight_precision": 3, "iterations": 5})._ridge
    assert (changed.lambda_init, changed.max_iter) == (3, 5)


def test_it_learns_the_ranking_of_cells() -> None:
    predictor, query = BayesianLinearRegression(), make_observations(40, seed=1)
    predictor.fit(make_observations(120, seed=0))
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.7
