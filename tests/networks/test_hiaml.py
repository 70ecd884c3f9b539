from __future__ import annotations

import pytest
import torch
from tests.networks.lazy_network import LazyNetwork, assert_same_network, linear
from tests.spaces.plan_forms import plan_form
from torch import Tensor

from nascast.networks.hiaml import BLOCKS, append_block
from nascast.networks.plan import Plan
from nascast.networks.planned import PlannedNetwork

# Every block from 4 to 4 channels on 8 x 8 pixels. Layers behind each other, weights + scales and
# offsets: a 3 x 3 convolution has 9 * 4 * 4 + 2 * 4, a 1 x 1 convolution 4 * 4 + 2 * 4, a separable
# one twice 3 * 4 * 4 + 2 * 4. Nodes: convolution, norm, activation; then additions and last ReLU.
PLAIN = {
    "z": ((144 + 8) + (48 + 8) * 2, (144 + 96) * 64, 3 + 6 + 1 + 1),
    "a22": ((144 + 8) + (16 + 8) * 2, (144 + 16 + 16) * 64, 3 + 3 + 2 + 1 + 1),
    "b23": ((48 + 8) * 4, 4 * 48 * 64, 6 + 6 + 1 + 1),
    "j30": ((144 + 8) + (48 + 8) * 2, (144 + 96) * 64, 3 + 6 + 1 + 1),
    "g30": ((48 + 8) * 4 + (16 + 8), (4 * 48 + 16) * 64, 6 + (1 + 6) + 2 + 1 + 1),
    "r30": ((48 + 8) * 4 + (16 + 8), (4 * 48 + 16) * 64, 6 + (1 + 2) + 6 + 2 + 1),
    "l20": ((144 + 8) + (16 + 8), (144 + 16) * 64, 3 + 2 + 1),
    "t20": ((16 + 8) + (48 + 8) * 2, (16 + 96) * 64, 2 + 6 + 1 + 1),
    "t31": ((48 + 8) * 4 + (16 + 8), (4 * 48 + 16) * 64, 6 + 3 + (1 + 6) + 2 + 1),
    "src0": ((16 + 8) + (144 + 8) * 2, (16 + 144 + 144) * 64, 3 + 3 + 2 + 1 + 1),
    "src1": ((16 + 8) + (144 + 8) * 2, (16 + 144 + 144) * 64, 3 + 3 + 2 + 1 + 1),
    "src3": ((16 + 8) * 3 + (144 + 8), (3 * 16 + 144) * 64, 2 + 3 + 3 + 2 + 1 + 1),
    "src7": ((16 + 8) + (48 + 8) * 4, (16 + 4 * 48) * 64, 2 + 6 + 6 + 1 + 1),
    "src8": ((16 + 8) * 2 + (48 + 8) * 2, (16 + 96 + 16) * 64, 2 + 6 + 2 + 1 + 1),
}
# From 4 to 8 channels, from 8 x 8 to 4 x 4 pixels. What reads the input: 3 x 3 with 9 * 4 * 8 = 288
# weights, 1 x 1 (and projections) with 4 * 8 = 32, separable with 3 * 4 * 8 = 96 and
# 3 * 8 * 8 = 192. Behind it 9 * 8 * 8 = 576, 8 * 8 = 64 and twice 192. Norms have 2 * 8 numbers.
# All of it has 16 positions; only what src1 and src3 do before their stride has 4 channels and 64.
STRIDED = {
    "z": ((288 + 16) + (192 + 16) * 2, (288 + 384) * 16, 3 + 6 + 1 + 1),
    "a22": ((288 + 16) + (64 + 16) * 2, (288 + 64 + 64) * 16, 3 + 3 + 2 + 1 + 1),
    "b23": (
        (96 + 16) + (192 + 16) + (192 + 16) * 2 + (32 + 16),
        (96 + 192 + 384 + 32) * 16,
        6 + 6 + 2 + 1 + 1,
    ),
    "j30": ((288 + 16) + (192 + 16) * 2 + (32 + 16), (288 + 384 + 32) * 16, 3 + 6 + 2 + 1 + 1),
    "g30": (
        (96 + 16) + (192 + 16) + (32 + 16) + (192 + 16) * 2 + (64 + 16),
        (96 + 192 + 32 + 384 + 64) * 16,
        6 + (2 + 1 + 6) + 2 + 1 + 1,
    ),
    "r30": (
        (96 + 16) + (192 + 16) + (32 + 16) + (64 + 16) + (192 + 16) * 2 + (32 + 16),
        (96 + 192 + 32 + 64 + 384 + 32) * 16,
        6 + (2 + 1 + 2) + 6 + 2 + 2 + 1,
    ),
    "l20": ((288 + 16) + (64 + 16), (288 + 64) * 16, 3 + 2 + 1),
    "t20": ((32 + 16) + (96 + 16) + (192 + 16), (32 + 96 + 192) * 16, 2 + 6 + 1 + 1),
    "t31": (
        (96 + 16) + (192 + 16) + (64 + 16) + (32 + 16) + (192 + 16) * 2 + (32 + 16),
        (96 + 192 + 64 + 32 + 384 + 32) * 16,
        6 + 3 + (2 + 1 + 6) + 2 + 2 + 1,
    ),
    "src0": ((32 + 16) + (576 + 16) * 2, (32 + 576 + 576) * 16, 3 + 3 + 2 + 1 + 1),
    "src1": (
        (32 + 16) + (144 + 8) + (288 + 16),
        32 * 16 + 144 * 64 + 288 * 16,
        3 + 3 + 2 + 1 + 1,
    ),
    "src3": (
        (32 + 16) + (16 + 8) + (288 + 16) + (64 + 16),
        32 * 16 + 16 * 64 + (288 + 64) * 16,
        2 + 3 + 3 + 2 + 1 + 1,
    ),
    "src7": ((32 + 16) + (192 + 16) * 4, (32 + 4 * 192) * 16, 2 + 6 + 6 + 1 + 1),
    "src8": ((32 + 16) + (192 + 16) * 2 + (64 + 16), (32 + 384 + 64) * 16, 2 + 6 + 2 + 1 + 1),
}


