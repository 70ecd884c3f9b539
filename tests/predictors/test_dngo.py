from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.bayesian_linear import BayesianLinear
from nascast.predictors.dngo import DNGO, PUBLISHED, sample_precisions
from nascast.seeds import derive_seed

SHORT = {"epochs": 50, "burn_in": 20, "chain": 20}


def made(count: int, seed: int) -> Observations:
    return make_observations(count, seed, needs=DNGO.needs)


def scores(train: Observations, seed: int = 0, **settings: float) -> np.ndarray:
    predictor = DNGO(seed, {**SHORT, **settings})
    predictor.fit(train)
    return predictor.predict(made(20, 9))


def test_published_settings() -> None:
    assert asdict(PUBLISHED) == {
        "layers": 3, "width": 50, "learning_rate": 0.01, "epochs": 500, "batch_size": 10,
        "hyper_samples": 20, "burn_in": 2000, "chain": 2000,
    }  # fmt: skip


def test_it_learns_the_ranking() -> None:
    predictor, query = DNGO(0, SHORT), made(40, 1)
    predictor.fit(made(60, 0))
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.5


def test_samples_follow_the_posterior_of_the_precisions() -> None:
    """Against sums over a grid of both logarithms within the prior's bounds."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(40, 4))
    labels = features @ rng.normal(size=4) + 0.5 * rng.normal(size=40)
    head = BayesianLinear(features, labels)
    axis = np.linspace(-10, 10, 401)
    log_alpha, log_variance = (part.ravel() for part in np.meshgrid(axis, axis))
    evidence = head.log_evidence(np.exp(log_alpha), np.exp(-log_variance))
    density = np.exp(evidence - evidence.max())
    density /= density.sum()

    alpha, beta = sample_precisions(head, walkers=400, steps=300, seed=2**40 + 1)
    for samples, values in ((np.log(alpha), log_alpha), (-np.log(beta), log_variance)):
        mean = density @ values
        deviation = np.sqrt(density @ (values - mean) ** 2)
        assert samples.mean() == pytest.approx(mean, abs=0.2 * deviation)
        assert samples.std() == pytest.approx(deviation, rel=0.2)


def test_samples_stay_within_the_priors_bounds() -> None:
    """Labels without noise pull the noise's variance to its lower bound."""
    features = np.random.default_rng(0).normal(size=(30, 2))
    head = BayesianLinear(features, features @ np.ones(2))
    _, beta = sample_precisions(head, walkers=20, steps=200, seed=0)
    assert 9 < np.log(beta).min() <= np.log(beta).max() <= 10


def test_the_prediction_is_the_mean_over_the_samples() -> None:
    train, query = made(30, 0), made(8, 1)
    predictor = DNGO(0, SHORT)
    predictor.fit(train)
    labels = train.require_labels()
    features, asked = (
        predictor._features(seen.feature("adjacency").astype(float))
        for seen in (train.take(np.argsort(train.arch_ids)), query)
    )
    ordered = labels[np.argsort(train.arch_ids)]
    standard = (ordered - labels.mean()) / labels.std()
    head = BayesianLinear(features, standard)
    alpha, beta = sample_precisions(
        head, walkers=20, steps=40, seed=derive_seed("DNGO", "walkers", 0)
    )
    predictions = []
    for a, b in zip(alpha, beta, strict=True):
        precision = a * np.eye(features.shape[1]) + b * features.T @ features
        predictions.append(asked @ np.linalg.solve(precision, b * features.T @ standard))
    expected = labels.mean() + labels.std() * np.mean(predictions, axis=0)
    np.testing.assert_allclose(predictor.predict(query), expected, rtol=1e-6)


def test_the_order_of_the_networks_decides_nothing() -> None:
    order = np.random.default_rng(1).permutation(30)
    np.testing.assert_array_equal(scores(made(30, 0).take(order)), scores(made(30, 0)))


def test_settings_and_seed_decide_the_scores() -> None:
    base = scores(made(31, 0))
    for change in (
        {"seed": 1}, {"layers": 2}, {"width": 20}, {"learning_rate": 0.001}, {"epochs": 20},
        {"batch_size": 8}, {"hyper_samples": 10}, {"burn_in": 10}, {"chain": 10},
    ):  # fmt: skip
        assert not np.array_equal(scores(made(31, 0), **change), base), change  # type: ignore[arg-type]
