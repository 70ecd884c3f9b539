from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from nascast.predictors.curve_families import FAMILIES, CurveFamily, Hill3, LogPower, split
from nascast.predictors.curve_fitting import fit, fit_all, free_coordinates

LOG_EPOCHS = np.log(np.arange(1, 31, dtype=np.float64))
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def noisy(family: CurveFamily, count: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    parameters = np.array(family.start) + rng.normal(0, 0.1, (count, len(family.start)))
    curves = family.value(parameters, LOG_EPOCHS)
    return curves + rng.normal(0, noise, curves.shape)


@every_family
def test_a_fit_is_the_least_squares(family: CurveFamily) -> None:
    curves = noisy(family, 5, noise=0.01)
    found = fit(family, curves, LOG_EPOCHS)
    squares = ((family.value(found, LOG_EPOCHS) - curves) ** 2).sum(axis=1)
    for row, curve in enumerate(curves):
        reference = optimize.least_squares(
            lambda p, curve=curve: family.value(p, LOG_EPOCHS) - curve, family.start, max_nfev=5000
        )
        assert squares[row] <= 2 * reference.cost * (1 + 1e-4)


@every_family
def test_a_curve_of_the_family_is_met(family: CurveFamily) -> None:
    curves = noisy(family, 5, noise=0.0)
    met = family.value(fit(family, curves, LOG_EPOCHS), LOG_EPOCHS)
    np.testing.assert_allclose(met, curves, atol=1e-4)


@every_family
@pytest.mark.parametrize("points", [1, 2, 3])
def test_fewer_points_than_parameters_are_no_error(family: CurveFamily, points: int) -> None:
    curves = np.array([[0.3, 0.4, 0.45], [0.1, 0.1, 0.1]])[:, :points]
    found = fit(family, curves, LOG_EPOCHS[:points])
    assert np.isfinite(found).all()
    assert np.abs(family.value(found, LOG_EPOCHS[:points]) - curves).max() < 0.2


def test_a_curve_is_fitted_by_itself() -> None:
    curves = noisy(Hill3(), 7, noise=0.02)
    together = fit_all(curves, LOG_EPOCHS, np.log([200.0]))[0]
    for row in range(7):
        alone = fit_all(curves[row : row + 1], LOG_EPOCHS, np.log([200.0]))[0]
        np.testing.assert_array_equal(alone[0], together[row])


def test_families_that_fall_are_set_back_to_their_start() -> None:
    curves = np.stack([noisy(Hill3(), 1, noise=0.0)[0], np.linspace(0.6, 0.2, 30)])
    parameters, plausible = fit_all(curves, LOG_EPOCHS, np.log([200.0]))
    assert plausible.shape == (2, len(FAMILIES))
    assert plausible[0, 2]
    assert not plausible[1].any()
    for family, own in split(parameters[1]):
        assert tuple(own) == family.start


def test_free_coordinates_are_those_of_plausible_families() -> None:
    free = free_coordinates(np.array([[True, False, False, True]]))[0]
    assert free.tolist() == [True] * 4 + [False] * 5 + [True] * 3 + [True, False, False, True]


def test_hill_and_log_power_are_one_curve_in_two_forms() -> None:
    curves = noisy(Hill3(), 3, noise=0.01)
    one = Hill3().value(fit(Hill3(), curves, LOG_EPOCHS), LOG_EPOCHS)
    other = LogPower().value(fit(LogPower(), curves, LOG_EPOCHS), LOG_EPOCHS)
    np.testing.assert_allclose(one, other, atol=1e-3)
