from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from nascast.predictors.batched_mlp import (
    RELU,
    TANH,
    Activation,
    BatchedMLP,
    fan_in_uniform,
    glorot_uniform,
)

TORCH = {"relu": torch.relu, "tanh": torch.tanh}
both = pytest.mark.parametrize(("name", "activation"), [("relu", RELU), ("tanh", TANH)])


def drawn(
    activation: Activation, sizes: tuple[int, ...] = (3, 5, 4, 2), count: int = 2
) -> BatchedMLP:
    networks = BatchedMLP(sizes, activation, count, np.float64)
    fan_in_uniform(networks, [np.random.default_rng(i) for i in range(count)])
    return networks


def test_one_unit_worked_out_by_hand() -> None:
    """2 x - 1 through a ReLU, then 3 h + 0.5."""
    networks = BatchedMLP((1, 1, 1), RELU)
    networks.parameters[:] = [2, -1, 3, 0.5]
    inputs = np.array([[[2.0], [0.25]]])
    layers = networks.forward(inputs)
    assert layers[-1].ravel().tolist() == [9.5, 0.5]
    networks.backward(layers, np.ones((1, 2, 1)))
    # The second input is on the flat side: only the output's bias feels it.
    assert networks.gradient.tolist() == [6, 3, 3, 2]
    assert networks.weight_gradients[1].tolist() == [[[3]]]


@pytest.mark.parametrize("rows", [7, 1])
@both
def test_outputs_and_gradients_are_those_of_automatic_differentiation(
    name: str, activation: Activation, rows: int
) -> None:
    networks = drawn(activation)
    rng = np.random.default_rng(9)
    inputs, direction = rng.normal(size=(2, rows, 3)), rng.normal(size=(2, rows, 2))
    layers = networks.forward(inputs)
    sums = networks.backward(layers, direction)

    weights = [torch.tensor(weight, requires_grad=True) for weight in networks.weights]
    biases = [torch.tensor(bias, requires_grad=True) for bias in networks.biases]
    hidden = leaves = torch.tensor(inputs, requires_grad=True)
    for k in range(3):
        hidden = torch.baddbmm(biases[k], hidden if k == 0 else TORCH[name](hidden), weights[k])
    np.testing.assert_allclose(layers[-1], hidden.detach().numpy(), rtol=1e-12)
    (hidden * torch.tensor(direction)).sum().backward()  # type: ignore[no-untyped-call]
    ours_at_inputs = sums @ networks.weights[0].transpose(0, 2, 1)
    np.testing.assert_allclose(ours_at_inputs, leaves.grad, rtol=1e-10, atol=1e-12)
    for ours, theirs in zip(networks.weight_gradients, weights, strict=True):
        np.testing.assert_allclose(ours, theirs.grad, rtol=1e-10, atol=1e-12)
    for ours, theirs in zip(networks.bias_gradients, biases, strict=True):
        np.testing.assert_allclose(ours, theirs.grad, rtol=1e-10, atol=1e-12)


@both
def test_networks_do_not_feel_each_other(name: str, activation: Activation) -> None:
    together = drawn(activation, count=3)
    inputs = np.random.default_rng(9).normal(size=(4, 3))
    outputs = together.forward(inputs)[-1]
    assert outputs.shape == (3, 4, 2), name
    np.testing.assert_array_equal(together.forward(np.stack([inputs] * 3))[-1], outputs)
    for member in range(3):
        alone = BatchedMLP((3, 5, 4, 2), activation, dtype=np.float64)
        fan_in_uniform(alone, [np.random.default_rng(member)])
        np.testing.assert_allclose(alone.forward(inputs)[-1][0], outputs[member], rtol=1e-12)


def test_double_precision_inputs_are_computed_so() -> None:
    networks = BatchedMLP((3, 5, 1), TANH)
    glorot_uniform(networks, [np.random.default_rng(0)])
    assert networks.parameters.dtype == np.float32
    inputs = np.random.default_rng(1).normal(size=(4, 3))
    assert networks.forward(inputs)[-1].dtype == np.float64
    assert networks.forward(inputs.astype(np.float32))[-1].dtype == np.float32


def test_starts_have_the_bounds_of_their_sources() -> None:
    """Uniform within b has the variance b^2 / 3."""
    networks = BatchedMLP((60, 240, 60), RELU, 2)
    rngs = [np.random.default_rng(i) for i in range(2)]
    glorot_uniform(networks, rngs)
    for weight, bias in zip(networks.weights, networks.biases, strict=True):
        assert np.abs(weight).max() == pytest.approx(np.sqrt(6 / 300), rel=1e-3)
        assert weight.var() == pytest.approx(2 / 300, rel=0.03)
        assert not bias.any()
    fan_in_uniform(networks, rngs)
    for weight, bias, inputs in zip(networks.weights, networks.biases, (60, 240), strict=True):
        assert np.abs(weight).max() == pytest.approx(inputs**-0.5, rel=1e-3)
        assert weight.var() == pytest.approx(1 / (3 * inputs), rel=0.03)
        assert 0.8 * inputs**-0.5 < np.abs(bias).max() <= inputs**-0.5


def test_a_copy_still_computes_with_its_vector() -> None:
    network = drawn(RELU, (3, 4, 1))
    other = copy.deepcopy(network)
    x = np.ones((5, 3))
    np.testing.assert_array_equal(other.forward(x)[-1], network.forward(x)[-1])
    other.parameters[:] = 0
    assert not other.forward(x)[-1].any()
    assert network.forward(x)[-1].any()
