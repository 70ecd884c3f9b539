"""What ProxylessNAS and MobileNetV3 share; their networks are tested in files of their own."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from nascast.spaces.base import Architecture
from nascast.spaces.mobile_blocks import BLOCKS, Block, Genotype, MobileSpace
from nascast.spaces.ofa_mbv3 import OFAMobileNetV3
from nascast.spaces.proxylessnas import ProxylessNAS

SPACES = [ProxylessNAS(), OFAMobileNetV3()]
every_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)


def decisions(space: MobileSpace, arch: Architecture) -> dict[object, object]:
    """Return every decision by its place, those of absent blocks left out."""
    genotype = space.genotype(arch)
    found: dict[object, object] = {"r": genotype.resolution}
    for stage, blocks in enumerate(genotype.stages):
        found["d", stage] = len(blocks)
        for position, block in enumerate(blocks):
            found["ks", stage, position] = block.kernel
            found["e", stage, position] = block.expansion
    return found


def test_there_are_nine_blocks() -> None:
    names = [f"mbconv-e{e}-k{k}" for e in (3, 4, 6) for k in (3, 5, 7)]
    assert [block.name for block in BLOCKS] == names
    assert all(space.operations == (*names, "next-stage") for space in SPACES)


def test_the_sizes_are_the_published_ones() -> None:
    # "roughly ((3 x 3)^2 + (3 x 3)^3 + (3 x 3)^4)^5" networks at each of 25 resolutions.
    five_stages = (81 + 729 + 6561) ** 5
    assert 2.1e19 < five_stages < 2.2e19
    assert ProxylessNAS().size == five_stages * 9 * 25
    assert OFAMobileNetV3().size == five_stages * 17


@every_space
def test_every_decision_is_drawn_uniformly(space: MobileSpace) -> None:
    rng = np.random.default_rng(1)
    counts: dict[object, Counter[object]] = {}
    for _ in range(2500):
        for place, choice in decisions(space, space.sample(rng)).items():
            counts.setdefault(place, Counter())[choice] += 1
    # Five searched depths, 20 or 21 blocks with two decisions each, the resolution.
    places = [place for place in counts if place != ("d", 5)]
    assert len(places) == (48 if space.name == "proxylessnas" else 46)
    for place in places:
        choices = space.resolutions if place == "r" else (2, 3, 4) if place[0] == "d" else None
        if choices is None:
            choices = (3, 5, 7) if place[0] == "ks" else (3, 4, 6)
        assert set(counts[place]) == set(choices)
        # With 48 tests at this level, a uniform generator fails in one of 200 seeds.
        assert chisquare(list(counts[place].values())).pvalue > 1e-4, place


@every_space
@pytest.mark.parametrize("seed", range(3))
def test_neighbours_by_count(space: MobileSpace, seed: int) -> None:
    arch = space.sample(np.random.default_rng(seed))
    genotype = space.genotype(arch)
    expected = 4 * sum(map(len, genotype.stages))
    # A shallow stage can only grow, a deep one only shrink.
    expected += sum({2: 9, 3: 9 + 1, 4: 1}.get(len(stage), 0) for stage in genotype.stages)
    expected += 1 if genotype.resolution in (space.resolutions[0], 224) else 2
    neighbours = list(space.neighbours(arch))
    assert len({neighbour.arch_id for neighbour in neighbours}) == len(neighbours) == expected


@every_space
def test_neighbours_differ_in_one_decision(space: MobileSpace) -> None:
    arch = space.sample(np.random.default_rng(4))
    here = decisions(space, arch)
    for neighbour in space.neighbours(arch):
        there = decisions(space, neighbour)
        changed = {place for place in here | there if here.get(place) != there.get(place)}
        depth = next((place[1] for place in changed if place[0] == "d"), None)
        if depth is None:
            assert len(changed) == 1
            if changed == {"r"}:
                assert abs(here["r"] - there["r"]) == 4
        else:
            last = max(here["d", depth], there["d", depth]) - 1
            assert changed == {("d", depth), ("ks", depth, last), ("e", depth, last)}


@every_space
def test_a_cell_graph_is_the_chain_of_blocks(space: MobileSpace) -> None:
    stages = [[Block(3, 6), Block(7, 4)]] * 4 + [[Block(5, 3)] * 3] + [[Block(7, 6)]]
    genotype = Genotype(tuple(map(tuple, stages[: len(space.stages)])), 224)
    graph = space.cell_graph(space.from_genotype(genotype))
    expected = ["mbconv-e6-k3", "mbconv-e4-k7", "next-stage"] * 4 + ["mbconv-e3-k5"] * 3
    expected += ["next-stage", "mbconv-e6-k7"] if len(space.stages) == 6 else []
    assert graph.operations == ("input", *expected, "output")
    assert graph.edges == tuple((i, i + 1) for i in range(len(expected) + 1))


def spec(space: MobileSpace, **fields: str) -> str:
    """Return the smallest network's spec with some fields replaced."""
    last = [1] if len(space.stages) == 6 else []
    blocks = 10 + len(last)
    smallest = {
        "ks": ",".join("3" * blocks),
        "e": ",".join("3" * blocks),
        "d": ",".join(map(str, [2] * 5 + last)),
        "r": "224",
    }
    return ";".join(f"{key}={value}" for key, value in (smallest | fields).items())


@every_space
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"d": "2,2,2"}, "'d' has 3 entries, expected one for each of the . stages"),
        ({"d": "2,2,1,2,2,1"}, "'d'"),
        ({"d": "2,2,2,5,2"}, "'d'"),
        ({"ks": "3,3,3"}, "'ks' has 3 entries, expected one for each of the 1. blocks"),
        ({"e": "3"}, "'e' has 1 entries, expected one for each of the 1. blocks"),
        ({"ks": "3,5,9,3,3,3,3,3,3,3,3"}, "'ks'"),
        ({"r": "224,224"}, "'r' has 2 entries, expected one for each of the 1 network"),
        ({"r": "130"}, "entry 1 of 'r' is '130'; choose one of"),
        ({"w": "1.3"}, r"does not have the form 'ks=\.\.\.;e=\.\.\.;d=\.\.\.;r=\.\.\.'"),
    ],
)
def test_bad_specs_are_refused(space: MobileSpace, fields: dict[str, str], says: str) -> None:
    assert space.parse(spec(space)).spec == spec(space)
    with pytest.raises(ValueError, match=says):
        space.parse(spec(space, **fields))


@every_space
def test_the_wrong_entry_is_named(space: MobileSpace) -> None:
    good = spec(space)
    with pytest.raises(ValueError, match="entry 2 of 'ks' is '9'; choose one of 3, 5, 7"):
        space.parse(good.replace("ks=3,3", "ks=3,9"))
    with pytest.raises(ValueError, match="entry 1 of 'e' is '5'; choose one of 3, 4, 6"):
        space.parse(good.replace("e=3", "e=5"))
    with pytest.raises(ValueError, match="entry 2 of 'd' is '1'; choose one of 2, 3, 4"):
        space.parse(good.replace("d=2,2", "d=2,1"))


@every_space
def test_choices_outside_the_space_are_refused(space: MobileSpace) -> None:
    stages = space.genotype(space.parse(spec(space))).stages
    with pytest.raises(ValueError, match="entry 1 of 'ks' is '4'"):
        space.from_genotype(Genotype(((Block(4, 3), Block(3, 3)), *stages[1:]), 224))
    with pytest.raises(ValueError, match="entry 1 of 'd' is '1'"):
        space.from_genotype(Genotype(((Block(3, 3),), *stages[1:]), 224))
