from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.networks.naive_once_for_all import assert_same_function, proxylessnas, used

from nascast.spaces.base import NetworkScale
from nascast.spaces.proxylessnas import ProxylessNAS

SPACE = ProxylessNAS()
SLOTS = (4, 4, 4, 4, 4, 1)


# Networks released as "ofa_specialized", with parameters and MACs in millions as published there.
@pytest.mark.parametrize(
    ("spec", "params", "macs"),
    [
        # tx2_gpu16@96ms_top1@75.8_finetune@25
        (
            "ks=3,3,3,7,5,3,5,5,5,5,7,7,3,3,3,5,3,5;e=3,4,6,3,4,4,4,4,3,4,3,3,6,6,6,6,4,3;"
            "d=3,2,4,4,4,1;r=172",
            6.2, 349,
        ),
        # 1080ti_gpu64@12ms_top1@72.6_finetune@25
        (
            "ks=3,3,3,5,5,5,5,7,3,7,3,3,7,5,7,5,3;e=3,3,6,4,4,6,3,3,4,3,6,4,6,4,3,3,6;"
            "d=2,3,3,4,4,1;r=128",
            5.9, 165,
        ),
    ],
)  # fmt: skip
def test_released_networks_have_their_published_size(spec: str, params: float, macs: int) -> None:
    arch = SPACE.parse(spec)
    size = SPACE.count(arch, SPACE.published, SPACE.image_size(arch, 224), 1000)
    assert round(size.params / 1e6, 1) == params
    assert round(size.macs / 1e6) == macs


@pytest.mark.parametrize("seed", range(3))
def test_the_network_is_the_naive_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ks, e = rng.choice([3, 5, 7], 21).tolist(), rng.choice([3, 4, 6], 21).tolist()
    d = [*rng.integers(2, 5, 5).tolist(), 1]
    arch = SPACE.parse(
        f"ks={used(ks, d, SLOTS)};e={used(e, d, SLOTS)};d={','.join(map(str, d))};r=224"
    )
    torch.manual_seed(seed)
    ours, naive = SPACE.build(arch, SPACE.published, 7), proxylessnas(ks, e, d, 7)
    # 36 is odd from the second halving on.
    assert_same_function(ours, naive, 36)


def test_the_smallest_stage_by_hand() -> None:
    arch = SPACE.parse(f"ks={'3,' * 10}5;e={'3,' * 10}6;d=2,2,2,2,2,1;r=128")
    plan = SPACE.plan(arch, NetworkScale(8, 1, 2), 32, 10)
    convs = [node for node in plan.nodes if node.op == "conv"]
    # A fifth of 40, 24, 32, 56, 104, 128, 248, 416 and 1664.
    assert convs[0].shape == (8, 16, 16)
    assert [node.shape[0] for node in convs[2::3]] == [5, 6, 6, 11, 11, 21, 21, 26, 26, 50, 50, 83]
    assert convs[-1].shape == (333, 1, 1)
    assert [node.shape[1] for node in convs[4::6]] == [8, 4, 2, 2, 1, 1]
    assert convs[3].shape[0] == 3 * 5
    assert convs[-3].kernel == (5, 5)
    assert convs[-3].groups == 6 * 50
    assert {node.op for node in plan.nodes} == {
        "input", "conv", "batch_norm", "relu6", "add", "global_pool", "linear"
    }  # fmt: skip
    # Of each searched stage of two blocks, the second is residual.
    assert sum(node.op == "add" for node in plan.nodes) == 5


def test_batch_norms_are_the_published_ones() -> None:
    plan = SPACE.plan(SPACE.sample(np.random.default_rng(0)), SPACE.published, 224)
    norms = {(n.momentum, n.eps) for n in plan.nodes if n.op == "batch_norm"}
    assert norms == {(0.1, 1e-3)}
