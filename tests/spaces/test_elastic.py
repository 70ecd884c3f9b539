from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.spaces import registry
from nascast.spaces.base import NetworkScale
from nascast.spaces.elastic import ElasticSpace, chain

SPACES = [
    space for space in map(registry.create, registry.names()) if isinstance(space, ElasticSpace)
]
every_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)


def with_resolution(space: ElasticSpace, resolution: int) -> str:
    spec = space.sample(np.random.default_rng(0)).spec
    return f"{spec.partition(';r=')[0]};r={resolution}"


def test_the_once_for_all_families_are_elastic() -> None:
    assert [space.name for space in SPACES] == ["proxylessnas", "ofa_mbv3", "ofa_resnet"]


@every_space
def test_resolutions_are_the_published_ones(space: ElasticSpace) -> None:
    first = 160 if space.name == "ofa_mbv3" else 128
    assert list(space.resolutions) == list(range(first, 228, 4))


@every_space
@pytest.mark.parametrize(
    ("resolution", "base", "side"),
    [
        (224, 32, 32),
        (160, 224, 160),
        (212, 224, 212),
        (160, 32, 23),  # 22.86
        (176, 14, 11),
        (168, 16, 12),
        (168, 2, 2),  # 1.5
        (224, 1, 1),
    ],
)
def test_the_resolution_scales_the_images_at_hand(
    space: ElasticSpace, resolution: int, base: int, side: int
) -> None:
    arch = space.parse(with_resolution(space, resolution))
    assert space.resolution(arch) == resolution
    assert space.image_size(arch, base) == side


@every_space
def test_images_need_a_side(space: ElasticSpace) -> None:
    arch = space.sample(np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least 1 pixel, got base=0"):
        space.image_size(arch, 0)


@every_space
def test_networks_run_and_count_at_every_resolution(space: ElasticSpace) -> None:
    scale = NetworkScale(8, 1, 2)
    archs = [space.parse(with_resolution(space, r)) for r in space.resolutions]
    # The resolution changes the images alone.
    network = space.build(archs[0], scale, 3).eval()
    sides = sorted({space.image_size(arch, 32) for arch in archs})
    assert sides[-1] == 32
    macs = []
    for side in sides:
        assert network(torch.zeros(1, 3, side, side)).shape == (1, 3)
        macs.append(space.count(archs[0], scale, side, 3).macs)
    assert macs == sorted(macs)
    assert len({space.count(arch, scale, 32, 3) for arch in archs}) == 1


def test_a_chain_marks_the_stages() -> None:
    graph = chain([["a", "b"], ["c"]])
    assert graph.operations == ("input", "a", "b", "next-stage", "c", "output")
    assert graph.edges == ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))
