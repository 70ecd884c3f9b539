from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from tests.networks.naive_once_for_all import assert_same_function, resnet, used

from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.ofa_resnet import Genotype, OFAResNet

SPACE = OFAResNet()
RESNET_50D = f"d=2,1,2,2,1;e={'0.25,' * 15}0.25;w=1.0,1.0,1.0,1.0,1.0,1.0;r=224"
SMALLEST = f"d=0,0,0,0,0;e={'0.2,' * 9}0.2;w=0.65,0.65,0.65,0.65,0.65,0.65;r=128"


def text(values: list[int] | list[float]) -> str:
    return ",".join(map(str, values))


def decisions(arch: Architecture) -> dict[object, object]:
    """Return every decision by its place, those of absent blocks left out."""
    genotype = SPACE.genotype(arch)
    found: dict[object, object] = {"r": genotype.resolution, "stem": genotype.stem_depth}
    for stage, ratios in enumerate(genotype.stages):
        found["d", stage] = len(ratios)
        found |= {("e", stage, position): ratio for position, ratio in enumerate(ratios)}
    return found | {("w", position): w for position, w in enumerate(genotype.multipliers)}


def test_the_size_in_closed_form() -> None:
    stages = (9 + 27 + 81) ** 3 * (81 + 243 + 729)
    assert SPACE.size == 2 * stages * 3**6 * 25 == 61_472_869_924_050


def test_resnet_50d_has_its_published_size() -> None:
    size = SPACE.count(SPACE.parse(RESNET_50D), SPACE.published, 224, 1000)
    assert size.params == 25_576_264
    # ResNet-50's published MACs, less its 7x7 stem, with the three 3x3 convolutions instead.
    stem = 9 * (3 * 32 + 32 * 32 + 32 * 64) - 49 * 3 * 64
    assert size.macs == 4_089_184_256 + stem * 112**2


def test_widths_are_the_published_ones() -> None:
    shapes = []
    for multiplier in (0.65, 0.8, 1.0):
        spec = RESNET_50D.replace("1.0", str(multiplier))
        plan = SPACE.plan(SPACE.parse(spec), SPACE.published, 224)
        convs = [node.shape for node in plan.nodes if node.op == "conv"]
        # The last convolution of each stage, behind 3 of the stem and 3 a block and 1 a shortcut.
        ends = [convs[2 + end] for end in (10, 23, 42, 52)]
        shapes.append([convs[0][0], convs[2][0], *(shape[0] for shape in ends)])
        assert [shape[1] for shape in ends] == [56, 28, 14, 7]
    assert shapes == [
        [24, 40, 168, 336, 664, 1328],
        [24, 48, 208, 408, 816, 1640],
        [32, 64, 256, 512, 1024, 2048],
    ]


@pytest.mark.parametrize(("seed", "side"), [(0, 36), (1, 68), (2, 33), (3, 40)])
def test_the_network_is_the_naive_one(seed: int, side: int) -> None:
    rng = np.random.default_rng(seed)
    d = [int(rng.choice([0, 2])), *rng.integers(0, 3, 4).tolist()]
    e, w = rng.choice([0.2, 0.25, 0.35], 18).tolist(), rng.choice([0.65, 0.8, 1.0], 6).tolist()
    ratios = used(
        e, [base + more for base, more in zip((2, 2, 4, 2), d[1:], strict=True)], (4, 4, 6, 4)
    )
    arch = SPACE.parse(f"d={text(d)};e={ratios};w={text(w)};r=224")
    torch.manual_seed(seed)
    ours, naive = SPACE.build(arch, SPACE.published, 7), resnet(d, e, w, 7)
    assert_same_function(ours, naive, side)


def test_a_shrunken_network_by_hand() -> None:
    spec = SMALLEST.replace("d=0,0", "d=2,0").replace("e=0.2,0.2", "e=0.25,0.35")
    plan = SPACE.plan(SPACE.parse(spec), NetworkScale(8, 1, 2), 32)
    convs = [node for node in plan.nodes if node.op == "conv"]
    # An eighth of 24 and 40, then of 168: 21, with hidden 0.25 and 0.35 of it.
    assert [node.shape[0] for node in convs[:10]] == [3, 3, 5, 5, 5, 21, 21, 7, 7, 21]
    assert convs[2].shape[1:] == (16, 16)
    assert convs[-1].shape == (166, 1, 1)
    pools = [node for node in plan.nodes if node.op == "avg_pool"]
    assert [node.shape for node in pools] == [(21, 4, 4), (42, 2, 2), (83, 1, 1)]


