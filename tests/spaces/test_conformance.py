"""One suite for every registered search space."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.spaces import registry
from nascast.spaces.base import NetworkScale, SearchSpace

SPACES = [registry.create(name) for name in registry.names()]
pytestmark = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)


def samples(space: SearchSpace, count: int = 20) -> list:
    rng = np.random.default_rng(3)
    return [space.sample(rng) for _ in range(count)]


def test_fulfils_the_protocol(space: SearchSpace) -> None:
    assert isinstance(space, SearchSpace)


def test_sampling_follows_its_generator(space: SearchSpace) -> None:
    assert samples(space) == samples(space)
    assert len(set(samples(space))) > 10


def test_parse_and_format_round_trip(space: SearchSpace) -> None:
    for arch in samples(space):
        assert space.parse(arch.spec) == arch
        assert arch.space == space.name
        assert arch.arch_id.startswith(f"{space.name}-")


def test_neighbours_are_valid_and_different(space: SearchSpace) -> None:
    for arch in samples(space, 5):
        neighbours = list(space.neighbours(arch))
        assert arch not in neighbours
        assert len(set(neighbours)) == len(neighbours)
        for neighbour in neighbours:
            assert space.parse(neighbour.spec) == neighbour
            assert arch in space.neighbours(neighbour)


def test_mutation_is_a_neighbour_and_reaches_them_all(space: SearchSpace) -> None:
    arch = samples(space, 1)[0]
    rng = np.random.default_rng(0)
    neighbours = set(space.neighbours(arch))
    assert {space.mutate(arch, rng) for _ in range(12 * len(neighbours))} == neighbours


def test_cell_graph_is_a_sorted_acyclic_graph_between_input_and_output(space: SearchSpace) -> None:
    for arch in samples(space):
        graph = space.cell_graph(arch)
        assert graph.operations[0] == "input"
        assert graph.operations[-1] == "output"
        assert set(graph.operations[1:-1]) <= set(space.operations)
        assert list(graph.edges) == sorted(set(graph.edges))
        assert all(0 <= a < b < len(graph.operations) for a, b in graph.edges)


@pytest.mark.parametrize(("scale", "size"), [(NetworkScale(4, 1), 8), (NetworkScale(8, 2, 2), 16)])
def test_samples_train_at_two_scales(space: SearchSpace, scale: NetworkScale, size: int) -> None:
    images = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    for arch in samples(space, 4):
        network = space.build(arch, scale, 7)
        logits = network(images)
        assert logits.shape == (2, 7)
        logits.square().sum().backward()
        assert torch.isfinite(logits).all()
        assert all(p.grad is None or torch.isfinite(p.grad).all() for p in network.parameters())


def test_initialisation_follows_the_global_generator(space: SearchSpace) -> None:
    arch = samples(space, 1)[0]
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        network = space.build(arch, NetworkScale(4, 1), 10)
        weights.append(torch.cat([p.detach().flatten() for p in network.parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
