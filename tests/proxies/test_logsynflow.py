import copy
import math

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

from nascast.proxies.base import Status
from nascast.proxies.logsynflow import LogSynflow


def reference(model: TinyNetwork, side: int) -> float:
    """The formula, weight by weight, on a network of positive weights without its batch norm."""
    positive = copy.deepcopy(model).double()
    positive.norm = nn.Identity()
    for parameter in positive.parameters():
        parameter.data.abs_()
    positive(torch.ones(1, 3, side, side, dtype=torch.float64)).sum().backward()
    total = 0.0
    for layer in (positive.stem, positive.conv, positive.head):
        gradient = layer.weight.grad
        assert gradient is not None
        pairs = zip(layer.weight.flatten().tolist(), gradient.flatten().tolist(), strict=True)
        total += sum(weight * math.log(1 + flow) for weight, flow in pairs)
    return total


@pytest.mark.parametrize("seed", [0, 1])
def test_is_its_formula(seed: int) -> None:
    model = tiny_network(seed)
    assert value(LogSynflow.name, model, tiny_batch()) == pytest.approx(
        reference(model, 6), rel=1e-4
    )


def test_a_network_by_hand() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 1), nn.Linear(1, 1)).eval()
    with torch.no_grad():
        model[1].weight.fill_(-0.5)
        model[1].bias.zero_()
        model[2].weight.fill_(3.0)
    # R = |3| * (4 * |-0.5|): dR/dw = 3 for each of four weights, and 2 for the last.
    expected = 4 * 0.5 * math.log(4) + 3 * math.log(3)
    assert value("logsynflow", model, batch_of(torch.zeros(2, 1, 2, 2))) == pytest.approx(expected)


def test_reads_no_image_and_no_sign() -> None:
    model = tiny_network()
    before = value("logsynflow", model, tiny_batch(seed=0))
    assert value("logsynflow", model, tiny_batch(seed=1)) == before
    with torch.no_grad():
        model.conv.weight.neg_()
    assert value("logsynflow", model, tiny_batch()) == before


def test_a_network_without_flow_has_none() -> None:
    assert score("logsynflow", dead_network(), tiny_batch()).value == 0


def test_overflow_is_reported() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1)).double()
    with torch.no_grad():
        for layer in model[1:]:
            layer.weight.fill_(1e200)
    assert score("logsynflow", model, batch_of(torch.zeros(2, 1))).status is Status.OVERFLOW
