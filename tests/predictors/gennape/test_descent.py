from __future__ import annotations

import numpy as np

from nascast.predictors.batched_mlp import RELU, BatchedMLP, fan_in_uniform
from nascast.predictors.batched_training import Adam
from nascast.predictors.gennape.descent import Descent


def drawn() -> BatchedMLP:
    networks = BatchedMLP((3, 4, 1), RELU, 2)
    fan_in_uniform(networks, [np.random.default_rng(i) for i in range(2)])
    return networks


def test_steps_are_those_of_the_written_out_algorithm() -> None:
    ours, theirs = drawn(), drawn()
    second = BatchedMLP((2, 1), RELU)
    descent, adam = Descent([ours, second], 0.01), Adam(theirs.parameters, 0.01)
    rng = np.random.default_rng(0)
    for _ in range(50):
        ours.gradient[:] = rng.normal(size=ours.gradient.shape)
        second.gradient[:] = 1
        adam.step(ours.gradient)
        descent.step()
    np.testing.assert_allclose(ours.parameters, theirs.parameters, rtol=1e-4, atol=1e-6)
    # A constant gradient moves a parameter by the rate in every step.
    np.testing.assert_allclose(second.parameters, -0.5, rtol=1e-4)


def test_moments_of_dead_units_end_at_zero() -> None:
    networks = drawn()
    descent = Descent([networks], 0.01)
    networks.gradient[:] = 1e-20
    descent.step()
    networks.gradient[:] = 0
    networks.gradient[0] = 1
    for _ in range(1000):
        descent.step()
    state = next(iter(descent._adam.state.values()))
    first, second = state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()
    assert first[0] > 0.9
    assert second[0] > 0.5
    assert not first[1:].any()
    assert not second[1:].any()
