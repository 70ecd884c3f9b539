from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from gpytorch.likelihoods import GaussianLikelihood
from scipy import optimize
from scipy.stats import kendalltau, lognorm, multivariate_normal
from tests.predictors.observed import make_observations

from nascast.predictors import gaussian_processes
from nascast.predictors.base import Observations
from nascast.predictors.gaussian_processes import (
    ExactProcess,
    GaussianProcess,
    SparseProcess,
    VariationalProcess,
)

PROCESSES = [ExactProcess, SparseProcess, VariationalProcess]
every_process = pytest.mark.parametrize("process", PROCESSES)
RNG = np.random.default_rng(0)
VECTORS = RNG.integers(0, 2, (12, 5)).astype(np.float64)
LABELS = VECTORS @ RNG.normal(size=5) + RNG.normal(0, 0.3, 12)
LABELS = (LABELS - LABELS.mean()) / LABELS.std()
QUERY = np.random.default_rng(1).integers(0, 2, (7, 5)).astype(np.float64)


def covariance(
    one: np.ndarray, other: np.ndarray, variance: float = 5.0, length: float = 10.0
) -> np.ndarray:
    squares = ((one[:, None] - other[None]) ** 2).sum(axis=2)
    return variance * np.exp(-squares / (2 * length**2))


def inducing(jitter: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the published points, their covariance, and that of them and the labels."""
    points = np.repeat(np.arange(10)[:, None] / 2, 5, axis=1)
    return points, covariance(points, points) + jitter * np.eye(10), covariance(points, VECTORS)


def scores(predictor: GaussianProcess) -> np.ndarray:
    predictor.fit_vectors(VECTORS, LABELS)
    return predictor.score_vectors(QUERY)


def objective(predictor: GaussianProcess) -> float:
    """Return what is maximised, at the start, for all labels together."""
    vectors, labels = torch.from_numpy(VECTORS), torch.from_numpy(LABELS)
    likelihood = GaussianLikelihood()
    likelihood.noise = 1.0
    process, maximised = predictor.make(vectors, labels, likelihood)
    return len(labels) * maximised.double().train()(process(vectors), labels).item()


def prior(*parameters: float) -> float:
    return sum(lognorm(s=1).logpdf(parameter) for parameter in parameters)


def density(variance: float, length: float, noise: float) -> float:
    """Return the log density of labels and parameters; the noise has no prior."""
    within = covariance(VECTORS, VECTORS, variance, length) + noise * np.eye(12)
    return float(multivariate_normal(cov=within).logpdf(LABELS)) + prior(variance, length)


def exact_mean(variance: float, length: float, noise: float) -> np.ndarray:
    within = covariance(VECTORS, VECTORS, variance, length) + noise * np.eye(12)
    return covariance(QUERY, VECTORS, variance, length) @ np.linalg.solve(within, LABELS)


def test_the_exact_process_starts_at_the_published_kernel() -> None:
    np.testing.assert_allclose(scores(ExactProcess({"steps": 0})), exact_mean(5, 10, 1))
    assert objective(ExactProcess()) == pytest.approx(density(5, 10, 1))


def test_the_exact_process_ends_at_the_most_probable_parameters() -> None:
    best = optimize.minimize(lambda logs: -density(*np.exp(logs)), np.zeros(3)).x
    found = scores(ExactProcess({"steps": 200, "learning_rate": 0.05, "length": 1, "variance": 1}))
    np.testing.assert_allclose(found, exact_mean(*np.exp(best)), atol=2e-3)


def test_the_sparse_process_is_that_of_titsias() -> None:
    jitter = 0.1
    points, between, across = inducing(jitter)
    inner = between + across @ across.T
    expected = covariance(QUERY, points) @ np.linalg.solve(inner, across @ LABELS)
    found = scores(SparseProcess({"steps": 0, "jitter": jitter}))
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    explained = across.T @ np.linalg.solve(between, across)
    bound = multivariate_normal(cov=explained + np.eye(12)).logpdf(LABELS)
    bound -= (12 * 5 - np.trace(explained)) / 2
    assert objective(SparseProcess({"jitter": jitter})) == pytest.approx(bound, rel=1e-6)


def test_the_variational_process_starts_at_the_prior() -> None:
    """Where the distribution is the prior, only the expected log density of labels is left."""
    np.testing.assert_allclose(scores(VariationalProcess({"steps": 0})), 0, atol=1e-12)
    expected = multivariate_normal(cov=np.eye(12)).logpdf(LABELS) - 12 * 5 / 2
    assert objective(VariationalProcess()) == pytest.approx(expected)


def test_the_variational_process_ends_where_the_sparse_one_is() -> None:
    """With everything but the distribution fixed, its best is the sparse process in closed form."""
    predictor = VariationalProcess({"jitter": 0.1})
    vectors, labels = torch.from_numpy(VECTORS), torch.from_numpy(LABELS)
    likelihood = GaussianLikelihood()
    likelihood.noise = 1.0
    process, maximised = predictor.make(vectors, labels, likelihood)
    maximised.double().train()
    chosen = [p for name, p in process.named_parameters() if "variational_distribution" in name]
    assert len(chosen) == 2
    optimiser = torch.optim.LBFGS(chosen, max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss: torch.Tensor = -maximised(process(vectors), labels)
        loss.backward()
        return loss

    optimiser.step(closure)
    maximised.eval()
    with torch.no_grad():
        predictor._mean_function = process.mean_function()
    sparse = scores(SparseProcess({"steps": 0, "jitter": 0.1}))
    np.testing.assert_allclose(predictor.score_vectors(QUERY), sparse, atol=1e-3)


@every_process
def test_processes_learn_the_ranking(process: type[GaussianProcess]) -> None:
    predictor = process({"steps": 30, "learning_rate": 0.1})
    predictor.fit(make_observations(120, seed=0))
    query = make_observations(40, seed=1)
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.7


@every_process
def test_nothing_is_drawn_and_no_order_matters(process: type[GaussianProcess]) -> None:
    train, query = make_observations(20, seed=0), make_observations(5, seed=1)
    before = torch.random.get_rng_state()
    found = []
    for seen in (train, train.take(np.random.default_rng(2).permutation(20))):
        predictor = process({"steps": 10})
        predictor.fit(seen)
        found.append(predictor.predict(query))
    np.testing.assert_array_equal(*found)
    assert torch.equal(torch.random.get_rng_state(), before)


@every_process
def test_batches_and_known_networks_are_scored_without_a_word(
    process: type[GaussianProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    train: Observations = make_observations(10, seed=0)
    predictor = process({"steps": 5})
    predictor.fit(train)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = predictor.predict(train)
        monkeypatch.setattr(gaussian_processes, "_QUERY_BATCH", 3)
        np.testing.assert_allclose(predictor.predict(train), whole, rtol=1e-10)
