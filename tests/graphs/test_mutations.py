from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.graphs.counted import assert_counts, meta

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.edit_blocks import Frame
from nascast.graphs.edits import apply_edit, reverse_edit
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.mutations import draw_edit, edits_at, find_sites, mutate
from nascast.graphs.normal_form import nodes_of_graph
from nascast.graphs.rebuild import module_of_graph, plan_of_graph
from nascast.graphs.trace import graph_of_module
from nascast.networks.plan import Plan
from nascast.spaces import registry
from nascast.spaces.base import NetworkScale

SIZE = 16
EDITED = ("nasbench101", "nasbench201", "ofa_resnet", "hiaml", "darts", "inception", "ofa_mbv3")
seeds = st.integers(0, 10_000)


def sampled(space_name: str, seed: int) -> ComputationGraph:
    """Graph of a random architecture's small network."""
    space = registry.create(space_name)
    arch = space.sample(np.random.default_rng(seed))
    side = space.image_size(arch, SIZE)
    return graph_of_plan(space.plan(arch, NetworkScale(8, 1, 2), side, 5))


def chain() -> ComputationGraph:
    """Input 0, ReLU 1, Conv 2, BatchNorm 3, Maxpool 4, Conv 5, ReLU 6, then pool and classifier."""
    plan = Plan()
    x = plan.batch_norm(plan.conv(plan.activate(plan.input(3, 8)), 4))
    x = plan.activate(plan.conv(plan.max_pool(x), 6, 3, 2))
    plan.linear(plan.global_pool(x), 5)
    return graph_of_plan(plan)


def test_sites_of_a_chain_by_hand() -> None:
    sites = find_sites(nodes_of_graph(chain()), longest=2)
    sequences = [site.removed for site in sites if site.removed]
    assert sequences == [
        # From the first activation; none ends at convolution 2, whose batch norm is next.
        (1, 2, 3), (1, 2, 3, 4),
        (2, 3), (2, 3, 4),
        # None begins with batch norm 3. Convolution 5 has none behind it.
        (4,), (4, 5), (4, 5, 6),
        (5,), (5, 6),
    ]  # fmt: skip
    edges = [(site.source, *site.readers) for site in sites if not site.removed]
    assert edges == [(1, 2), (3, 4), (4, 5), (5, 6), (6, 7)]
    whole = sites[1]
    assert (whole.source, whole.readers) == (0, (5,))
    assert (whole.read, whole.written) == ((8, 8, 3), (8, 8, 4))
    assert whole.frames == (Frame("ReLU", None, "ReLU"),)
    pool = next(site for site in sites if site.removed == (4,))
    assert pool.frames == (Frame(None, "ReLU", "ReLU"), Frame("ReLU", None, "ReLU"))


def test_a_sequence_ends_where_others_read_it() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4, activation=None)
    y = plan.add(plan.conv_bn(x, 4), plan.activate(x))
    plan.linear(plan.global_pool(y), 5)
    nodes = nodes_of_graph(graph_of_plan(plan))
    sequences = {site.removed: site.readers for site in find_sites(nodes) if site.removed}
    assert sequences[1, 2] == (3, 6)
    assert not any(len(removed) > 2 and removed[0] == 1 for removed in sequences)


def test_vectors_are_left_alone() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4)
    gate = plan.activate(plan.linear(plan.activate(plan.global_pool(x)), 4), "sigmoid")
    plan.linear(plan.global_pool(plan.mul(x, gate)), 5)
    nodes = nodes_of_graph(graph_of_plan(plan))
    gates = {i for i, node in enumerate(nodes) if node.type in ("MatMul", "Sigmoid", "Mean")}
    for site in find_sites(nodes):
        assert not gates & {site.source, *site.removed}


