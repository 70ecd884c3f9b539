from __future__ import annotations

import pytest
import torch
from torch import nn

from nascast.networks.plan import Plan
from nascast.networks.planned import PlannedNetwork
from nascast.networks.resnet_d import bottleneck, deep_stem


@pytest.mark.parametrize("side", [1, 7, 8])
def test_the_shortcut_averages_what_there_is(side: int) -> None:
    plan = Plan()
    bottleneck(plan, plan.input(4, side), 6, 3, 2)
    network = PlannedNetwork(plan).eval()
    layers = [layer for layer in network.layers.values() if isinstance(layer, nn.Conv2d)]
    images = torch.randn(2, 4, side, side)
    main = layers[2](torch.relu(layers[1](torch.relu(layers[0](images)))))
    # A window of the last row or column of an odd side holds fewer than four pixels.
    rows = [images[:, :, i : i + 2].mean(2, keepdim=True) for i in range(0, side, 2)]
    halved = torch.cat(rows, 2)
    columns = [halved[..., i : i + 2].mean(3, keepdim=True) for i in range(0, side, 2)]
    expected = torch.relu(main + layers[3](torch.cat(columns, 3)))
    # In evaluation a fresh batch norm divides by sqrt(1 + eps) only.
    torch.testing.assert_close(network(images), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("inputs", "stride", "pools", "convs"), [(8, 1, 0, 3), (6, 1, 0, 4), (8, 2, 1, 4)]
)
def test_a_shortcut_changes_only_what_must_change(
    inputs: int, stride: int, pools: int, convs: int
) -> None:
    plan = Plan()
    bottleneck(plan, plan.input(inputs, 6), 8, 2, stride)
    ops = [node.op for node in plan.nodes]
    assert (ops.count("avg_pool"), ops.count("conv")) == (pools, convs)


def test_stems_by_hand() -> None:
    for residual, weights in ((False, 27 * 4 + 36 * 10), (True, 27 * 4 + 36 * 4 + 36 * 10)):
        plan = Plan()
        x = deep_stem(plan, plan.input(3, 20), 4, 10, 2, residual=residual)
        assert plan.shape(x) == (10, 5, 5)
        assert plan.macs() == 100 * weights
        assert plan.params() == weights + 2 * (4 + 4 * residual + 10)
