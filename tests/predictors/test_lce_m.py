from __future__ import annotations

import emcee
import numpy as np
import pytest

from nascast.predictors import lce_m
from nascast.predictors.base import Observations
from nascast.predictors.curve_families import FAMILIES
from nascast.predictors.curve_fitting import fit_all
from nascast.predictors.lce_m import LCEM

EPOCHS = np.arange(1, 31, dtype=np.float64)
LOG_EPOCHS, LOG_HORIZON = np.log(EPOCHS), np.log([200.0])


def observed(curves: np.ndarray) -> Observations:
    ids = tuple(f"a{i}" for i in range(len(curves)))
    return Observations(ids, curves.shape[1], {"val_acc": curves})


def noisy_hill() -> np.ndarray:
    curve = 0.8 * EPOCHS**0.8 / (3**0.8 + EPOCHS**0.8)
    return curve + np.random.default_rng(0).normal(0, 0.01, len(EPOCHS))


def test_the_posterior_is_the_one_that_emcee_samples() -> None:
    curve = noisy_hill()[None]
    parameters, plausible = fit_all(curve, LOG_EPOCHS, LOG_HORIZON)
    assert plausible.all()
    centre = lce_m._most_likely(parameters, plausible, curve, LOG_EPOCHS)

    def log_density(positions: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            prior = lce_m._log_prior(positions, LOG_HORIZON)
            density = prior + lce_m._log_likelihood(positions[None], curve, LOG_EPOCHS)[0]
        return np.nan_to_num(density, nan=-np.inf)

    random = np.random.RandomState(0)
    start = centre + 1e-6 * random.standard_normal((50, 17))
    sampler = emcee.EnsembleSampler(50, 17, log_density, vectorize=True)
    sampler.run_mcmc(emcee.State(start, random_state=random.get_state()), 800)
    theirs = lce_m._curve(sampler.get_chain(discard=500), LOG_HORIZON).mean()
    (ours,) = LCEM(200).predict(observed(curve))
    assert ours == pytest.approx(theirs, abs=0.02)
    assert ours == pytest.approx(0.8 * 200**0.8 / (3**0.8 + 200**0.8), abs=0.05)


def test_the_density_is_prior_times_likelihood() -> None:
    """In plain numbers: flat in rate and half, which we have by logarithm; weights are shares."""
    curve = noisy_hill()
    starts = np.concatenate([family.start for family in FAMILIES])
    starts[2], starts[8], starts[4:6] = np.log(0.2), np.log(4.0), (0.1, 1.1)
    position = np.array([*starts, 1.0, 2.0, 3.0, 4.0, 0.05])
    prior = lce_m._log_prior(position[None], LOG_HORIZON)[0]
    assert prior == pytest.approx(np.log(0.2) + np.log(4.0))
    kinds = [
        0.7 - 0.6 / (1 + 0.2 * EPOCHS),
        np.log(0.1 * LOG_EPOCHS + 1.1),
        0.77232 / (1 + (4 / EPOCHS) ** 0.586449),
        0.77 / (1 + (EPOCHS / np.exp(2.98)) ** -0.51),
    ]
    errors = curve - np.average(kinds, axis=0, weights=[1, 2, 3, 4])
    expected = -np.sum(np.log(0.05) + errors**2 / (2 * 0.05**2))
    likelihood = lce_m._log_likelihood(position[None, None], curve[None], LOG_EPOCHS)
    assert likelihood[0, 0] == pytest.approx(expected)
    for place, value in [(0, 0.05), (0, 1.5), (4, -0.1), (12, -1.0), (16, -0.05), (16, 0.0)]:
        outside = position.copy()
        outside[place] = value
        assert lce_m._log_prior(outside[None], LOG_HORIZON)[0] == -np.inf, place


def test_where_every_family_leaves_the_accuracies_the_last_value_is_kept() -> None:
    quick = LCEM(200, settings=LCEM.quick)
    curves = np.stack([np.linspace(0.02, 0.98, 30), noisy_hill()])
    scores = quick.predict(observed(curves))
    assert scores[0] == 0.98
    assert 0.6 < scores[1] < 0.95


def test_how_many_curves_are_sampled_together_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    curves = noisy_hill() * np.linspace(0.5, 1, 6)[:, None]
    settings = {"walkers": 40, "samples": 20, "burn_in": 10}
    together = LCEM(200, settings=settings).predict(observed(curves))
    monkeypatch.setattr(lce_m, "_VALUES_AT_ONCE", 1500)  # two curves
    np.testing.assert_array_equal(LCEM(200, settings=settings).predict(observed(curves)), together)


def test_something_has_to_be_left_after_the_burn_in() -> None:
    with pytest.raises(ValueError, match="LCE-m keeps nothing: burn_in is 800 of 800"):
        LCEM(200, settings={"burn_in": 800})
