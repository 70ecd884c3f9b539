from __future__ import annotations

import pytest
import torch
from tests.networks.naive_darts import NaiveDarts
from tests.networks.naive_nasbench201 import copy_parameters

from nascast.networks.counts import count_macs, count_params
from nascast.networks.darts import plan_backbone, plan_cell, plan_operation
from nascast.networks.plan import Plan
from nascast.networks.planned import PlannedNetwork

# Between them, both cells have every operation on inputs and on nodes.
NORMAL = (
    ("sep_conv_3x3", 0), ("dil_conv_5x5", 1), ("skip_connect", 0), ("max_pool_3x3", 2),
    ("avg_pool_3x3", 1), ("skip_connect", 3), ("sep_conv_5x5", 2), ("dil_conv_3x3", 4),
)  # fmt: skip
REDUCE = (
    ("skip_connect", 0), ("sep_conv_5x5", 1), ("max_pool_3x3", 0), ("dil_conv_3x3", 1),
    ("avg_pool_3x3", 0), ("dil_conv_5x5", 1), ("skip_connect", 3), ("sep_conv_3x3", 1),
)  # fmt: skip
SKIPS = (("skip_connect", 0), ("skip_connect", 1)) * 4


def network_plan(channels: int, repeats: int, side: int, stride: int = 1, classes: int = 5) -> Plan:
    plan = Plan()
    images = plan.input(3, side)
    x = plan_backbone(plan, images, NORMAL, REDUCE, channels, repeats, stride)
    plan.linear(plan.global_pool(x), classes)
    return plan


@pytest.mark.parametrize(("channels", "repeats", "stride"), [(4, 1, 1), (2, 2, 2)])
def test_computes_what_the_naive_network_computes(channels: int, repeats: int, stride: int) -> None:
    torch.manual_seed(repeats)
    ours = PlannedNetwork(network_plan(channels, repeats, 16, stride)).double()
    naive = NaiveDarts(NORMAL, REDUCE, channels, 3 * repeats + 2, 5, stride).double()
    copy_parameters(ours, naive)
    images = torch.randn(4, 3, 16, 16, dtype=torch.float64)
    one, other = ours(images), naive(images)
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)
    one.square().sum().backward()
    other.square().sum().backward()
    for mine, theirs in zip(ours.parameters(), naive.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(("channels", "repeats", "side"), [(3, 1, 8), (5, 3, 32)])
def test_counts_equal_those_of_the_naive_network(channels: int, repeats: int, side: int) -> None:
    plan = network_plan(channels, repeats, side)
    with torch.device("meta"):
        naive = NaiveDarts(NORMAL, REDUCE, channels, 3 * repeats + 2, 5)
    assert plan.params() == count_params(naive)
    assert plan.macs() == count_macs(naive, (3, side, side))


def test_counts_of_skips_by_hand() -> None:
    """C = 2, one normal cell a stage: N R N R N with 2, 4, 4, 8 and 8 channels a node."""
    plan = Plan()
    plan_backbone(plan, plan.input(3, 8), SKIPS, SKIPS, 2, 1)
    stem = 3 * 6 * 9 + 2 * 6
    # Each cell: weights and norms of both preprocessings (c to c' is c c' + 2 c').
    first = 2 * (6 * 2 + 2 * 2)
    shrinking = 6 * 4 + 2 * 4 + 8 * 4 + 2 * 4 + 8 * (4 * 4 + 2 * 4)
    second = 8 * 4 + 2 * 4 + 16 * 4 + 2 * 4
    shrinking_again = 16 * 8 + 2 * 8 + 16 * 8 + 2 * 8 + 8 * (8 * 8 + 2 * 8)
    third = 16 * 8 + 2 * 8 + 32 * 8 + 2 * 8
    assert plan.params() == stem + first + shrinking + second + shrinking_again + third
    assert plan.shape(len(plan.nodes) - 1) == (32, 2, 2)


@pytest.mark.parametrize("side", [7, 8, 13])
@pytest.mark.parametrize("repeats", [1, 3])
def test_sides_are_halved_twice_and_rounded_up(side: int, repeats: int) -> None:
    plan = network_plan(2, repeats, side)
    features = plan.nodes[-2].inputs[0]
    half = -(-side // 2)
    assert plan.shape(features) == (4 * 2 * 4, -(-half // 2), -(-half // 2))
    assert PlannedNetwork(plan)(torch.randn(2, 3, side, side)).shape == (2, 5)


def test_a_reduction_cell_strides_on_its_inputs_only() -> None:
    plan = Plan()
    inputs = (plan.input(4, 8), 0)
    y = plan_cell(plan, inputs, REDUCE, 2)
    assert plan.shape(y) == (16, 4, 4)
    strided = [node for node in plan.nodes if node.stride == (2, 2)]
    # Seven edges read an input; the skip from one is a factorised reduction of two convolutions.
    assert len(strided) == 7 + 1


@pytest.mark.parametrize(
    ("operation", "convolutions", "params"),
    [
        ("max_pool_3x3", 0, 0),
        ("avg_pool_3x3", 0, 0),
        ("skip_connect", 0, 0),
        ("sep_conv_3x3", 4, 2 * (4 * 9 + 4 * 4 + 2 * 4)),
        ("sep_conv_5x5", 4, 2 * (4 * 25 + 4 * 4 + 2 * 4)),
        ("dil_conv_3x3", 2, 4 * 9 + 4 * 4 + 2 * 4),
        ("dil_conv_5x5", 2, 4 * 25 + 4 * 4 + 2 * 4),
    ],
)
def test_operations_by_hand(operation: str, convolutions: int, params: int) -> None:
    plan = Plan()
    y = plan_operation(plan, plan.input(4, 8), operation, 1)
    assert plan.shape(y) == (4, 8, 8)
    assert sum(node.op == "conv" for node in plan.nodes) == convolutions
    assert plan.params() == params
    dilated = sum(node.dilation == (2, 2) for node in plan.nodes)
    assert dilated == operation.startswith("dil_conv")
