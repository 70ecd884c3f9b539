from __future__ import annotations

from nascast.networks.mobile_blocks import inverted_residual, squeeze_excite
from nascast.networks.plan import Plan
from nascast.networks.widths import make_divisible


def test_mobilenet_v2_has_its_published_size() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 224), 32, 3, 2, "relu6")
    x = inverted_residual(plan, x, 16, 3, 1)
    for width, blocks, stride in (
        (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)
    ):  # fmt: skip
        for block in range(blocks):
            hidden = 6 * plan.channels(x)
            x = inverted_residual(plan, x, width, 3, 1 if block else stride, hidden=hidden)
    plan.linear(plan.global_pool(plan.conv_bn(x, 1280, 1, 1, "relu6")), 1000)
    assert plan.params() == 3_504_872
    assert round(plan.macs() / 1e6) == 301


def test_mobilenet_v3_large_has_its_published_size() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 224), 16, 3, 2, "hard_swish")
    x = inverted_residual(plan, x, 16, 3, 1, activation="relu")
    for kernel, hidden, width, gated, activation, stride in (
        (3, 64, 24, False, "relu", 2), (3, 72, 24, False, "relu", 1),
        (5, 72, 40, True, "relu", 2), (5, 120, 40, True, "relu", 1), (5, 120, 40, True, "relu", 1),
        (3, 240, 80, False, "hard_swish", 2), (3, 200, 80, False, "hard_swish", 1),
        (3, 184, 80, False, "hard_swish", 1), (3, 184, 80, False, "hard_swish", 1),
        (3, 480, 112, True, "hard_swish", 1), (3, 672, 112, True, "hard_swish", 1),
        (5, 672, 160, True, "hard_swish", 2), (5, 960, 160, True, "hard_swish", 1),
        (5, 960, 160, True, "hard_swish", 1),
    ):  # fmt: skip
        squeezed = make_divisible(hidden // 4) if gated else None
        x = inverted_residual(
            plan, x, width, kernel, stride, hidden=hidden, squeezed=squeezed, activation=activation
        )
    x = plan.linear(plan.global_pool(plan.conv_bn(x, 960, 1, 1, "hard_swish")), 1280)
    plan.linear(plan.activate(x, "hard_swish"), 1000)
    assert plan.params() == 5_483_032
    assert round(plan.macs() / 1e6) == 217


def test_only_what_keeps_its_shape_by_design_is_residual() -> None:
    plan = Plan()
    x = plan.input(8, 1)
    ops = {}
    for channels, stride in ((8, 1), (8, 2), (6, 1)):
        block = inverted_residual(plan, x, channels, 3, stride, hidden=24)
        ops[channels, stride] = plan.nodes[block].op
    # A single pixel stays one at stride 2, yet other images would not.
    assert ops == {(8, 1): "add", (8, 2): "batch_norm", (6, 1): "batch_norm"}


def test_a_gate_by_hand() -> None:
    plan = Plan()
    gated = squeeze_excite(plan, plan.input(12, 5), 3)
    ops = [node.op for node in plan.nodes[1:]]
    assert ops == ["global_pool", "linear", "relu", "linear", "hard_sigmoid", "mul"]
    assert plan.shape(gated) == (12, 5, 5)
    assert plan.params() == (12 * 3 + 3) + (3 * 12 + 12)
    assert plan.macs() == 2 * 12 * 3
