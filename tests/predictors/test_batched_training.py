from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.predictors.batched_mlp import RELU, TANH, BatchedMLP, glorot_uniform
from nascast.predictors.batched_training import Adam, absolute_error, squared_error, train

LOSSES = {"l1": absolute_error, "mse": squared_error}
TORCH = {"l1": torch.nn.functional.l1_loss, "mse": torch.nn.functional.mse_loss}


def made(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(count, 3))
    return vectors, np.sin(vectors.sum(axis=1))


def fitted(members: list[int], rows: int = 12, dtype: type = np.float64) -> BatchedMLP:
    networks = BatchedMLP((3, 6, 6, 1), TANH, len(members), dtype)
    rngs = [np.random.default_rng(member) for member in members]
    glorot_uniform(networks, rngs)
    optimiser = Adam(networks.parameters, 0.01)
    train(
        networks, *made(rows), rngs, optimiser=optimiser, loss=squared_error, epochs=60,
        batch_size=5,
    )  # fmt: skip
    return networks


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.9, 0.99)])
def test_adam_is_torchs(betas: tuple[float, float]) -> None:
    gradients = np.random.default_rng(0).normal(size=(50, 4)) * [1e-3, 1, 100, 0]
    ours = np.ones(4)
    theirs = torch.ones(4, dtype=torch.float64, requires_grad=True)
    optimiser, reference = Adam(ours, 0.1, betas), torch.optim.Adam([theirs], 0.1, betas)
    for gradient in gradients:
        optimiser.step(gradient)
        theirs.grad = torch.tensor(gradient)
        reference.step()
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10)


def test_moments_of_a_dead_unit_stay_normal_numbers() -> None:
    parameters = np.ones(2, np.float32)
    optimiser = Adam(parameters, 0.1, (0.1, 0.1))
    for step in range(100):
        optimiser.step(np.full(2, step < 3, np.float32))
        if step == 20:
            settled = parameters.copy()
    assert np.abs(optimiser.first).min() > np.finfo(np.float32).tiny
    assert optimiser.second.min() > np.finfo(np.float32).tiny
    np.testing.assert_array_equal(parameters, settled)


@pytest.mark.parametrize("loss", ["l1", "mse"])
def test_whole_batches_train_as_with_automatic_differentiation(loss: str) -> None:
    vectors, labels = made(10)
    networks = BatchedMLP((3, 4, 1), RELU, 1, np.float64)
    rngs = [np.random.default_rng(1)]
    glorot_uniform(networks, rngs)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    model.double()
    for layer, weight in zip((model[0], model[2]), networks.weights, strict=True):
        layer.weight.data = torch.tensor(weight[0].T)
        torch.nn.init.zeros_(layer.bias)
    train(
        networks, vectors, labels, rngs, optimiser=Adam(networks.parameters, 0.01, (0.9, 0.99)),
        loss=LOSSES[loss], epochs=100, batch_size=32, output_penalty=0.2,
    )  # fmt: skip
    optimiser = torch.optim.Adam(model.parameters(), 0.01, (0.9, 0.99))
    for _ in range(100):
        optimiser.zero_grad()
        outputs = model(torch.tensor(vectors)).squeeze(1)
        total = TORCH[loss](outputs, torch.tensor(labels)) + 0.2 * model[2].weight.abs().sum()
        total.backward()
        optimiser.step()
    np.testing.assert_allclose(networks.weights[0][0], model[0].weight.data.T, atol=1e-6)
    np.testing.assert_allclose(networks.weights[1][0], model[2].weight.data.T, atol=1e-6)


def test_networks_trained_together_are_those_trained_alone() -> None:
    vectors, _ = made(12)
    together = fitted([0, 1, 2]).forward(vectors)[-1]
    for member in range(3):
        alone = fitted([member]).forward(vectors)[-1][0]
        np.testing.assert_allclose(alone, together[member], rtol=1e-8)
    assert not np.allclose(together[0], together[1], rtol=1e-2)


def test_training_learns() -> None:
    networks = fitted([0], rows=100, dtype=np.float32)
    vectors, labels = made(100)
    errors = networks.forward(vectors)[-1][0, :, 0] - labels
    assert np.mean(errors**2) < 0.05 * labels.var()


@pytest.mark.parametrize(
    ("rows", "drop_last", "batches"),
    [(7, False, [3, 3, 1]), (7, True, [3, 3]), (6, True, [3, 3]), (2, True, [2])],
)
def test_an_epoch_makes_the_batches_it_should(
    rows: int, drop_last: bool, batches: list[int]
) -> None:
    seen: list[int] = []

    def loss(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        seen.append(outputs.shape[1])
        return squared_error(outputs, targets)

    networks = BatchedMLP((3, 1), TANH)
    train(
        networks, *made(rows), [np.random.default_rng(0)], loss=loss, epochs=2, batch_size=3,
        optimiser=Adam(networks.parameters, 0.1), drop_last=drop_last,
    )  # fmt: skip
    assert seen == batches * 2
