from __future__ import annotations

from functools import partial

import pytest
import torch
from tests.networks.naive_nasbench201 import copy_parameters
from tests.networks.naive_transnas import NaiveCell, NaiveResidual, naive_network
from torch import nn

from nascast.networks.counts import count_macs, count_params
from nascast.networks.plan import Plan
from nascast.networks.planned import PlannedNetwork
from nascast.networks.transnas import Block, plan_cell, plan_residual_block, plan_skeleton

NAMES = ("none", "skip_connect", "conv1x1", "conv3x3")
CELLS = {
    "the benchmark's example": "1_02_333",
    "everything reads the input": "3_10_213",
    "only skips": "1_11_111",
    "convolution of an empty node": "0_33_023",
    "skip from an empty node": "0_10_312",
    "dead branch": "3_02_100",
    "nothing": "0_00_000",
    "only an empty node is read": "0_03_002",
}


def cell_block(code: str) -> Block:
    edges = [
        (source, target, NAMES[int(digit)])
        for target, digits in enumerate(code.split("_"), start=1)
        for source, digit in enumerate(digits)
    ]
    return partial(plan_cell, edges=edges)


def network_plan(
    modules: str, block: Block, channels: int, blocks: int, side: int, stride: int = 2
) -> Plan:
    plan = Plan()
    x = plan_skeleton(plan, plan.input(3, side), modules, block, channels, blocks, stride)
    plan.linear(plan.global_pool(x), 5)
    return plan


def assert_same(plan: Plan, naive: nn.Module, side: int) -> None:
    torch.manual_seed(0)
    ours, naive = PlannedNetwork(plan).double(), naive.double()
    copy_parameters(ours, naive)
    images = torch.randn(4, 3, side, side, dtype=torch.float64)
    for _ in range(2):
        torch.testing.assert_close(ours(images), naive(images), rtol=1e-9, atol=1e-9)
        ours, naive = ours.eval(), naive.eval()
    assert plan.params() == count_params(naive)
    assert plan.macs() == count_macs(naive.to("meta"), (3, side, side))


@pytest.mark.parametrize("code", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize(("blocks", "stride", "side"), [(2, 2, 32), (1, 1, 10)])
def test_cells_compute_what_naive_cells_compute(
    code: str, blocks: int, stride: int, side: int
) -> None:
    plan = network_plan("41414", cell_block(code), 4, blocks, side, stride)
    naive = naive_network("41414", partial(NaiveCell, code), 4, blocks, 5, stride)
    assert_same(plan, naive, side)


@pytest.mark.parametrize("modules", ["1234", "444311", "211113"])
@pytest.mark.parametrize(("blocks", "stride"), [(2, 2), (1, 1)])
def test_residual_chains_compute_what_naive_ones_compute(
    modules: str, blocks: int, stride: int
) -> None:
    plan = network_plan(modules, plan_residual_block, 4, blocks, 24, stride)
    assert_same(plan, naive_network(modules, NaiveResidual, 4, blocks, 5, stride), 24)


def test_counts_of_a_chain_by_hand() -> None:
    """C = 4, one block a module, modules 1 and 4, image 16: stem to 4x4, then 4x4 and 2x2."""
    plan = network_plan("14", plan_residual_block, 4, 1, 16)
    stem = (3 * 2 * 9, 2 * 4 * 9)
    normal = 2 * 4 * 4 * 9
    both = 4 * 8 * 9 + 8 * 8 * 9 + 4 * 8
    norms = 2 * (2 + 4 + 4 + 4 + 8 + 8 + 8)
    assert plan.params() == sum(stem) + normal + both + norms + 8 * 5 + 5
    assert plan.macs() == stem[0] * 64 + stem[1] * 16 + normal * 16 + both * 4 + 8 * 5


def test_a_module_changes_the_shape_in_its_first_block() -> None:
    for digit, shape in {"1": (4, 8), "2": (8, 8), "3": (4, 4), "4": (8, 4)}.items():
        plan = Plan()
        y = plan_skeleton(plan, plan.input(3, 8), digit, plan_residual_block, 4, 3, 1)
        assert plan.shape(y) == (shape[0], shape[1], shape[1])
        stem = 2
        projected = digit != "1"
        assert sum(node.op == "conv" for node in plan.nodes) == stem + 3 * 2 + projected


def test_a_dead_cell_keeps_an_empty_gradient() -> None:
    plan = Plan()
    plan_cell(plan, plan.input(2, 6), 4, 2, [])
    images = torch.randn(3, 2, 6, 6, requires_grad=True)
    output = PlannedNetwork(plan)(images)
    assert output.shape == (3, 4, 3, 3)
    assert not output.any()
    output.sum().backward()
    assert images.grad is not None
    assert not images.grad.any()
