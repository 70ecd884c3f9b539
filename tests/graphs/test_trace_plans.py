"""A network built from a plan, traced, has the graph that is read off the plan."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.graphs.counted import assert_counts, meta

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.trace import UnknownOperation, graph_of_module
from nascast.networks.plan import ACTIVATIONS, Plan
from nascast.networks.planned import PlannedNetwork
from nascast.spaces import registry
from nascast.spaces.base import NetworkScale, SearchSpace
from nascast.spaces.nasbench201 import NASBench201
from nascast.spaces.transnas_macro import TransNASMacro
from nascast.tasks import registry as tasks
from nascast.tasks.jigsaw import piece_side
from nascast.tasks.networks import build_network, count_network

SPACES = [registry.create(name) for name in registry.names()]


def traced(plan: Plan) -> ComputationGraph:
    with torch.device("meta"):
        network = PlannedNetwork(plan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)  # upsampling has no type
        return graph_of_module(network, meta(1, *plan.nodes[0].shape))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_every_space(space: SearchSpace, seed: int) -> None:
    arch = space.sample(np.random.default_rng(seed))
    scale, size = NetworkScale(16, 1), 32
    plan = space.plan(arch, scale, size, 7)
    with torch.device("meta"):
        network = space.build(arch, scale, 7)
    graph = graph_of_plan(plan)
    assert graph.same_as(graph_of_module(network, meta(1, 3, size, size)))
    assert graph.same_as(traced(plan))


@pytest.mark.parametrize("name", tasks.names())
def test_every_task(name: str) -> None:
    """The counts that a task works out for its network are those of the network's graph."""
    space, task, size = TransNASMacro(), tasks.create(name), 48
    scale, arch = NetworkScale(8, 1), space.sample(np.random.default_rng(3))
    with torch.device("meta"):
        network = build_network(space, arch, scale, task, size)
    side = piece_side(size)
    images = meta(2, 9, 3, side, side) if name == "jigsaw" else meta(2, 3, size, size)
    graph = graph_of_module(network, images)
    expected = count_network(space, arch, scale, task, size)
    assert (graph.params.sum(), graph.flops.sum()) == (expected.params, 2 * 2 * expected.macs)
    assert (graph.type_names.count("Input"), graph.type_names.count("Output")) == (1, 1)
    assert "Unknown" not in graph.type_names


CELLS = (
    ("nor_conv_3x3",) * 6,
    ("skip_connect",) * 6,
    ("none",) * 6,
    # A node without any live input, read by convolutions and by a pool.
    ("none", "nor_conv_1x1", "nor_conv_3x3", "skip_connect", "avg_pool_3x3", "nor_conv_3x3"),
    ("none", "nor_conv_1x1", "none", "none", "nor_conv_1x1", "none"),
    # Dead ends, and two skips that carry the same tensor.
    ("nor_conv_3x3", "skip_connect", "nor_conv_1x1", "skip_connect", "none", "none"),
    ("skip_connect", "skip_connect", "skip_connect", "none", "none", "skip_connect"),
)


