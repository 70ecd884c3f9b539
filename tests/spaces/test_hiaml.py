from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from tests.networks.lazy_network import LazyNetwork, assert_same_network, linear
from torch import Tensor

from nascast.spaces.base import Architecture, EnumerableSpace, NetworkScale
from nascast.spaces.hiaml import HiAML

SPACE = HiAML()
blocks = st.sampled_from(SPACE.operations)


def test_has_14_to_the_fourth_networks() -> None:
    assert isinstance(SPACE, EnumerableSpace)
    everything = list(SPACE.enumerate())
    assert len({arch.canonical_id for arch in everything}) == SPACE.size == 38_416
    assert [everything[i].spec for i in (0, 1, 14)] == ["z-z-z-z", "z-z-z-a22", "z-z-a22-z"]


def test_stages_are_drawn_uniformly_and_independently() -> None:
    rng = np.random.default_rng(0)
    drawn = [SPACE.genotype(SPACE.sample(rng)) for _ in range(7000)]
    for stage in range(4):
        counts = Counter(genotype[stage] for genotype in drawn)
        assert chisquare([counts[op] for op in SPACE.operations]).pvalue > 0.001
    pairs = Counter((genotype[0], genotype[3]) for genotype in drawn)
    assert len(pairs) == 14 * 14
    assert chisquare(list(pairs.values())).pvalue > 0.001


@given(st.tuples(blocks, blocks, blocks, blocks))
def test_spec_and_genotype_are_inverse(genotype: tuple[str, ...]) -> None:
    assert SPACE.genotype(SPACE.parse("-".join(genotype))) == genotype


def test_neighbours_differ_in_one_stage() -> None:
    genotype = ("z", "a22", "b23", "j30")
    neighbours = [SPACE.genotype(n) for n in SPACE.neighbours(SPACE.parse("z-a22-b23-j30"))]
    assert len(set(neighbours)) == 4 * 13
    assert all(
        sum(a != b for a, b in zip(genotype, other, strict=True)) == 1 for other in neighbours
    )


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "'' has 1 blocks joined by '-', expected 4"),
        ("z-z-z", "'z-z-z' has 3 blocks"),
        ("z-z-z-z-z", "'z-z-z-z-z' has 5 blocks"),
        ("z-z-Z-z", "unknown block 'Z' in stage 3 of HiAML spec 'z-z-Z-z'; choose one of z, a22"),
        ("z-z- z-z", "unknown block ' z' in stage 3"),
        ("z--z-z", "unknown block '' in stage 2"),
    ],
)
def test_bad_specs_are_rejected_by_name(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SPACE.parse(spec)


def test_the_cell_graph_is_the_chain_of_stages() -> None:
    graph = SPACE.cell_graph(SPACE.parse("z-a22-z-src8"))
    assert graph.operations == ("input", "z", "a22", "z", "src8", "output")
    assert graph.edges == ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))


def test_counts_of_a_published_network_by_hand() -> None:
    # l20 is a 3 x 3 and a 1 x 1 convolution. The stem halves 32 x 32 pixels, stages 2 and 4 halve
    # again; each stage has two blocks, the first of stages 2 and 4 doubles the channels.
    def block(inputs: int, channels: int) -> tuple[int, int]:
        weights = 9 * inputs * channels + channels * channels
        return weights, weights + 2 * 2 * channels

    stages = [
        (16, [(64, 64), (64, 64)]),
        (8, [(64, 128), (128, 128)]),
        (8, [(128, 128), (128, 128)]),
        (4, [(128, 256), (256, 256)]),
    ]
    params, macs = 27 * 64 + 2 * 64, 27 * 64 * 16**2
    for side, widths in stages:
        params += sum(block(*pair)[1] for pair in widths)
        macs += sum(block(*pair)[0] for pair in widths) * side**2
    size = SPACE.count(SPACE.parse("l20-l20-l20-l20"), SPACE.published, 32, 10)
    assert (size.params, size.macs) == (params + 256 * 10 + 10, macs + 256 * 10)


def test_convolutions_are_those_of_the_published_network() -> None:
    arch = SPACE.parse("l20-l20-l20-l20")
    assert SPACE.conv_count(arch) == 1 + 4 * 2 * 2
    assert SPACE.mean_path_convs(arch) == 17.0
    # In t20 one path has one convolution and the other two: 1.5 a block.
    assert SPACE.mean_path_convs(SPACE.parse("t20-t20-t20-t20")) == 1 + 8 * 1.5


def test_trains_like_a_naive_network() -> None:
    def body(net: LazyNetwork, x: Tensor) -> Tensor:
        x = net.conv(x, 4, 3, 2, torch.relu)
        for stage, channels in enumerate((4, 8, 8, 16)):
            for repeat in range(2):
                stride = 2 if stage in (1, 3) and repeat == 0 else 1
                short = net.conv(x, channels, 1, stride, linear)
                row = net.conv(x, channels, (1, 3), stride)
                x = torch.relu(short + net.conv(row, channels, (3, 1)))
        return net.classify(x, 5)

    torch.manual_seed(0)
    network = SPACE.build(SPACE.parse("t20-t20-t20-t20"), NetworkScale(4, 2, 2), 5)
    assert_same_network(network, LazyNetwork(body, momentum=0.1), 32)


def test_other_spaces_architectures_are_refused() -> None:
    with pytest.raises(ValueError, match="belongs to space 'two_path', not 'hiaml'"):
        SPACE.genotype(Architecture("two_path", "z-z-z-z", ""))
