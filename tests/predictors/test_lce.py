from __future__ import annotations

import numpy as np
import pytest

from nascast.predictors.base import Observations
from nascast.predictors.curve_families import FAMILIES, split
from nascast.predictors.curve_fitting import fit_all
from nascast.predictors.lce import LCE
from nascast.seeds import derive_seed

EPOCHS = np.arange(1, 21, dtype=np.float64)


def hill(epochs: np.ndarray) -> np.ndarray:
    """Accuracies of three networks, rising to 0.6, 0.7 and 0.9."""
    return np.array([[0.6], [0.7], [0.9]]) * epochs**0.8 / (3**0.8 + epochs**0.8)


def observed(curves: np.ndarray) -> Observations:
    ids = tuple(f"a{i}" for i in range(len(curves)))
    return Observations(ids, curves.shape[1], {"val_acc": curves})


def test_networks_are_ranked_by_where_their_curves_go() -> None:
    curves = hill(EPOCHS)
    curves[2] *= 0.6  # lower than the others at the budget, but still rising
    curves[2] += np.linspace(0, 0.13, 20)
    assert curves[2, -1] < curves[1, -1]
    scores = LCE(200).predict(observed(curves))
    assert scores[2] > scores[1] > scores[0]
    np.testing.assert_allclose(scores[:2], hill(np.array([200.0]))[:2, 0], atol=0.05)


def test_the_chain_is_a_metropolis_walk() -> None:
    """Against a walk in plain numbers of one curve, with the published formulas."""
    curve = hill(EPOCHS)[1] + 0.02 * np.sin(EPOCHS)
    settings = {"samples": 40, "step": 3e-3}
    (score,) = LCE(200, seed=5, settings=settings).predict(observed(curve[None]))
    parameters, plausible = fit_all(curve[None], np.log(EPOCHS), np.log([200.0]))
    assert plausible.all()

    def value(state: np.ndarray, epoch: float) -> float:
        parts = split(state[:12])
        values = [float(family.value(own, np.log([epoch]))[0]) for family, own in parts]
        return float(np.dot(state[12:16], values))

    def log_likelihood(state: np.ndarray) -> float:
        errors = [value(state, x) - y for x, y in zip(EPOCHS, curve, strict=True)]
        return float(sum(-0.5 * np.log(state[16]) - e**2 / (2 * state[16]) for e in errors))

    state = np.array([*parameters[0], *[1 / len(FAMILIES)] * 4, 0.0])
    state[16] = np.mean([(value(state, x) - y) ** 2 for x, y in zip(EPOCHS, curve, strict=True)])
    rng = np.random.default_rng(derive_seed("LCE", 5, "a0"))
    moves, chances = rng.standard_normal((40, 17)), rng.random(40)
    ends, accepted = [], 0
    for move, chance in zip(moves, chances, strict=True):
        ends.append(value(state, 200))
        proposed = state + 3e-3 * move
        if proposed[16] <= 0 or value(proposed, 21) <= value(proposed, 1):
            continue
        if np.log(chance) < log_likelihood(proposed) - log_likelihood(state):
            state, accepted = proposed, accepted + 1
    assert 0 < accepted < 40
    assert score == pytest.approx(np.mean(ends), rel=1e-9)


def test_where_every_family_leaves_the_accuracies_the_last_value_is_kept() -> None:
    assert LCE(200).predict(observed(np.linspace(0.02, 0.98, 20)[None])).tolist() == [0.98]


def test_a_curve_that_is_met_exactly_is_no_error() -> None:
    scores = LCE(200).predict(observed(np.array([[0.2, 0.3], [0.1, 0.1]])))
    assert np.isfinite(scores).all()


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown LCE settings"):
        LCE(200, settings={"steps": 3})
