from __future__ import annotations

import numpy as np
import pytest

from nascast.predictors.sghmc import AdaptiveSGHMC

CHAINS = 4000


@pytest.mark.parametrize(
    ("deviation", "noise", "rate"), [(1.0, 0.0, 0.02), (0.3, 0.0, 0.02), (1.0, 3.0, 0.1)]
)
def test_samples_of_a_normal_density_have_its_mean_and_variance(
    deviation: float, noise: float, rate: float
) -> None:
    """Parameters never meet in the sampler, so a vector of them is as many chains.

    The noise that is subtracted for that of the gradients is a third of the whole in the last case
    and about a hundredth in the first two, which have exact gradients.
    """
    rng = np.random.default_rng(0)
    chains = np.full(CHAINS, 2.0)
    sampler = AdaptiveSGHMC(chains, rate=rate, burn_in=200, friction=0.05, rng=rng)
    means, variances = [], []
    for step in range(1500):
        sampler.step((chains - 2) / deviation**2 + noise * rng.normal(size=CHAINS))
        if step >= 900:
            means.append(chains.mean())
            variances.append(chains.var())
    assert np.mean(means) == pytest.approx(2, abs=0.02 * deviation)
    assert np.mean(variances) == pytest.approx(deviation**2, rel=0.06)


def test_a_start_off_the_mode_is_forgotten() -> None:
    rng = np.random.default_rng(0)
    chains = np.full(CHAINS, -5.0)
    sampler = AdaptiveSGHMC(chains, rate=0.1, burn_in=200, friction=0.05, rng=rng)
    for _ in range(3000):
        sampler.step(chains - 2)
    assert chains.mean() == pytest.approx(2, abs=0.1)
    assert chains.var() == pytest.approx(1, rel=0.2)


def test_one_step_worked_out_by_hand() -> None:
    """Behind a burn-in of one step from gradient 3: V = 1 + (9 - 1) / 2 = 5, friction 0.5."""
    parameters = np.zeros(1)
    sampler = AdaptiveSGHMC(
        parameters, rate=0.1, burn_in=1, friction=0.5, rng=np.random.default_rng(7)
    )
    noise = np.random.default_rng(7)
    scale = 1 / np.sqrt(5)
    deviation = np.sqrt(2 * 0.01 * 0.5 * scale - 1e-4)
    velocity = -0.01 * scale * 3 + deviation * noise.standard_normal()
    sampler.step(np.array([3.0]))
    assert parameters[0] == pytest.approx(velocity)
    second = 0.5 * velocity - 0.01 * scale * -2 + deviation * noise.standard_normal()
    sampler.step(np.array([-2.0]))
    assert parameters[0] == pytest.approx(velocity + second)


def test_a_parameter_without_gradient_stays_finite() -> None:
    parameters = np.zeros(3)
    sampler = AdaptiveSGHMC(
        parameters, rate=0.01, burn_in=500, friction=0.05, rng=np.random.default_rng(0)
    )
    for _ in range(600):
        sampler.step(np.zeros(3))
    assert np.isfinite(parameters).all()


def test_noise_beyond_the_samplers_own_adds_none() -> None:
    """Where eps^4 exceeds the noise that is due, none is added, and the step is the plain one."""
    parameters = np.zeros(1)
    sampler = AdaptiveSGHMC(
        parameters, rate=0.1, burn_in=1, friction=1e-6, rng=np.random.default_rng(0)
    )
    sampler.step(np.array([3.0]))
    assert parameters[0] == pytest.approx(-0.01 * 3 / np.sqrt(5))
