from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.networks.naive_nasbench201 import naive_network

from nascast.networks.counts import count_macs, count_params
from nascast.networks.planned import PlannedNetwork
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.nasbench201 import EDGES, OPERATIONS, NASBench201, format_genotype

SPACE = NASBench201()
PUBLISHED = NetworkScale(16, 5)
BEST_CIFAR10 = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|"
    "+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
)
SPECS = frozenset(arch.spec for arch in SPACE.enumerate())
genotypes = st.tuples(*[st.sampled_from(OPERATIONS)] * len(EDGES))


@st.composite
def damaged_specs(draw: st.DrawFn) -> str:
    """Draw a spec with one stretch of characters cut out, and perhaps another put in."""
    spec = draw(st.sampled_from(sorted(SPECS)[::500]))
    start, stop = sorted(draw(st.tuples(*[st.integers(0, len(spec))] * 2)))
    return spec[:start] + draw(st.sampled_from(["", "|", "~", "+", "0", "none~0"])) + spec[stop:]


@pytest.fixture(scope="module")
def everything() -> list[Architecture]:
    return list(SPACE.enumerate())


def cell(**operations: str) -> Architecture:
    """Return the cell with the given edges, e.g. ``e01="skip_connect"``; the others are none."""
    return SPACE.from_genotype(tuple(operations.get(f"e{s}{t}", "none") for s, t in EDGES))


def test_has_15625_cells_6466_of_them_unique(everything: list[Architecture]) -> None:
    assert len({arch.arch_id for arch in everything}) == SPACE.size == 15_625
    assert len({arch.canonical_id for arch in everything}) == 6_466


def test_canonical_ids_match_the_benchmarks_unique_strings(
    mirror: Path, everything: list[Architecture]
) -> None:
    path = mirror / "nats_bench.csv"
    if not path.is_file():
        pytest.skip("the mirror lacks nats_bench.csv")
    table = pd.read_csv(path)
    # The benchmark's own strings are the specs, cell for cell.
    by_spec = {arch.spec: arch for arch in everything}
    assert set(table.ArchitectureString) == set(by_spec)
    ours, theirs = defaultdict(set), defaultdict(set)
    for spec, unique in zip(table.ArchitectureString, table.UniqueString, strict=True):
        ours[unique].add(by_spec[spec].canonical_id)
        theirs[by_spec[spec].canonical_id].add(unique)
    assert {len(ids) for ids in ours.values()} == {1}
    assert {len(ids) for ids in theirs.values()} == {1}


@given(genotypes)
def test_spec_and_genotype_are_inverse(genotype: tuple[str, ...]) -> None:
    assert SPACE.genotype(SPACE.parse(format_genotype(genotype))) == genotype


