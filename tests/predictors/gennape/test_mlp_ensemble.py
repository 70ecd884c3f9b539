from __future__ import annotations

import numpy as np
import torch

from nascast.predictors.gennape.mlp_ensemble import MLPEnsemble


def made(outputs: int = 2) -> tuple[MLPEnsemble, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    ensemble = MLPEnsemble.draw(5, 8, outputs, 3, "test", 0)
    return ensemble, rng.normal(size=(6, 5)), rng.dirichlet(np.ones(3), 6)


def test_the_output_is_the_sum_of_the_networks_weighted_by_membership() -> None:
    ensemble, inputs, memberships = made()
    outputs, _ = ensemble.forward(inputs, memberships)
    networks = ensemble.networks
    assert networks.count == 3
    assert [weight.shape for weight in networks.weights] == [
        (3, 5, 8), (3, 8, 8), (3, 8, 8), (3, 8, 8), (3, 8, 2)
    ]  # fmt: skip
    expected = np.zeros((6, 2))
    for i in range(6):
        for j in range(3):
            hidden = inputs[i]
            for k in range(5):
                hidden = np.maximum(hidden, 0) if k else hidden
                hidden = hidden @ networks.weights[k][j] + networks.biases[k][j, 0]
            expected[i] += memberships[i, j] * hidden
    np.testing.assert_allclose(outputs, expected, rtol=1e-10)


def test_gradients_are_those_of_automatic_differentiation() -> None:
    ensemble, inputs, memberships = made()
    direction = np.random.default_rng(1).normal(size=(6, 2))
    _, layers = ensemble.forward(inputs, memberships)
    ensemble.backward(layers, memberships, direction)
    # In double precision, or rounding would hide an error.
    weights = [torch.tensor(w, requires_grad=True).double() for w in ensemble.networks.weights]
    biases = [torch.tensor(b).double() for b in ensemble.networks.biases]
    leaves = [weight.retain_grad() or weight for weight in weights]
    hidden = torch.tensor(inputs).expand(3, 6, 5)
    for k in range(5):
        hidden = torch.baddbmm(biases[k], torch.relu(hidden) if k else hidden, weights[k])
    weighted = torch.einsum("nc,cno->no", torch.tensor(memberships), hidden)
    (weighted * torch.tensor(direction)).sum().backward()
    for ours, theirs in zip(ensemble.networks.weight_gradients, leaves, strict=True):
        assert theirs.grad is not None
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_many_rows_are_evaluated_as_few_are() -> None:
    ensemble, _, _ = made(1)
    rng = np.random.default_rng(2)
    inputs, memberships = rng.normal(size=(1500, 5)), rng.dirichlet(np.ones(3), 1500)
    outputs = ensemble.evaluate(inputs, memberships)
    assert outputs.shape == (1500, 1)
    rows = [0, 1023, 1024, 1499]
    few, _ = ensemble.forward(inputs[rows], memberships[rows])
    np.testing.assert_allclose(outputs[rows], few, rtol=1e-12)
    assert ensemble.evaluate(inputs[:0], memberships[:0]).shape == (0, 1)


def test_the_identity_decides_the_start() -> None:
    one, same = (MLPEnsemble.draw(5, 8, 1, 2, "x", 1).networks.parameters for _ in range(2))
    other = MLPEnsemble.draw(5, 8, 1, 2, "x", 2).networks.parameters
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    weights = MLPEnsemble.draw(5, 8, 1, 2, "x", 1).networks.weights[0]
    assert not np.array_equal(weights[0], weights[1])
