from __future__ import annotations

import pytest

from nascast.networks.gennape_blocks import OPERATORS, Style
from nascast.networks.plan import Node, Plan

PLAIN = Style(momentum=0.1, bias=False, strides_by_axis=False)
BIASED = Style(momentum=0.01, bias=True, strides_by_axis=True)
# Weights of every operator's convolutions from 8 to 16 channels.
WEIGHTS = {
    "conv1x1": [8 * 16],
    "conv3x3": [9 * 8 * 16],
    "conv5x5": [25 * 8 * 16],
    "double1x1": [8 * 16, 16 * 16],
    "double3x3": [9 * 8 * 8, 9 * 8 * 16],
    "inception_s3x3": [3 * 8 * 16, 3 * 16 * 16],
    "inception_s5x5": [5 * 8 * 16, 5 * 16 * 16],
    "inception_p3x3": [3 * 8 * 8, 3 * 8 * 8],
    "inception_p5x5": [5 * 8 * 8, 5 * 8 * 8],
    "depthwise3x3": [8 * 16, 9 * 16],
    "depthwise5x5": [8 * 16, 25 * 16],
    "bottleneck-r2-k1": [8 * 4, 4 * 16],
    "bottleneck-e2-k1": [8 * 16, 16 * 16],
    "bottleneck-r2-k3": [9 * 8 * 4, 9 * 4 * 16],
    "bottleneck-r4-k3": [9 * 8 * 2, 9 * 2 * 16],
    "bottleneck-e2-k3": [9 * 8 * 16, 9 * 16 * 16],
}
POOLS = ("avgpool3x3", "maxpool3x3")


def plan_of(name: str, style: Style, channels: int = 16, stride: int = 1) -> Plan:
    plan = Plan()
    last = OPERATORS[name](plan, style, plan.input(8, 8), channels, stride)
    assert last == len(plan.nodes) - 1
    return plan


def of_kind(plan: Plan, op: str) -> list[Node]:
    return [node for node in plan.nodes if node.op == op]


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_by_hand(name: str) -> None:
    plan = plan_of(name, PLAIN)
    norms = of_kind(plan, "batch_norm")
    assert plan.params() == sum(WEIGHTS[name]) + sum(2 * node.shape[0] for node in norms)
    assert plan.macs() == sum(WEIGHTS[name]) * 64
    assert len(of_kind(plan, "conv")) == len(WEIGHTS[name])


def test_every_operator_has_its_weights_here() -> None:
    assert set(OPERATORS) == {*WEIGHTS, *POOLS}


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("style", [PLAIN, BIASED])
def test_stride_halves_the_image(name: str, style: Style) -> None:
    assert plan_of(name, style, stride=2).nodes[-1].shape == (16, 4, 4)


@pytest.mark.parametrize("name", [*WEIGHTS, *POOLS])
def test_norms_and_biases_are_the_styles(name: str) -> None:
    plan = plan_of(name, BIASED, channels=8)
    norms, convs = of_kind(plan, "batch_norm"), of_kind(plan, "conv")
    assert {(node.momentum, node.eps) for node in norms} == {(0.01, 1e-3)}
    assert all(node.bias for node in convs)
    assert not any(node.bias for node in of_kind(plan_of(name, PLAIN, channels=8), "conv"))


def test_a_depthwise_operator_widens_before_without_norm_or_bias() -> None:
    plan = plan_of("depthwise5x5", BIASED, stride=2)
    widening, depthwise = of_kind(plan, "conv")
    assert (widening.groups, widening.bias, widening.kernel, widening.stride) == (
        1, False, (1, 1), (1, 1),
    )  # fmt: skip
    assert (depthwise.groups, depthwise.bias, depthwise.stride) == (16, True, (2, 2))
    assert [node.op for node in plan.nodes] == ["input", "conv", "conv", "batch_norm", "relu6"]
    assert [n.op for n in plan_of("depthwise3x3", BIASED, channels=8).nodes] == [
        "input", "conv", "batch_norm", "relu6",
    ]  # fmt: skip


def test_separable_operators_stride_as_their_family_does() -> None:
    both, axis = (
        [(n.kernel, n.stride) for n in of_kind(plan_of("inception_s3x3", style, stride=2), "conv")]
        for style in (PLAIN, BIASED)
    )
    assert both == [((1, 3), (2, 2)), ((3, 1), (1, 1))]
    assert axis == [((1, 3), (1, 2)), ((3, 1), (2, 1))]


def test_parallel_halves_stride_their_own_axis_first() -> None:
    plan = plan_of("inception_p5x5", BIASED, stride=2)
    assert [(n.kernel, n.stride, n.shape) for n in of_kind(plan, "conv")] == [
        ((1, 5), (1, 2), (8, 8, 4)),
        ((5, 1), (2, 1), (8, 4, 4)),
        ((5, 1), (2, 1), (8, 4, 8)),
        ((1, 5), (1, 2), (8, 4, 4)),
    ]
    # One activation behind the concatenation, none within the halves.
    assert [node.op for node in plan.nodes[-2:]] == ["concat", "relu6"]
    assert len(of_kind(plan, "relu6")) == 1


def test_bottlenecks_have_no_activation_and_at_least_one_channel() -> None:
    plan = Plan()
    OPERATORS["bottleneck-r4-k3"](plan, PLAIN, plan.input(3, 8), 6, 1)
    assert [node.shape[0] for node in of_kind(plan, "conv")] == [1, 6]
    assert {node.op for node in plan.nodes} == {"input", "conv", "batch_norm"}


@pytest.mark.parametrize("name", POOLS)
def test_pools_keep_their_channels(name: str) -> None:
    plan = plan_of(name, PLAIN, channels=8)
    assert [node.op for node in plan.nodes[1:]] == [f"{name[:3]}_pool", "batch_norm"]
    assert plan.nodes[-1].shape == (8, 8, 8)
    with pytest.raises(ValueError, match=f"a {name[:3]} pool keeps 8 channels, it cannot give 16"):
        plan_of(name, PLAIN)