def test_every_cell_has_24_neighbours() -> None:
    for arch in (SPACE.parse(BEST_CIFAR10), cell()):
        assert len(set(SPACE.neighbours(arch))) == 24


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("", ["1 nodes", "expected 3"]),
        ("|none~0|+|none~0|none~1|", ["2 nodes", "expected 3"]),
        ("none~0|+|none~0|none~1|+|none~0|none~1|none~2|", ["node 1", "bars"]),
        ("|none~0|+|none~0|none~1+|none~0|none~1|none~2|", ["node 2", "bars"]),
        ("|none~0|+|none~0|+|none~0|none~1|none~2|", ["node 2", "1 incoming", "expected 2"]),
        ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2||", ["node 3", "4 incoming"]),
        ("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", ["edge 0->1", "'none~1'"]),
        ("|none~00|+|none~0|none~1|+|none~0|none~1|none~2|", ["edge 0->1", "'none~00'"]),
        ("|none|+|none~0|none~1|+|none~0|none~1|none~2|", ["edge 0->1", "operation~0"]),
        ("|none~0|+|none~0|conv~1|+|none~0|none~1|none~2|", ["'conv'", "edge 1->2", "none"]),
    ],
)
def test_bad_specs_are_rejected_by_name(spec: str, names: list[str]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is checked below
        SPACE.parse(spec)
    assert all(name in str(caught.value) for name in names), caught.value


@given(st.one_of(st.text(alphabet="|+~none012skip_connect", max_size=60), damaged_specs()))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    if text in SPECS:
        assert SPACE.parse(text).spec == text
    else:
        with pytest.raises(ValueError, match=re.escape(repr(text))):
            SPACE.parse(text)


def test_bad_genotypes_are_rejected_by_name() -> None:
    with pytest.raises(ValueError, match="6 edges, got 2"):
        SPACE.from_genotype(("none", "none"))
    with pytest.raises(ValueError, match="'conv' on edge 0->1; choose one of none"):
        SPACE.from_genotype(("conv", *["none"] * 5))


def test_architectures_of_other_spaces_are_refused() -> None:
    with pytest.raises(ValueError, match="belongs to space 'darts', not 'nasbench201'"):
        SPACE.genotype(Architecture("darts", BEST_CIFAR10, ""))


@pytest.mark.parametrize(
    ("spec", "params", "macs"),
    [
        (format_genotype(("nor_conv_3x3",) * 6), 1_531_546, 220_119_680),
        (BEST_CIFAR10, 1_073_466, 153_272_960),
    ],
)
def test_published_counts(spec: str, params: int, macs: int) -> None:
    arch = SPACE.parse(spec)
    size = SPACE.count(arch, PUBLISHED, 32, 10)
    assert (size.params, size.macs) == (params, macs)
    with torch.device("meta"):
        network = SPACE.build(arch, PUBLISHED, 10)
    assert count_params(network) == params
    assert count_macs(network, (3, 32, 32)) == macs


@settings(max_examples=40, deadline=None)
@given(
    genotype=genotypes,
    channels=st.integers(1, 20),
    repeats=st.integers(1, 3),
    stride=st.integers(1, 3),
    size=st.integers(4, 40),
    classes=st.integers(1, 120),
)
def test_closed_form_counts_equal_measured_ones(
    genotype: tuple[str, ...], channels: int, repeats: int, stride: int, size: int, classes: int
) -> None:
    arch, scale = SPACE.from_genotype(genotype), NetworkScale(channels, repeats, stride)
    with torch.device("meta"):
        network = naive_network(arch, scale, classes)
    counted = SPACE.count(arch, scale, size, classes)
    assert counted.params == count_params(network)
    try:
        measured = count_macs(network, (3, size, size))
    except RuntimeError:
        # An odd side cannot be halved by the residual block: the network itself does not run.
        assert (-(-size // stride)) % 4 != 0
    else:
        assert counted.macs == measured


def test_every_cell_graph_has_the_line_graph_of_the_cell() -> None:
    graph = SPACE.cell_graph(SPACE.parse(BEST_CIFAR10))
    assert graph.operations == ("input", *SPACE.genotype(SPACE.parse(BEST_CIFAR10)), "output")
    # Nodes 1..6 are the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
    assert graph.edges == (
        (0, 1), (0, 2), (0, 4), (1, 3), (1, 5), (2, 6), (3, 6), (4, 7), (5, 7), (6, 7),
    )  # fmt: skip


def test_paths_by_hand() -> None:
    arch = cell(e01="nor_conv_3x3", e13="skip_connect", e12="avg_pool_3x3", e03="nor_conv_1x1")
    paths = sorted(SPACE.path_operations(arch))
    assert paths == [("nor_conv_1x1",), ("nor_conv_3x3", "skip_connect")]
    # Node 2 goes nowhere, so the pooling in front of it is pruned.
    pruned = cell(e01="nor_conv_3x3", e13="skip_connect", e03="nor_conv_1x1")
    assert SPACE.prune(arch) == pruned
    assert SPACE.prune(pruned) == pruned


def test_pruning_keeps_the_paths(everything: list[Architecture]) -> None:
    rng = np.random.default_rng(0)
    for index in rng.choice(len(everything), 300, replace=False):
        arch = everything[index]
        pruned = SPACE.prune(arch)
        assert sorted(SPACE.path_operations(pruned)) == sorted(SPACE.path_operations(arch))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (cell(e01="nor_conv_3x3", e13="skip_connect"), cell(e03="nor_conv_3x3")),
        (
            cell(e01="skip_connect", e12="nor_conv_1x1", e23="skip_connect"),
            cell(e02="nor_conv_1x1", e23="skip_connect"),
        ),
        (cell(e01="none", e13="nor_conv_3x3"), cell()),
    ],
)
def test_isomorphic_cells_share_their_canonical_id(one: Architecture, other: Architecture) -> None:
    assert one != other
    assert one.arch_id != other.arch_id
    assert one.canonical_id == other.canonical_id


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_computes_what_the_network_computes(seed: int) -> None:
    arch = SPACE.sample(np.random.default_rng(seed))
    scale = NetworkScale(4, 2, 2)
    torch.manual_seed(seed)
    network = SPACE.build(arch, scale, 5)
    planned = PlannedNetwork(SPACE.plan(arch, scale, 16, 5))
    # Both own the same layers in the same order.
    weights = zip(planned.state_dict(), network.state_dict().values(), strict=True)
    planned.load_state_dict(dict(weights))
    images = torch.randn(3, 3, 16, 16)
    torch.testing.assert_close(planned(images), network(images))
