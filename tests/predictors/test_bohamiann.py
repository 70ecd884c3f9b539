from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from scipy.stats import kendalltau, norm
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.batched_mlp import TANH, BatchedMLP, fan_in_uniform
from nascast.predictors.bohamiann import BOHAMIANN, PUBLISHED, potential_gradients


def made(count: int, seed: int) -> Observations:
    return make_observations(count, seed, needs=BOHAMIANN.needs)


def scores(train: Observations, seed: int = 0, **settings: float) -> np.ndarray:
    predictor = BOHAMIANN(seed, settings)
    predictor.fit(train)
    return predictor.predict(made(20, 9))


def test_published_settings() -> None:
    assert asdict(PUBLISHED) == {
        "layers": 2, "width": 50, "steps": 100, "burn_in": 10, "keep_every": 5,
        "learning_rate": 0.01, "friction": 0.05, "batch_size": 20,
    }  # fmt: skip
    assert not BOHAMIANN.quick, "it is cheap as published"


def test_it_learns_the_ranking() -> None:
    predictor, query = BOHAMIANN(0), made(40, 1)
    predictor.fit(made(60, 0))
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.5


def test_gradients_are_those_of_minus_the_log_posterior() -> None:
    """Against differences of the densities, written out with SciPy."""
    rng = np.random.default_rng(0)
    network = BatchedMLP((3, 4, 1), TANH, dtype=np.float64)
    fan_in_uniform(network, [rng])
    vectors, labels = rng.normal(size=(5, 3)), rng.normal(size=5)
    start = np.append(network.parameters, -1.3)

    def potential(point: np.ndarray) -> float:
        network.parameters[:] = point[:-1]
        mean = network.forward(vectors)[-1][0, :, 0]
        likelihood = norm.logpdf(labels, mean, np.exp(point[-1] / 2)).sum()
        prior = norm.logpdf(point[:-1]).sum() + norm.logpdf(point[-1], np.log(1e-6), 0.1)
        return float(-3 * likelihood - prior)

    steps = 1e-5 * np.eye(len(start))
    expected = [(potential(start + step) - potential(start - step)) / 2e-5 for step in steps]
    network.parameters[:] = start[:-1]
    gradients = potential_gradients(network, start[-1:], vectors, labels, scale=3)
    np.testing.assert_allclose(np.concatenate(gradients), expected, rtol=1e-5, atol=1e-6)


def test_samples_are_kept_behind_the_burn_in() -> None:
    predictor = BOHAMIANN(0)
    predictor.fit(made(30, 0))
    assert len(predictor.samples) == 18
    short = BOHAMIANN(0, {"steps": 24})
    short.fit(made(30, 0))
    assert len(short.samples) == 2
    np.testing.assert_array_equal(short.samples, predictor.samples[:2])
    with pytest.raises(ValueError, match=r"keeps no sample of 14 steps; make it at least .* = 15"):
        BOHAMIANN(0, {"steps": 14})


def test_the_prediction_is_the_mean_over_the_samples() -> None:
    """With the labels' mean and deviation given back."""
    train, query = made(30, 0), made(5, 1)
    predictor = BOHAMIANN(0)
    predictor.fit(train)
    labels, vectors = train.require_labels(), query.feature("adjacency").astype(float)
    outputs = []
    for sample in predictor.samples:
        network = BatchedMLP((vectors.shape[1], 50, 50, 1), TANH, dtype=np.float64)
        network.parameters[:] = sample
        outputs.append(network.forward(vectors)[-1][0, :, 0])
    expected = labels.mean() + labels.std() * np.mean(outputs, axis=0)
    np.testing.assert_allclose(predictor.predict(query), expected, rtol=1e-12)


def test_the_order_of_the_networks_decides_nothing() -> None:
    order = np.random.default_rng(1).permutation(30)
    np.testing.assert_array_equal(scores(made(30, 0).take(order)), scores(made(30, 0)))


def test_settings_and_seed_decide_the_scores() -> None:
    base = scores(made(30, 0))
    for change in (
        {"seed": 1}, {"layers": 1}, {"width": 20}, {"steps": 50}, {"burn_in": 5},
        {"keep_every": 4}, {"learning_rate": 0.02}, {"friction": 0.1}, {"batch_size": 10},
    ):  # fmt: skip
        assert not np.array_equal(scores(made(30, 0), **change), base), change  # type: ignore[arg-type]