@pytest.mark.parametrize("genotype", CELLS)
def test_the_written_network_of_nasbench201_and_its_plan(genotype: tuple[str, ...]) -> None:
    space, scale = NASBench201(), NetworkScale(8, 2, 2)
    arch = space.from_genotype(genotype)
    with torch.device("meta"):
        network = space.build(arch, scale, 5)
    graph = graph_of_module(network, meta(1, 3, 16, 16))
    # The network makes zeros where they are read, the plan where they stand for a node.
    planned = graph_of_plan(space.plan(arch, scale, 16, 5))
    assert graph.fingerprint() == planned.fingerprint()
    assert np.array_equal(np.bincount(graph.types), np.bincount(planned.types))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Random plans of up to 14 operations, with whatever fits drawn in turn."""
    plan = Plan()
    plan.input(draw(st.integers(1, 4)), draw(st.integers(4, 9)), draw(st.integers(4, 9)))
    for _ in range(draw(st.integers(1, 14))):
        x = draw(st.integers(max(0, len(plan.nodes) - 4), len(plan.nodes) - 1))
        if len(plan.shape(x)) == 1:
            append_to_vector(draw, plan, x)
        else:
            append_to_image(draw, plan, x)
    return plan


def append_to_vector(draw: st.DrawFn, plan: Plan, x: int) -> None:
    same = [n for n in range(len(plan.nodes)) if plan.shape(n) == plan.shape(x)]
    images = [
        n
        for n in range(len(plan.nodes))
        if plan.shape(n)[1:] and plan.channels(n) == plan.channels(x)
    ]
    choices = {
        "linear": lambda: plan.linear(x, draw(st.integers(1, 5)), bias=draw(st.booleans())),
        "activate": lambda: plan.activate(x, draw(st.sampled_from(ACTIVATIONS))),
        "add": lambda: plan.add(*draw(st.lists(st.sampled_from(same), min_size=2, max_size=3))),
        "gate": lambda: plan.mul(draw(st.sampled_from(images or [x])), x),
        "zero": lambda: plan.zero(x),
    }
    choices[draw(st.sampled_from(sorted(choices)))]()


def append_to_image(draw: st.DrawFn, plan: Plan, x: int) -> None:
    channels, height, width = plan.shape(x)
    same = [n for n in range(len(plan.nodes)) if plan.shape(n) == plan.shape(x)]
    aligned = [n for n in range(len(plan.nodes)) if plan.shape(n)[1:] == (height, width)]
    groups = draw(st.sampled_from([g for g in (1, 2, 4) if channels % g == 0] + [channels]))
    kernel = (draw(st.sampled_from((1, 3))), draw(st.sampled_from((1, 3, 5))))
    stride = draw(st.integers(1, 2))
    choices = {
        "conv": lambda: plan.conv(
            x, groups * draw(st.integers(1, 3)), kernel, stride, groups=groups, bias=stride == 2
        ),
        "dilated": lambda: plan.conv(x, 2, 3, dilation=2),
        "transposed": lambda: plan.transposed_conv(x, 2, 4, 2, 1, bias=draw(st.booleans())),
        "batch_norm": lambda: plan.batch_norm(x, affine=draw(st.booleans())),
        "activate": lambda: plan.activate(x, draw(st.sampled_from(ACTIVATIONS))),
        "max_pool": lambda: plan.max_pool(x, 3, stride),
        "avg_pool": lambda: plan.avg_pool(x, 2, 2, 1),
        "global_pool": lambda: plan.global_pool(x),
        "add": lambda: plan.add(*draw(st.lists(st.sampled_from(same), min_size=2, max_size=4))),
        "mul": lambda: plan.mul(x, draw(st.sampled_from(same))),
        "concat": lambda: plan.concat(
            *draw(st.lists(st.sampled_from(aligned), min_size=2, max_size=3))
        ),
        "narrow": lambda: plan.narrow(x, draw(st.integers(1, channels))),
        "shift": lambda: plan.shift(x),
        "upsample": lambda: plan.upsample(x, 2),
        "zero": lambda: plan.zero(x),
    }
    choices[draw(st.sampled_from(sorted(choices)))]()


@given(plan=plans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_plan(plan: Plan) -> None:
    graph = graph_of_plan(plan)
    assert graph.same_as(traced(plan))
    assert graph.prune().same_as(graph)
    last = len(plan.nodes) - 1
    if all(last in descendants(plan, n) for n in range(last)):
        assert (graph.flops.sum(), graph.params.sum()) == (2 * plan.macs(), plan.params())


def descendants(plan: Plan, node: int) -> set[int]:
    found = {node}
    for number in range(node + 1, len(plan.nodes)):
        if found & set(plan.nodes[number].inputs):
            found.add(number)
    return found


def test_counts_are_those_of_the_built_network() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 9), 8, 3, 2, bias=True)
    plan.conv(x, 4)  # dead: nobody reads it
    y = plan.transposed_conv(plan.conv(x, 8, 5, groups=8), 6, 4, 2, 1, bias=True)
    plan.linear(plan.global_pool(y), 5)
    live = Plan([node for number, node in enumerate(plan.nodes) if number < 4])
    z = live.transposed_conv(live.conv(3, 8, 5, groups=8), 6, 4, 2, 1, bias=True)
    live.linear(live.global_pool(z), 5)
    with torch.device("meta"):
        network = PlannedNetwork(live)
    assert_counts(graph_of_plan(plan), network, meta(1, 3, 9, 9))
