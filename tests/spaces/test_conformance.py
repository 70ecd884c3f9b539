"""One suite for every registered search space."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nascast.labels.pool import label_pool
from nascast.networks.counts import count_macs, count_params
from nascast.spaces import registry
from nascast.spaces.base import Architecture, EnumerableSpace, NetworkScale, SearchSpace

SPACES = [registry.create(name) for name in registry.names()]
SCALES = [(NetworkScale(8, 1), 16), (NetworkScale(16, 2, 2), 32)]
every_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
relaxed = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32 - 1)


def draw(space: SearchSpace, seed: int) -> Architecture:
    return space.sample(np.random.default_rng(seed))


def samples(space: SearchSpace, count: int = 20) -> list[Architecture]:
    rng = np.random.default_rng(3)
    return [space.sample(rng) for _ in range(count)]


@every_space
def test_fulfils_the_protocol(space: SearchSpace) -> None:
    assert isinstance(space, SearchSpace)
    assert not {"input", "output"} & set(space.operations)


@every_space
def test_sampling_follows_its_generator(space: SearchSpace) -> None:
    assert samples(space) == samples(space)
    assert len(set(samples(space))) > 10


@every_space
@given(seed=seeds)
@relaxed
def test_parse_and_format_round_trip(space: SearchSpace, seed: int) -> None:
    arch = draw(space, seed)
    assert space.parse(arch.spec) == arch
    assert arch.space == space.name
    assert arch.arch_id.startswith(f"{space.name}-")


@every_space
@pytest.mark.parametrize("seed", range(3))
def test_neighbours_are_valid_and_different(space: SearchSpace, seed: int) -> None:
    arch = draw(space, seed)
    neighbours = list(space.neighbours(arch))
    assert neighbours
    assert arch not in neighbours
    assert len(set(neighbours)) == len(neighbours)
    for neighbour in neighbours:
        assert space.parse(neighbour.spec) == neighbour
    for neighbour in neighbours[:: max(1, len(neighbours) // 10)]:
        assert arch in set(space.neighbours(neighbour))


@every_space
def test_mutation_draws_neighbours(space: SearchSpace) -> None:
    arch = draw(space, 1)
    rng = np.random.default_rng(0)
    neighbours = set(space.neighbours(arch))
    drawn = {space.mutate(arch, rng) for _ in range(20)}
    assert drawn <= neighbours
    assert len(drawn) > 1


@every_space
@given(seed=seeds)
@relaxed
def test_cell_graph_lies_between_input_and_output(space: SearchSpace, seed: int) -> None:
    graph = space.cell_graph(draw(space, seed))
    assert graph.operations[0] == "input"
    assert graph.operations[-1] == "output"
    assert set(graph.operations[1:-1]) <= set(space.operations)
    assert list(graph.edges) == sorted(set(graph.edges))
    assert all(0 <= a < b < len(graph.operations) for a, b in graph.edges)


@every_space
@pytest.mark.parametrize(("scale", "size"), SCALES)
@pytest.mark.parametrize("seed", range(3))
def test_samples_train_and_count_at_two_scales(
    space: SearchSpace, scale: NetworkScale, size: int, seed: int
) -> None:
    arch = draw(space, seed)
    torch.manual_seed(0)
    network = space.build(arch, scale, 7)
    logits = network(torch.randn(2, 3, size, size))
    assert logits.shape == (2, 7)
    logits.square().sum().backward()
    assert torch.isfinite(logits).all()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in network.parameters())
    with torch.device("meta"):
        meta = space.build(arch, scale, 7)
    counted = space.count(arch, scale, size, 7)
    assert counted.params == count_params(meta)
    # What a dead branch would compute is counted, yet a network need not run it.
    live = space.count(space.prune(arch), scale, size, 7)
    assert live.macs <= count_macs(meta, (3, size, size)) <= counted.macs


@every_space
@given(seed=seeds)
@relaxed
def test_the_plan_counts_as_the_space_does(space: SearchSpace, seed: int) -> None:
    arch, (scale, size) = draw(space, seed), SCALES[seed % 2]
    plan, counted = space.plan(arch, scale, size, 7), space.count(arch, scale, size, 7)
    assert (plan.params(), plan.macs()) == (counted.params, counted.macs)
    assert plan.nodes[0].shape == (3, size, size)
    assert plan.nodes[-1].shape == (7,)


@every_space
@given(seed=seeds)
@relaxed
def test_pruning_takes_what_is_dead(space: SearchSpace, seed: int) -> None:
    arch = draw(space, seed)
    pruned = space.prune(arch)
    assert space.prune(pruned) == pruned
    assert space.is_dead(pruned) == space.is_dead(arch)
    assert space.mean_path_convs(pruned) == space.mean_path_convs(arch)
    assert 0 <= space.conv_count(pruned) <= space.conv_count(arch)
    assert space.count(pruned, *SCALES[0]).params <= space.count(arch, *SCALES[0]).params


@every_space
def test_initialisation_follows_the_global_generator(space: SearchSpace) -> None:
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        network = space.build(draw(space, 0), SCALES[0][0], 10)
        weights.append(torch.cat([p.detach().flatten() for p in network.parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@every_space
def test_a_larger_pool_begins_with_the_smaller_one(space: SearchSpace) -> None:
    small, large = label_pool(space, 5), label_pool(space, 12)
    assert large[:5] == small
    assert len({arch.canonical_id for arch in large}) == 12


@every_space
@pytest.mark.parametrize("spec", ["", "nonsense", "|", "[[]]", "a-b-c", "\x00"])
def test_bad_specs_are_refused_by_name(space: SearchSpace, spec: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        space.parse(spec)


@every_space
def test_other_spaces_architectures_are_refused(space: SearchSpace) -> None:
    stranger = Architecture("elsewhere", draw(space, 0).spec, "")
    for method in (space.cell_graph, lambda arch: list(space.neighbours(arch))):
        with pytest.raises(ValueError, match=f"not {space.name!r}"):
            method(stranger)
    with pytest.raises(ValueError, match=f"not {space.name!r}"):
        space.plan(stranger, SCALES[0][0], 16)


@pytest.mark.parametrize(
    "space", [s for s in SPACES if isinstance(s, EnumerableSpace)], ids=lambda space: space.name
)
def test_a_listed_space_lists_itself(space: EnumerableSpace) -> None:
    listed = {arch.spec: arch for arch in space.enumerate()}
    assert len(listed) == space.size
    assert all(listed[arch.spec] == arch for arch in samples(space, 50))
