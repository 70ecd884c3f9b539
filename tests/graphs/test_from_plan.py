from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from nascast.graphs.from_plan import graph_of_plan
from nascast.networks.plan import ACTIVATIONS, Plan
from nascast.spaces import registry
from nascast.spaces.base import NetworkScale, SearchSpace

SPACES = [registry.create(name) for name in registry.names()]


def test_a_small_network_by_hand() -> None:
    plan = Plan()
    images = plan.input(3, 8)
    x = plan.conv(images, 4, 3, 2, bias=True)
    wide = plan.conv(x, 4, (1, 5), groups=4)
    plan.conv(x, 9)  # nobody reads it
    joined = plan.concat(plan.add(x, wide), plan.narrow(x, 2))
    plan.linear(plan.global_pool(joined), 5)
    graph = graph_of_plan(plan)
    assert graph.type_names == [
        "Input", "Conv", "Depthwise", "Add", "Concat", "Mean", "MatMul", "Output",
    ]  # fmt: skip
    # The concatenation reads the convolution itself: taking channels is no operation.
    assert graph.edges.tolist() == [
        [0, 1], [1, 2], [1, 3], [1, 4], [2, 3], [3, 4], [4, 5], [5, 6], [6, 7],
    ]  # fmt: skip
    assert graph.shapes.tolist() == [
        [8, 8, 3, 8, 8, 3], [8, 8, 3, 4, 4, 4], [4, 4, 4, 4, 4, 4], [4, 4, 4, 4, 4, 4],
        [4, 4, 6, 4, 4, 6], [4, 4, 6, 1, 1, 6], [1, 1, 6, 1, 1, 5], [1, 1, 5, 1, 1, 5],
    ]  # fmt: skip
    assert graph.kernels.tolist()[1:3] == [[3, 3], [1, 5]]
    assert not graph.kernels[3:].any()
    assert np.flatnonzero(graph.bias).tolist() == [1, 6]
    assert graph.flops.tolist() == [0, 2 * 27 * 4 * 16, 2 * 5 * 4 * 16, 0, 0, 0, 2 * 30, 0]
    assert graph.params.tolist() == [0, 27 * 4 + 4, 20, 0, 0, 0, 35, 0]


def test_every_operation_of_a_plan_has_a_type() -> None:
    plan = Plan()
    x = plan.conv(plan.input(4, 8), 4)
    for kind in ACTIVATIONS:
        x = plan.activate(x, kind)
    x = plan.batch_norm(plan.max_pool(plan.avg_pool(x)))
    x = plan.add(plan.zero(x), plan.shift(x))
    x = plan.transposed_conv(plan.upsample(x, 2), 4, 4, 2, 1)
    plan.mul(x, plan.global_pool(x))
    names = graph_of_plan(plan).type_names
    # Enlarging is the only operation that the vocabulary has no word for.
    assert names.count("Unknown") == 1
    assert {"ReLU", "ReLU6", "Sigmoid", "Tanh", "Swish", "GeLU", "Paddings", "Zero"} < set(names)
    assert names.count("Swish") == names.count("Sigmoid") == 2


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
@pytest.mark.parametrize("seed", range(3))
def test_graphs_of_every_space_count_as_the_space_does(space: SearchSpace, seed: int) -> None:
    arch = space.sample(np.random.default_rng(seed))
    scale, size = NetworkScale(16, 1), 32
    graph = graph_of_plan(space.plan(arch, scale, size, 7))
    live = space.count(space.prune(arch), scale, size, 7)
    if not space.is_dead(arch):
        assert (graph.flops.sum(), graph.params.sum()) == (2 * live.macs, live.params)
    assert graph.type_names[0] == "Input"
    assert graph.type_names[-1] == "Output"
    assert "Unknown" not in graph.type_names
    directed = nx.DiGraph(graph.edges.tolist())
    assert nx.descendants(directed, 0) | {0} >= set(nx.ancestors(directed, len(graph) - 1)) - {
        node for node, name in enumerate(graph.type_names) if name == "Zero"
    }
    assert len(nx.ancestors(directed, len(graph) - 1)) == len(graph) - 1