def block_plan(name: str, channels: int, stride: int) -> Plan:
    plan = Plan()
    append_block(plan, plan.input(4, 8), name, channels, stride)
    return plan


def test_there_are_fourteen_blocks() -> None:
    assert list(BLOCKS) == list(PLAIN) == list(STRIDED)
    assert len(BLOCKS) == 14


@pytest.mark.parametrize("name", PLAIN)
def test_counts_of_a_block_by_hand(name: str) -> None:
    plan = block_plan(name, 4, 1)
    assert (plan.params(), plan.macs(), len(plan.nodes) - 1) == PLAIN[name]
    assert plan.nodes[-1].shape == (4, 8, 8)


@pytest.mark.parametrize("name", STRIDED)
def test_counts_of_a_strided_and_doubling_block_by_hand(name: str) -> None:
    plan = block_plan(name, 8, 2)
    assert (plan.params(), plan.macs(), len(plan.nodes) - 1) == STRIDED[name]
    assert plan.nodes[-1].shape == (8, 4, 4)


def test_no_two_blocks_are_the_same() -> None:
    assert len({plan_form(block_plan(name, 4, 1)) for name in BLOCKS}) == 14


def naive_block(net: LazyNetwork, x: Tensor, name: str, c: int, s: int) -> Tensor:
    """Return a block's output; ``s`` is its stride and ``c`` its channels."""

    def conv(y: Tensor, kernel: int, stride: int = 1, channels: int = c) -> Tensor:
        return net.conv(y, channels, kernel, stride, torch.relu)

    def bare(y: Tensor, kernel: int, stride: int = 1) -> Tensor:
        return net.conv(y, c, kernel, stride, linear)

    def sep(y: Tensor, stride: int = 1) -> Tensor:
        return net.conv(net.conv(y, c, (1, 3), stride), c, (3, 1))

    def skip() -> Tensor:
        return x if s == 1 and x.shape[1] == c else bare(x, 1, s)

    if name in ("z", "a22", "j30", "l20"):
        first = conv(x, 3, s)
        if name == "l20":
            return bare(first, 1).relu()
        second = bare(conv(first, 1), 1) if name == "a22" else sep(first)
        return (second + (skip() if name == "j30" else first)).relu()
    if name in ("b23", "g30", "r30", "t31"):
        first = sep(x, s)
        if name == "b23":
            return (sep(first) + skip()).relu()
        if name == "g30":
            return (first + bare(sep(first + skip()), 1)).relu()
        if name == "r30":
            second = bare(first + skip(), 1)
            third = sep(first)
            return (skip() + second + third).relu()
        second = conv(first, 1)
        third = sep(second + skip())
        return (skip() + second + third).relu()
    if name == "t20":
        return (bare(x, 1, s) + sep(x, s)).relu()
    if name == "src0":
        first = conv(x, 1, s)
        return (first + bare(conv(first, 3), 3)).relu()
    if name == "src1":
        first = conv(x, 1, s)
        return (first + bare(conv(x, 3, channels=x.shape[1]), 3, s)).relu()
    first = bare(x, 1, s)
    if name == "src3":
        return (first + bare(conv(conv(x, 1, channels=x.shape[1]), 3, s), 1)).relu()
    second = sep(first)
    return (first + (sep(second) if name == "src7" else bare(second, 1))).relu()


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize(("channels", "stride"), [(3, 1), (6, 2)])
def test_a_block_computes_what_a_naive_one_does(name: str, channels: int, stride: int) -> None:
    torch.manual_seed(0)
    plan = Plan()
    append_block(plan, plan.input(3, 8), name, channels, stride)
    naive = LazyNetwork(lambda net, x: naive_block(net, x, name, channels, stride), momentum=0.1)
    assert_same_network(PlannedNetwork(plan), naive, 8)