def test_edits_of_a_site_are_different_and_end_with_the_deletion() -> None:
    graph = apply_edit(chain(), next(iter(edits_at(nodes := nodes_of_graph(chain()),
        next(site for site in find_sites(nodes) if site.removed == (2, 3))))))  # fmt: skip
    nodes = nodes_of_graph(graph)
    for site in find_sites(nodes):
        edits = list(edits_at(nodes, site))
        made = [apply_edit(graph, edit).fingerprint() for edit in edits]
        assert graph.fingerprint() not in made
        deletions = [edit for edit in edits if not edit.added]
        assert deletions == edits[-1:] if site.removed and site.read == site.written else True
        assert len(deletions) <= 1


@settings(max_examples=25)
@given(space=st.sampled_from(EDITED), arch=seeds, seed=seeds, count=st.integers(1, 5))
def test_edited_graphs_are_those_of_networks(space: str, arch: int, seed: int, count: int) -> None:
    graph = sampled(space, arch)
    edited = mutate(graph, np.random.default_rng(seed), count)
    for end in (0, -1):
        assert edited.shapes[end].tolist() == graph.shapes[end].tolist()
    plan = plan_of_graph(edited)
    assert graph_of_plan(plan).fingerprint() == edited.fingerprint()
    assert (2 * plan.macs(), plan.params()) == (edited.flops.sum(), edited.params.sum())


@settings(max_examples=8)
@given(space=st.sampled_from(EDITED[:4]), arch=seeds, seed=seeds)
def test_edited_networks_traced_have_the_edited_graph(space: str, arch: int, seed: int) -> None:
    edited = mutate(sampled(space, arch), np.random.default_rng(seed), 3)
    height, width, channels = edited.shapes[0, 3:].tolist()
    network, images = module_of_graph(edited), meta(1, channels, height, width)
    assert graph_of_module(network, images).fingerprint() == edited.fingerprint()
    assert_counts(edited, network, images)


@settings(max_examples=12)
@given(space=st.sampled_from(EDITED), arch=seeds, seed=seeds)
def test_edited_networks_learn(space: str, arch: int, seed: int) -> None:
    edited = mutate(sampled(space, arch), np.random.default_rng(seed), 3)
    height, width, channels = edited.shapes[0, 3:].tolist()
    torch.manual_seed(seed)
    network = module_of_graph(edited)
    logits = network(torch.randn(4, channels, height, width))
    assert logits.shape == (4, 5)
    torch.nn.functional.cross_entropy(logits, torch.arange(4)).backward()
    gradients = [p.grad for p in network.parameters()]
    assert all(grad is not None and grad.isfinite().all() for grad in gradients)


@settings(max_examples=25)
@given(space=st.sampled_from(EDITED), arch=seeds, seed=seeds)
def test_drawn_edits_are_undone(space: str, arch: int, seed: int) -> None:
    graph = sampled(space, arch)
    edit = draw_edit(graph, np.random.default_rng(seed))
    assert edit is not None
    edited = apply_edit(graph, edit)
    if len(edited) != len(graph) - len(edit.removed) + len(edit.added):
        assert edited.type_names.count("Add") < graph.type_names.count("Add")
        return
    assert apply_edit(edited, reverse_edit(graph, edit)).fingerprint() == graph.fingerprint()


@pytest.mark.parametrize("space", ["nasbench101", "ofa_resnet"])
def test_every_edit_of_a_network_can_be_made(space: str) -> None:
    graph = sampled(space, 0)
    nodes = nodes_of_graph(graph)
    rng = np.random.default_rng(0)
    sites = find_sites(nodes)
    for place in rng.permutation(len(sites))[:12]:
        for edit in edits_at(nodes, sites[place]):
            assert plan_of_graph(apply_edit(graph, edit)).params() > 0


def test_the_generator_decides() -> None:
    graph = sampled("hiaml", 0)
    first, second, other = (mutate(graph, np.random.default_rng(seed), 2) for seed in (3, 3, 4))
    assert first.same_as(second)
    assert first.fingerprint() != other.fingerprint()


def test_a_network_without_convolutions_of_images_cannot_be_edited() -> None:
    plan = Plan()
    plan.linear(plan.global_pool(plan.input(3, 8)), 5)
    with pytest.raises(GraphError, match="no convolution or pool of images"):
        mutate(graph_of_plan(plan), np.random.default_rng(0))
