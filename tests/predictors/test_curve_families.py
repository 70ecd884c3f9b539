from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nascast.predictors.curve_families import (
    FAMILIES,
    MMF,
    PARAMETERS,
    CurveFamily,
    Hill3,
    LogLogLinear,
    LogPower,
    combined,
    split,
)

EPOCHS = np.array([1.0, 2.0, 5.0, 30.0, 200.0])
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)

# The formulas of Domhan et al. 2015, table 1, on parameters as published.
PUBLISHED: dict[str, tuple[CurveFamily, list[float], list[float], Callable[..., np.ndarray]]] = {
    "MMF": (
        MMF(),
        [0.7, 0.1, np.log(0.05), 1.3],
        [0.7, 0.1, 0.05, 1.3],
        lambda x, alpha, beta, kappa, delta: alpha - (alpha - beta) / (1 + (kappa * x) ** delta),
    ),
    "log log linear": (
        LogLogLinear(), [0.2, 1.4], [0.2, 1.4], lambda x, a, b: np.log(a * np.log(x) + b)
    ),
    "Hill3": (
        Hill3(),
        [0.8, 0.6, np.log(2.5)],
        [0.8, 0.6, 2.5],
        lambda x, top, eta, kappa: top * x**eta / (kappa**eta + x**eta),
    ),
    "log power": (
        LogPower(),
        [0.8, 2.9, -0.5],
        [0.8, 2.9, -0.5],
        lambda x, a, b, c: a / (1 + (x / np.exp(b)) ** c),
    ),
}  # fmt: skip


def random_parameters(family: CurveFamily, count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array(family.start) + rng.normal(0, 0.2, (count, len(family.start)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_values_are_those_of_the_published_formula(name: str) -> None:
    family, ours, published, formula = PUBLISHED[name]
    assert family.name == name
    values = family.value(np.array(ours), np.log(EPOCHS))
    np.testing.assert_allclose(values, formula(EPOCHS, *published), rtol=1e-12)


@every_family
def test_slopes_are_the_derivatives(family: CurveFamily) -> None:
    parameters = random_parameters(family, 6)
    slopes = family.slopes(parameters, np.log(EPOCHS))
    assert slopes.shape == (6, len(EPOCHS), len(family.start))
    for place in range(len(family.start)):
        step = np.zeros(len(family.start))
        step[place] = 1e-6
        ahead, behind = (family.value(parameters + sign * step, np.log(EPOCHS)) for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, :, place], (ahead - behind) / 2e-6, atol=1e-8)


@every_family
def test_a_curve_rises_where_it_says_so(family: CurveFamily) -> None:
    rng = np.random.default_rng(1)
    parameters = rng.normal(0, 1, (300, len(family.start)))
    rising = family.rises(parameters)
    with np.errstate(invalid="ignore"):
        values = family.value(parameters, np.log(np.linspace(1, 300, 500)))
    defined = np.isfinite(values).all(axis=1)
    steps = np.diff(values[defined], axis=1)
    assert 3 < rising[defined].sum() < defined.sum() - 3
    assert (steps[rising[defined]] >= -1e-12).all()
    assert (steps[~rising[defined]].min(axis=1) < 0).all()


@every_family
def test_a_plausible_curve_rises_and_ends_as_an_accuracy(family: CurveFamily) -> None:
    parameters = np.random.default_rng(2).normal(0, 1, (300, len(family.start)))
    with np.errstate(invalid="ignore"):
        end = family.value(parameters, np.log([200.0]))[:, 0]
    expected = family.rises(parameters) & (end >= 0) & (end <= 1)
    assert 0 < expected.sum() < 300
    assert np.array_equal(family.plausible(parameters, np.log([200.0])), expected)


def test_a_curve_that_saturates_at_once_is_no_overflow() -> None:
    steep = np.array([0.7, 0.1, 5.0, -1000.0])
    np.testing.assert_allclose(MMF().value(steep, np.log(EPOCHS)), 0.1)


def test_a_combination_is_the_weighted_sum() -> None:
    parameters = np.concatenate([family.start for family in FAMILIES])
    assert parameters.shape == (PARAMETERS,)
    parts = split(parameters)
    assert [family.name for family, _ in parts] == list(PUBLISHED)
    assert [tuple(own) for _, own in parts] == [family.start for family in FAMILIES]
    weights = np.array([[0.1, 0.2, 0.3, 0.4], [0, 2, 0, 0]])
    values = combined(np.stack([parameters, parameters]), weights, np.log(EPOCHS))
    curves = [family.value(np.array(family.start), np.log(EPOCHS)) for family in FAMILIES]
    np.testing.assert_allclose(values[0], np.array([0.1, 0.2, 0.3, 0.4]) @ np.stack(curves))
    np.testing.assert_allclose(values[1], 2 * curves[1])
