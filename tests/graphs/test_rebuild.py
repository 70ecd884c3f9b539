from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.graphs.counted import assert_counts, meta
from torch import nn

from nascast.graphs.computation import ComputationGraph, GraphError, type_number
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.normal_form import nodes_of_graph
from nascast.graphs.rebuild import module_of_graph, plan_of_graph
from nascast.graphs.trace import graph_of_module
from nascast.networks.plan import Plan
from nascast.spaces import registry
from nascast.spaces.base import NetworkScale, SearchSpace

SPACES = [registry.create(name) for name in registry.names()]
every_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)


def changed(graph: ComputationGraph, node: int, **values: object) -> ComputationGraph:
    """The graph with other entries at one node."""
    arrays = {name: np.array(getattr(graph, name)) for name in
              ("types", "shapes", "kernels", "bias", "flops", "params", "edges")}  # fmt: skip
    for name, value in values.items():
        arrays[name][node] = value
    return ComputationGraph(**arrays)


@every_space
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("channels", "size"), [(8, 16), (16, 32)])
def test_rebuilt_networks_of_every_space_have_their_graph(
    space: SearchSpace, seed: int, channels: int, size: int
) -> None:
    arch = space.sample(np.random.default_rng(seed))
    side = space.image_size(arch, size)
    graph = graph_of_plan(space.plan(arch, NetworkScale(channels, 1, 2), side, 7))
    network = module_of_graph(graph)
    traced = graph_of_module(network, meta(1, 3, side, side))
    assert traced.fingerprint() == graph.fingerprint()
    assert_counts(graph, network, meta(1, 3, side, side))


@every_space
def test_rebuilt_networks_run_forward_and_backward(space: SearchSpace) -> None:
    arch = space.sample(np.random.default_rng(5))
    side = space.image_size(arch, 16)
    graph = graph_of_plan(space.plan(arch, NetworkScale(8, 1, 2), side, 7))
    torch.manual_seed(0)
    network = module_of_graph(graph)
    logits = network(torch.randn(2, 3, side, side))
    assert logits.shape == (2, 7)
    logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_the_plan_is_the_one_that_the_graph_was_made_of() -> None:
    plan = Plan()
    images = plan.input(4, 9)
    x = plan.conv_bn(images, 8, (3, 5), 2, "swish", groups=2, bias=True)
    wide = plan.conv(x, 8, 3, groups=8)
    pooled = plan.max_pool(wide, 3)
    joined = plan.concat(plan.add(x, pooled), plan.batch_norm(plan.narrow(x, 3), affine=False))
    gated = plan.mul(joined, plan.activate(plan.linear(plan.global_pool(joined), 11), "sigmoid"))
    plan.linear(plan.global_pool(plan.shift(plan.avg_pool(gated, 2, 2, 0))), 5, bias=False)
    rebuilt = plan_of_graph(graph_of_plan(plan))
    assert rebuilt.nodes == plan.nodes


def test_what_a_graph_does_not_show_is_decided() -> None:
    plan = Plan()
    images = plan.input(4, 8)
    x = plan.conv(images, 4, 3, dilation=2)
    x = plan.activate(plan.batch_norm(x, momentum=0.3, eps=1e-3), "hard_swish")
    plan.avg_pool(plan.add(x, x), 3, 2, 1)
    graph = graph_of_plan(plan)
    rebuilt = plan_of_graph(graph)
    assert graph_of_plan(rebuilt).same_as(graph)
    conv, norm, swish, total, pool = rebuilt.nodes[1:]
    assert (conv.dilation, conv.padding) == ((1, 1), (1, 1))
    assert (norm.momentum, norm.eps) == (0.1, 1e-5)
    assert swish.op == "swish"
    # A sum of one node is twice that node; a pool that halves has windows that touch.
    assert total.inputs == (3, 3)
    assert (pool.kernel, pool.stride, pool.padding) == ((2, 2), (2, 2), (0, 0))


