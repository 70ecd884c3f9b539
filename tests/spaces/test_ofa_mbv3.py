from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.networks.naive_once_for_all import assert_same_function, mobilenet_v3, used

from nascast.networks.plan import Plan
from nascast.spaces.base import NetworkScale
from nascast.spaces.ofa_mbv3 import OFAMobileNetV3

SPACE = OFAMobileNetV3()
SLOTS = (4, 4, 4, 4, 4)


@pytest.mark.parametrize("seed", range(3))
def test_the_network_is_the_naive_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ks, e = rng.choice([3, 5, 7], 20).tolist(), rng.choice([3, 4, 6], 20).tolist()
    d = rng.integers(2, 5, 5).tolist()
    arch = SPACE.parse(
        f"ks={used(ks, d, SLOTS)};e={used(e, d, SLOTS)};d={','.join(map(str, d))};r=224"
    )
    torch.manual_seed(seed)
    ours, naive = SPACE.build(arch, SPACE.published, 7), mobilenet_v3(ks, e, d, 7)
    assert_same_function(ours, naive, 36)


def depthwise_parts(plan: Plan) -> list[tuple[str, bool]]:
    """Return the activation behind each depthwise convolution, and whether a gate follows."""
    parts = []
    for number, node in enumerate(plan.nodes):
        if node.op == "conv" and node.groups > 1:
            _, activation, behind = plan.nodes[number + 1 : number + 4]
            parts.append((activation.op, behind.op == "global_pool"))
    return parts


def test_gates_and_hard_swish_stand_in_their_stages() -> None:
    d = (2, 3, 4, 2, 3)
    ones = ",".join("3" * sum(d))
    arch = SPACE.parse(f"ks={ones};e={ones};d={','.join(map(str, d))};r=160")
    plan = SPACE.plan(arch, SPACE.published, 160)
    expected = [("relu", False)]
    expected += 2 * [("relu", False)] + 3 * [("relu", True)] + 4 * [("hard_swish", False)]
    expected += (2 + 3) * [("hard_swish", True)]
    assert depthwise_parts(plan) == expected
    ops = [node.op for node in plan.nodes]
    assert ops.count("hard_sigmoid") == ops.count("mul") == 3 + 2 + 3
    # Residual: the first block and all but the first of each stage.
    assert ops.count("add") == 1 + sum(depth - 1 for depth in d)
    assert ops[:4] == ["input", "conv", "batch_norm", "hard_swish"]
    assert ops[-7:] == [
        "conv", "batch_norm", "hard_swish", "global_pool", "linear", "hard_swish", "linear"
    ]  # fmt: skip
    assert plan.nodes[-3].bias is False


def test_a_gate_has_a_quarter_of_the_hidden_channels() -> None:
    arch = SPACE.parse(f"ks={'3,' * 9}3;e={'3,' * 9}3;d=2,2,2,2,2;r=224")
    widths = []
    for scale in (SPACE.published, NetworkScale(8, 1)):
        plan = SPACE.plan(arch, scale, 224)
        linears = [node.shape[0] for node in plan.nodes if node.op == "linear"]
        widths.append(linears[:4])
    # Hidden channels 3 * 32 and 3 * 48; at a third of the width, 3 * 10 and 3 * 16.
    assert widths == [[24, 96, 40, 144], [8, 30, 12, 48]]


@pytest.mark.parametrize(
    ("scale", "features", "mixed"),
    [(SPACE.published, 1152, 1536), (NetworkScale(8, 1), 384, 512), (NetworkScale(5, 1), 240, 320)],
)
def test_the_head_shrinks_as_a_whole(scale: NetworkScale, features: int, mixed: int) -> None:
    plan = SPACE.plan(SPACE.sample(np.random.default_rng(0)), scale, 64)
    assert [node.shape[0] for node in plan.nodes[-4:]] == [features, mixed, mixed, 10]


def test_batch_norms_are_the_published_ones() -> None:
    plan = SPACE.plan(SPACE.sample(np.random.default_rng(0)), SPACE.published, 224)
    norms = {(n.momentum, n.eps) for n in plan.nodes if n.op == "batch_norm"}
    assert norms == {(0.1, 1e-5)}
