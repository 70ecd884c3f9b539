import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.proxies.tiny import (
    TinyNetwork,
    batch_of,
    dead_network,
    score,
    tiny_batch,
    tiny_network,
    value,
)
from torch import nn

from nascast.proxies.base import Batch, Status
from nascast.proxies.zico import Zico


def reference(model: TinyNetwork, batch: Batch) -> float:
    """The formula, weight by weight: mean and deviation of two absolute gradients."""
    model = model.double().train()
    half = (len(batch) + 1) // 2
    halves = [slice(None, half), slice(half, None)]
    gradients = []
    for part in halves:
        model.zero_grad()
        batch.loss(model(batch.inputs[part].double()), batch.targets[part]).backward()
        gradients.append(
            [layer.weight.grad.flatten().tolist() for layer in (model.stem, model.conv, model.head)]
        )
    total = 0.0
    for first, second in zip(*gradients, strict=True):
        pairs = [np.abs(pair) for pair in zip(first, second, strict=True)]
        total += math.log(sum(np.mean(pair) / np.std(pair) for pair in pairs if np.std(pair) > 0))
    return total


@pytest.mark.parametrize("count", [8, 7, 4])
def test_is_its_formula(count: int) -> None:
    batch = tiny_batch(count, dtype=torch.float64)
    assert value(Zico.name, tiny_network(dtype=torch.float64), batch) == pytest.approx(
        reference(tiny_network(), batch), rel=1e-4
    )


def test_single_precision_agrees() -> None:
    batch = tiny_batch(8)
    assert value("zico", tiny_network(), batch) == pytest.approx(
        reference(tiny_network(), batch), rel=1e-3
    )


def test_a_weight_by_hand() -> None:
    # Gradients of the mean output for the weight are the mean inputs of the halves: -1 and 3.
    model = nn.Linear(1, 1, bias=False)
    inputs = torch.tensor([[-2.0], [0.0], [2.0], [4.0]])
    batch = replace(batch_of(inputs), loss=lambda outputs, _: outputs.mean())
    assert value("zico", model, batch) == pytest.approx(math.log(2 / 1))


@pytest.mark.parametrize("factor", [-1.0, 16.0])
def test_neither_the_losss_sign_nor_its_scale_matter(factor: float) -> None:
    batch = tiny_batch()
    turned = replace(batch, loss=lambda outputs, targets: factor * batch.loss(outputs, targets))
    model = tiny_network()
    assert value("zico", model, turned) == pytest.approx(value("zico", model, batch))


def test_layers_without_gradients_are_left_out() -> None:
    model = tiny_network()
    before = value("zico", model, tiny_batch())
    model.idle = nn.Conv2d(3, 3, 3)
    assert value("zico", model, tiny_batch()) == before


def test_a_network_whose_gradients_never_vary_has_no_score() -> None:
    assert score("zico", nn.Flatten(), tiny_batch()).status is Status.NAN
    batch = tiny_batch()
    constant = replace(batch, loss=lambda outputs, _: 0 * outputs.sum())
    assert score("zico", dead_network(), constant).status is Status.NAN


def test_gradients_that_are_not_numbers_are_reported() -> None:
    model = tiny_network()
    with torch.no_grad():
        model.head.weight[0, 0] = math.nan
    assert score("zico", model, tiny_batch()).status is Status.NAN


def test_needs_two_images_in_each_half() -> None:
    found = score("zico", tiny_network(), tiny_batch(3))
    assert found.status is Status.UNDEFINED
    assert "needs 4 images, not 3" in found.reason