def test_a_graph_comes_back_from_its_operations() -> None:
    plan = Plan()
    images = plan.input(4, 8)
    x = plan.concat(images, images, images)
    plan.mul(plan.activate(x), plan.activate(x, "sigmoid"))
    graph = graph_of_plan(plan)
    nodes = nodes_of_graph(graph)
    assert nodes[1].inputs == (0, 0, 0)
    assert nodes[-2].inputs == (2, 3)
    assert plan_of_graph(graph).nodes == plan.nodes


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(torch.relu(self.conv(x)))


class Attention(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.flatten(2)
        return rows @ rows.transpose(1, 2)


class Padded(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.pad(x, (1, 1, 1, 1))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Shared(), r"node 3 \(Conv\) cannot be rebuilt: -3 weights are no part of the 81"),
        (Attention(), r"node 1 \(MatMul\) cannot be rebuilt"),
        (Padded(), r"node 1 \(Paddings\) .* does not say where zeros are put"),
        (nn.Upsample(scale_factor=2), r"node 1 \(Unknown\) .* no operation of a plan"),
        (nn.ConvTranspose2d(3, 4, 4, 2, 1), r"node 1 \(Conv\) .* no stride leads from \(8, 8\)"),
        (nn.AvgPool2d(3, 1), r"node 1 \(Avgpool\) .* no window pools \(8, 8\) to \(6, 6\)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_determined_is_refused(network: nn.Module, message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = graph_of_module(network, meta(1, 3, 8, 8))
    with pytest.raises(GraphError, match=message):
        plan_of_graph(graph)


def small_graph() -> ComputationGraph:
    plan = Plan()
    x = plan.conv_bn(plan.input(4, 8), 4, 3)
    plan.conv(plan.add(x, plan.activate(x)), 4, 3, groups=4)
    return graph_of_plan(plan)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda graph: changed(graph, 2, params=5), "its parameters would be 8, not 5"),
        (lambda graph: changed(graph, 1, flops=5), "its FLOPs would be 18432, not 5"),
        (lambda graph: changed(graph, 1, params=100), "100 weights are no part of the 144"),
        (
            lambda graph: changed(graph, 1, types=type_number("Depthwise")),
            "1 groups of 4 channels have another type",
        ),
        (lambda graph: changed(graph, 4, shapes=8), "cannot keep 8 of 4 channels"),
        (lambda graph: changed(graph, 4, shapes=4), "its output would be"),
        (
            lambda graph: changed(graph, -1, types=type_number("ReLU")),
            "with one Output, this one has 0",
        ),
    ],
)
def test_a_graph_that_contradicts_itself_is_refused(
    spoil: Callable[[ComputationGraph], ComputationGraph], message: str
) -> None:
    graph = small_graph()
    assert graph_of_plan(plan_of_graph(graph)).same_as(graph)
    with pytest.raises(GraphError, match=message):
        plan_of_graph(spoil(graph))


def test_what_nobody_reads_is_refused() -> None:
    graph = small_graph()
    nodes = len(graph)
    more = {
        "types": np.append(graph.types, type_number("ReLU")),
        "shapes": np.vstack([graph.shapes, graph.shapes[3]]),
        "kernels": np.vstack([graph.kernels, [0, 0]]),
        "bias": np.append(graph.bias, False),
        "flops": np.append(graph.flops, 0),
        "params": np.append(graph.params, 0),
    }
    edges = sorted([*graph.edges.tolist(), [3, nodes]])
    with pytest.raises(GraphError, match="reach no Output; rebuild what prune"):
        plan_of_graph(ComputationGraph(**more, edges=np.array(edges)))


def test_a_sum_of_a_sum_is_refused() -> None:
    plan = Plan()
    x = plan.input(4, 8)
    plan.add(plan.mul(x, plan.activate(x)), plan.activate(x, "tanh"))
    graph = graph_of_plan(plan)
    product = graph.type_names.index("Mul")
    with pytest.raises(GraphError, match="not in normal form"):
        plan_of_graph(changed(graph, product, types=type_number("Add")))
