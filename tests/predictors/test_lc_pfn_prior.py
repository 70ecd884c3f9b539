from __future__ import annotations

import math

import numpy as np

from nascast.predictors.lc_pfn_prior import EPOCHS, draw_curves


def plain_curve(rng: np.random.Generator) -> list[float]:
    """One curve in plain numbers, by the published recipe."""
    while True:
        a, c, alpha = rng.uniform(-0.6, 0.6), rng.uniform(0, 1.25), math.exp(rng.normal(0, 2))
        c2, a2 = rng.uniform(0, 1), rng.uniform(-0.5, 0.5)
        top, beta = rng.uniform(0, 1), rng.uniform(0, 2)
        k, delta = math.exp(rng.normal(-2, 1)), math.exp(rng.normal(0, 0.5))
        weights = rng.uniform(0, 1, 3)
        curve = [
            weights[0] * (c - a * x**-alpha)
            + weights[1] * (c2 - a2 / math.log(x + 1))
            + weights[2] * (top - (top - beta) * math.exp(-k * x**delta))
            for x in range(1, EPOCHS + 1)
        ]
        if curve[-1] > curve[0] and min(curve) >= 0 and max(curve) <= 1:
            return curve


def test_curves_are_those_of_the_published_recipe() -> None:
    rng = np.random.default_rng(0)
    plain = np.array([plain_curve(rng) for _ in range(400)])
    curves, _ = draw_curves(5000, np.random.default_rng(1))
    assert curves.shape == (5000, EPOCHS)
    for epoch in (0, 4, 99):
        theirs, ours = plain[:, epoch], curves[:, epoch]
        assert abs(ours.mean() - theirs.mean()) < 4 * theirs.std() / 20
        np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.15)
    rise = plain[:, -1] - plain[:, 0]
    assert abs((curves[:, -1] - curves[:, 0]).mean() - rise.mean()) < 4 * rise.std() / 20


def test_curves_rise_and_are_accuracies() -> None:
    curves, _ = draw_curves(3000, np.random.default_rng(2))
    assert (curves >= 0).all()
    assert (curves <= 1).all()
    assert (curves[:, -1] > curves[:, 0]).all()


def test_every_curve_has_noise_of_its_own_deviation() -> None:
    curves, noisy = draw_curves(3000, np.random.default_rng(3))
    logarithms = np.log((noisy - curves).std(axis=1))
    np.testing.assert_allclose([logarithms.mean(), logarithms.std()], [-4, 1], atol=0.06)


def test_draws_repeat() -> None:
    one, other = (draw_curves(5, np.random.default_rng(4))[1] for _ in range(2))
    np.testing.assert_array_equal(one, other)
