from __future__ import annotations

import emcee
import numpy as np
import pytest

from nascast.predictors.stretch_move import walk

COVARIANCE = np.array([[1.0, 0.6, 0.0], [0.6, 2.0, 0.0], [0.0, 0.0, 0.5]])
MEAN = np.array([1.0, -2.0, 30.0])
PRECISION = np.linalg.inv(COVARIANCE)


def log_normal(positions: np.ndarray) -> np.ndarray:
    away = positions - MEAN
    return -0.5 * np.einsum("...i,ij,...j->...", away, PRECISION, away)


def generators(*seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in seeds]


def moments(samples: np.ndarray) -> np.ndarray:
    flat = samples.reshape(-1, samples.shape[-1])
    return np.concatenate([flat.mean(axis=0), np.cov(flat.T).ravel()])


def test_walkers_sample_what_emcee_and_the_formula_say() -> None:
    start = MEAN + 0.1 * np.random.default_rng(0).standard_normal((4, 20, 3))
    dimensions = np.full(4, 3)
    steps = list(walk(log_normal, start, dimensions, 1500, generators(1, 2, 3, 4)))
    ours = moments(np.stack(steps[300:]))
    sampler = emcee.EnsembleSampler(20, 3, log_normal, vectorize=True)
    sampler.run_mcmc(emcee.State(start[0], random_state=np.random.RandomState(0).get_state()), 3000)
    theirs = moments(sampler.get_chain(discard=300))
    np.testing.assert_allclose(ours, [*MEAN, *COVARIANCE.ravel()], atol=0.15)
    np.testing.assert_allclose(ours, theirs, atol=0.2)


def test_a_shared_coordinate_stays_and_the_others_are_sampled_without_it() -> None:
    start = MEAN + 0.1 * np.random.default_rng(0).standard_normal((1, 20, 3))
    start[:, :, 2] = 30.25
    steps = np.stack(list(walk(log_normal, start, np.array([2]), 3000, generators(5))))
    assert (steps[..., 2] == 30.25).all()
    np.testing.assert_allclose(np.cov(steps[300:, ..., :2].reshape(-1, 2).T), COVARIANCE[:2, :2],
                               atol=0.25)  # fmt: skip


@pytest.mark.parametrize("outside", [-np.inf, np.nan])
def test_walkers_never_go_where_there_is_no_density(outside: float) -> None:
    def uniform(positions: np.ndarray) -> np.ndarray:
        inside = (np.abs(positions) <= 1).all(axis=-1)
        return np.where(inside, 0.0, outside)

    start = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 10, 1))
    steps = np.stack(list(walk(uniform, start, np.array([1]), 3000, generators(0))))
    assert np.abs(steps).max() <= 1
    np.testing.assert_allclose([steps.mean(), steps[100:].var()], [0, 1 / 3], atol=0.05)


def test_an_ensemble_walks_by_itself() -> None:
    start = MEAN + np.random.default_rng(0).standard_normal((3, 8, 3))
    dimensions = np.full(3, 3)
    together = np.stack(list(walk(log_normal, start, dimensions, 60, generators(1, 2, 3))))
    alone = np.stack(list(walk(log_normal, start[1:2], dimensions[1:2], 60, generators(2))))
    np.testing.assert_array_equal(together[:, 1:2], alone)


def test_walkers_come_in_two_halves() -> None:
    with pytest.raises(ValueError, match="an even number of walkers, got 7"):
        next(walk(log_normal, np.zeros((1, 7, 3)), np.array([3]), 1, generators(0)))
