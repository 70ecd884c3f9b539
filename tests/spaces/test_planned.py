from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from nascast.networks.plan import Plan
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, SearchSpace
from nascast.spaces.planned import PlannedSpace


class Chains(PlannedSpace):
    """Chains of one to three convolutions: the smallest space that is one."""

    name = "chains"
    operations = ("conv",)
    published = NetworkScale(4, 1)
    published_image_size = 8

    def sample(self, rng: np.random.Generator) -> Architecture:
        return self.parse(str(rng.integers(1, 4)))

    def parse(self, spec: str) -> Architecture:
        if spec not in ("1", "2", "3"):
            raise ValueError(f"a chain has 1 to 3 convolutions, got {spec!r}")
        return Architecture(self.name, spec, spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        yield from (self.parse(spec) for spec in "123" if spec != arch.spec)

    def cell_graph(self, arch: Architecture) -> CellGraph:
        length = int(arch.spec)
        edges = tuple((i, i + 1) for i in range(length + 1))
        return CellGraph(("input", *["conv"] * length, "output"), edges)

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        for _ in range(int(arch.spec)):
            images = plan.conv(images, scale.channels)
        return images


SPACE = Chains()


def test_a_backbone_makes_a_space() -> None:
    assert isinstance(SPACE, SearchSpace)
    arch = SPACE.parse("3")
    size = SPACE.count(arch, NetworkScale(4, 1), 8, 5)
    weights = (3 * 4 + 2 * 4 * 4) * 9
    assert (size.params, size.macs) == (weights + 4 * 5 + 5, weights * 64 + 4 * 5)
    assert (SPACE.conv_count(arch), SPACE.mean_path_convs(arch)) == (3, 3.0)
    assert SPACE.prune(arch) == arch
    assert not SPACE.is_dead(arch)
    assert SPACE.build(arch, NetworkScale(4, 1), 5)(torch.randn(2, 3, 9, 9)).shape == (2, 5)


def test_mutations_are_drawn_uniformly() -> None:
    rng = np.random.default_rng(0)
    drawn = [SPACE.mutate(SPACE.parse("2"), rng).spec for _ in range(200)]
    assert set(drawn) == {"1", "3"}
    assert 60 < drawn.count("1") < 140


def test_an_architecture_of_another_space_is_refused() -> None:
    with pytest.raises(ValueError, match="belongs to space 'rings', not 'chains'"):
        SPACE.plan(Architecture("rings", "1", "1"), NetworkScale(4, 1), 8)
