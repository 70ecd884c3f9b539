from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from nascast.networks.counts import count_macs, count_params
from nascast.networks.plan import ACTIVATIONS, Plan
from nascast.networks.planned import PlannedNetwork


def every_operation(side: int = 16) -> Plan:
    """Return a plan that uses every operation once."""
    plan = Plan()
    x = plan.conv_bn(plan.input(3, side), 8, 3, 2, groups=1, bias=True)
    wide = plan.conv(x, 8, (1, 5), groups=8, dilation=2)
    pooled = plan.add(wide, plan.max_pool(x), plan.avg_pool(x), plan.zero(x))
    gate = plan.linear(plan.global_pool(pooled), 8, bias=False)
    gated = plan.mul(pooled, plan.activate(gate, "hard_sigmoid"))
    moved = plan.narrow(plan.shift(plan.mul(gated, gated)), 5)
    y = plan.concat(gated, moved)
    for kind in ACTIVATIONS:
        y = plan.activate(y, kind)
    y = plan.transposed_conv(plan.upsample(y, 2), 4, 4, 2, 1, bias=True)
    y = plan.batch_norm(y, affine=False)
    plan.linear(plan.global_pool(y), 7)
    return plan


def test_counts_equal_those_of_the_built_network() -> None:
    plan = every_operation()
    with torch.device("meta"):
        network = PlannedNetwork(plan)
    assert plan.params() == count_params(network)
    assert plan.macs() == count_macs(network, (3, 16, 16))


def test_shapes_are_those_of_the_forward_pass() -> None:
    plan = every_operation(12)
    seen: dict[int, tuple[int, ...]] = {}
    network = PlannedNetwork(plan)
    run = network._run

    def record(number: int, node: object, inputs: list[torch.Tensor]) -> torch.Tensor:
        value = run(number, node, inputs)
        seen[number] = tuple(value.shape[1:])
        return value

    network._run = record
    network(torch.randn(2, 3, 12, 12)).sum().backward()
    assert seen == {number: node.shape for number, node in enumerate(plan.nodes)}
    assert all(p.grad is not None for p in network.parameters())


def test_one_plan_is_a_hand_written_network() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4)
    plan.linear(plan.global_pool(plan.add(x, plan.conv_bn(x, 4, 1, activation=None))), 2)
    torch.manual_seed(1)
    network = PlannedNetwork(plan)
    torch.manual_seed(1)
    first = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
    second = nn.Sequential(nn.Conv2d(4, 4, 1, bias=False), nn.BatchNorm2d(4))
    head = nn.Linear(4, 2)
    images = torch.randn(5, 3, 8, 8)
    hidden = first(images)
    expected = head((hidden + second(hidden)).mean(dim=(2, 3)))
    torch.testing.assert_close(network(images), expected)


@given(
    side=st.integers(1, 12), kernel=st.integers(1, 4), stride=st.integers(1, 4), pad=st.booleans()
)
def test_pools_over_the_edge_are_torchs(side: int, kernel: int, stride: int, pad: bool) -> None:
    assume(pad or side >= kernel)
    padding = pad * (kernel // 2)
    plan = Plan()
    pooled = plan.avg_pool(plan.input(1, side), kernel, stride, padding, ceil=True)
    images = torch.arange(side * side, dtype=torch.float32).reshape(1, 1, side, side)
    expected = functional.avg_pool2d(images, kernel, stride, padding, True, False)
    assert plan.shape(pooled) == expected.shape[1:]
    torch.testing.assert_close(PlannedNetwork(plan)(images), expected)


def test_a_single_input_needs_no_merge() -> None:
    plan = Plan()
    x = plan.input(3, 4)
    assert plan.add(x) == plan.concat(x) == plan.narrow(x, 3) == x


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda p: p.conv(0, 4, groups=2), "from 3 to 4 channels cannot have 2 groups"),
        (lambda p: p.conv(0, 4, 9, padding=0), "nothing is left behind a convolution"),
        (lambda p: p.max_pool(0, 9, padding=0), "nothing is left behind a pool"),
        (lambda p: p.activate(0, "step"), "unknown activation 'step'; choose one of relu"),
        (lambda p: p.linear(0, 4), "reads a vector"),
        (lambda p: p.batch_norm(p.global_pool(0)), "reads \\(channels, height, width\\)"),
        (lambda p: p.add(0, p.conv(0, 4)), "cannot add shapes"),
        (lambda p: p.concat(0, p.max_pool(0, 2, 2)), "cannot concatenate shapes"),
        (lambda p: p.mul(0, p.conv(0, 4)), "cannot multiply shapes"),
        (lambda p: p.narrow(0, 4), "cannot keep 4 of 3 channels"),
    ],
)
def test_what_does_not_fit_is_refused(wrong: object, says: str) -> None:
    plan = Plan()
    plan.input(3, 4)
    with pytest.raises(ValueError, match=says):
        wrong(plan)  # type: ignore[operator]