def test_every_decision_is_drawn_uniformly() -> None:
    rng = np.random.default_rng(1)
    counts: dict[object, Counter[object]] = {}
    for _ in range(2500):
        for place, choice in decisions(SPACE.sample(rng)).items():
            counts.setdefault(place, Counter())[choice] += 1
    choices = {"e": {0.2, 0.25, 0.35}, "w": {0.65, 0.8, 1.0}, "d": {2, 3, 4}}
    # Resolution, stem, four depths, 18 ratios, six widths.
    assert len(counts) == 30
    for place, drawn in counts.items():
        if place == "r":
            expected = set(SPACE.resolutions)
        elif place == "stem":
            expected = {0, 2}
        else:
            expected = {4, 5, 6} if place == ("d", 2) else choices[place[0]]
        assert set(drawn) == expected
        assert chisquare(list(drawn.values())).pvalue > 1e-4, place


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_by_count(seed: int) -> None:
    arch = SPACE.sample(np.random.default_rng(seed))
    here = decisions(arch)
    expected = 2 * sum(key[0] == "e" for key in here) + 1
    for key, value in here.items():
        if key[0] == "d":
            added = value - (4 if key[1] == 2 else 2)
            expected += {0: 3, 1: 3 + 1, 2: 1}[added]
        elif key[0] == "w":
            expected += 2 if value == 0.8 else 1
    expected += 1 if here["r"] in (128, 224) else 2
    neighbours = list(SPACE.neighbours(arch))
    assert len({neighbour.arch_id for neighbour in neighbours}) == len(neighbours) == expected


def test_neighbours_differ_in_one_decision() -> None:
    arch = SPACE.sample(np.random.default_rng(4))
    here = decisions(arch)
    for neighbour in SPACE.neighbours(arch):
        there = decisions(neighbour)
        changed = {place for place in here | there if here.get(place) != there.get(place)}
        stage = next((place[1] for place in changed if place[0] == "d"), None)
        if stage is None:
            assert len(changed) == 1
        else:
            last = max(here["d", stage], there["d", stage]) - 1
            assert changed == {("d", stage), ("e", stage, last)}


def test_equal_networks_share_their_canonical_id() -> None:
    first, second, third = (
        SPACE.parse(RESNET_50D.replace("w=1.0", f"w={w}")) for w in ("0.65", "0.8", "1.0")
    )
    for scale in (SPACE.published, NetworkScale(8, 1)):
        assert SPACE.plan(first, scale, 32).nodes == SPACE.plan(second, scale, 32).nodes
        assert SPACE.plan(first, scale, 32).nodes != SPACE.plan(third, scale, 32).nodes
    assert first.spec != second.spec
    assert first.canonical_id == second.canonical_id == first.spec
    assert third.canonical_id == third.spec


def test_a_cell_graph_is_the_chain_of_stem_and_blocks() -> None:
    spec = SMALLEST.replace("w=0.65,0.65,0.65", "w=0.65,1.0,0.8")
    plain = SPACE.cell_graph(SPACE.parse(spec)).operations
    first, other = "bottleneck-e0.2-w0.8", "bottleneck-e0.2-w0.65"
    stages = [first] * 2, [other] * 2, [other] * 4, [other] * 2
    expected = ["input", "stem-w0.65", "stem-w1.0"]
    for stage in stages:
        expected += ["next-stage", *stage]
    assert plain == (*expected, "output")
    deep = SPACE.cell_graph(SPACE.parse(spec.replace("d=0", "d=2"))).operations
    assert deep == (*plain[:2], "stem-residual", *plain[2:])
    assert len(SPACE.operations) == 3 + 1 + 9 + 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("d=0", "d=1", "entry 1 of 'd' is '1'; choose one of 0, 2"),
        ("d=0,0,0", "d=0,0,3", "entry 3 of 'd' is '3'; choose one of 0, 1, 2"),
        ("d=0,0", "d=0", "'d' has 4 entries, expected one for each of the 5 stages"),
        ("d=0,0", "d=0,1", "'e' has 10 entries, expected one for each of the 11 blocks"),
        ("e=0.2", "e=0.20", "entry 1 of 'e' is '0.20'; choose one of 0.2, 0.25, 0.35"),
        ("w=0.65", "w=0", "entry 1 of 'w' is '0'; choose one of 0.65, 0.8, 1.0"),
        ("w=0.65,", "w=", "'w' has 5 entries, expected one for each of the 6 widths"),
        ("r=128", "r=232", "entry 1 of 'r' is '232'; choose one of 128, 132"),
        ("r=128", "r=128,128", "'r' has 2 entries, expected one for each of the 1 network"),
        ("d=0", "ks=3;d=0", r"does not have the form 'd=\.\.\.;e=\.\.\.;w=\.\.\.;r=\.\.\.'"),
    ],
)
def test_bad_specs_are_refused(old: str, new: str, says: str) -> None:
    assert SPACE.parse(SMALLEST).spec == SMALLEST
    with pytest.raises(ValueError, match=says):
        SPACE.parse(SMALLEST.replace(old, new, 1))


def test_choices_outside_the_space_are_refused() -> None:
    genotype = SPACE.genotype(SPACE.parse(SMALLEST))
    with pytest.raises(ValueError, match=r"entry 1 of 'w' is '0\.5'"):
        SPACE.from_genotype(
            Genotype(0, genotype.stages, (0.5, *genotype.multipliers[1:]), genotype.resolution)
        )
