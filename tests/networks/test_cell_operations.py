from __future__ import annotations

import pytest
import torch

from nascast.networks.cell_operations import factorised_reduce, relu_conv_bn
from nascast.networks.plan import Plan
from nascast.networks.planned import PlannedNetwork


def ops(plan: Plan) -> list[str]:
    return [node.op for node in plan.nodes[1:]]


def test_relu_comes_before_the_convolution_and_none_behind_the_norm() -> None:
    plan = Plan()
    y = relu_conv_bn(plan, plan.input(3, 9), 5, 3, 2)
    assert ops(plan) == ["relu", "conv", "batch_norm"]
    assert plan.shape(y) == (5, 5, 5)
    assert plan.params() == 3 * 5 * 9 + 2 * 5


@pytest.mark.parametrize("side", [4, 5])
def test_factorised_reduction_reads_even_and_odd_pixels(side: int) -> None:
    plan = Plan()
    y = factorised_reduce(plan, plan.input(1, side), 2)
    assert plan.shape(y) == (2, -(-side // 2), -(-side // 2))
    assert plan.params() == 2 + 2 * 2
    network = PlannedNetwork(plan).eval()
    for layer in network.layers.values():
        torch.nn.init.ones_(layer.weight)
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.eps = 0.0
    image = torch.arange(1.0, side * side + 1).view(1, 1, side, side)
    even, odd = network(image)[0]
    assert torch.equal(even, image[0, 0, ::2, ::2])
    whole = side // 2
    assert torch.equal(odd[:whole, :whole], image[0, 0, 1::2, 1::2])
    assert not odd[whole:].any()
    assert not odd[:, whole:].any()
    assert not network(-image).any()


def test_an_odd_number_of_channels_is_split() -> None:
    plan = Plan()
    assert plan.shape(factorised_reduce(plan, plan.input(4, 6), 5)) == (5, 3, 3)
