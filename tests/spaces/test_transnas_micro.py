from __future__ import annotations

import re
from collections import Counter, defaultdict

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.networks.naive_nasbench201 import copy_parameters
from tests.networks.naive_transnas import NaiveCell, naive_network

from nascast.networks.counts import count_macs, count_params
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.four_node_cells import EDGES
from nascast.spaces.transnas_micro import OPERATIONS, TransNASMicro

SPACE = TransNASMicro()
EXAMPLE = "64-41414-1_02_333"
genotypes = st.tuples(*[st.sampled_from(OPERATIONS)] * len(EDGES))


@pytest.fixture(scope="module")
def everything() -> list[Architecture]:
    return list(SPACE.enumerate())


def flow_graph(arch: Architecture) -> nx.DiGraph:
    """Return the live operations and how often each reads which, skips between nodes taken out."""
    genotype = SPACE.genotype(arch)
    graph = nx.DiGraph()
    graph.add_node("input", op="input")
    graph.add_node("output", op="output")
    sums = [Counter({"input": 1})]
    for target in (1, 2, 3):
        total: Counter[str] = Counter()
        for (source, end), operation in zip(EDGES, genotype, strict=True):
            if end != target or operation == "none" or not sums[source]:
                continue
            if source > 0 and operation == "skip_connect":
                total += sums[source]
                continue
            name = f"{source}->{target}"
            graph.add_node(name, op=operation)
            graph.add_edges_from((read, name, {"times": n}) for read, n in sums[source].items())
            total[name] += 1
        sums.append(total)
    graph.add_edges_from((read, "output", {"times": n}) for read, n in sums[3].items())
    return graph.subgraph({"output"} | nx.ancestors(graph, "output"))


def isomorphic(one: nx.DiGraph, other: nx.DiGraph) -> bool:
    return nx.is_isomorphic(
        one,
        other,
        node_match=lambda a, b: a["op"] == b["op"],
        edge_match=lambda a, b: a["times"] == b["times"],
    )


def test_has_4096_cells_1376_of_them_unique(everything: list[Architecture]) -> None:
    assert len({arch.arch_id for arch in everything}) == SPACE.size == 4_096
    assert len({arch.canonical_id for arch in everything}) == 1_376


def test_the_benchmarks_example_reads_as_its_documentation_says() -> None:
    assert SPACE.edges(SPACE.parse(EXAMPLE)) == [
        (0, 1, "skip_connect"), (0, 2, "none"), (1, 2, "conv1x1"),
        (0, 3, "conv3x3"), (1, 3, "conv3x3"), (2, 3, "conv3x3"),
    ]  # fmt: skip


@given(genotypes)
def test_spec_and_genotype_are_inverse(genotype: tuple[str, ...]) -> None:
    assert SPACE.read(SPACE.write(genotype)) == genotype


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("1_02_333", ["must begin with '64-41414-'"]),
        ("32-41414-1_02_333", ["must begin with '64-41414-'"]),
        ("64-41411-1_02_333", ["must begin with '64-41414-'"]),
        ("64-41414-basic", ["1 nodes", "expected 3"]),
        ("64-41414-1_02", ["2 nodes", "expected 3"]),
        ("64-41414-1_02_333_1", ["4 nodes", "expected 3"]),
        ("64-41414-1_2_333", ["node 2", "'2'", "2 of the digits 0 to 3"]),
        ("64-41414-1_02_3333", ["node 3", "'3333'"]),
        ("64-41414-4_02_333", ["node 1", "'4'", "none, skip_connect, conv1x1, conv3x3"]),
        ("64-41414-1_02_33\u0663", ["node 3"]),
        ("64-41414-1_02_333 ", ["node 3", "'333 '"]),
    ],
)
def test_bad_specs_are_refused_by_name(spec: str, names: list[str]) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(spec))) as caught:
        SPACE.parse(spec)
    assert all(name in str(caught.value) for name in names), caught.value


@given(st.text(alphabet="64-1_0235 basic", max_size=20).map(lambda tail: f"64-41414-{tail}"))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    if re.fullmatch(r"64-41414-[0-3]_[0-3]{2}_[0-3]{3}", text):
        assert SPACE.parse(text).spec == text
    else:
        with pytest.raises(ValueError, match=re.escape(repr(text))):
            SPACE.parse(text)


@given(genotypes)
def test_nodes_that_do_not_read_each_other_may_change_places(genotype: tuple[str, ...]) -> None:
    e01, e02, _, e03, e13, e23 = genotype
    one = SPACE.from_genotype((e01, e02, "none", e03, e13, e23))
    other = SPACE.from_genotype((e02, e01, "none", e03, e23, e13))
    assert one.canonical_id == other.canonical_id


@given(genotypes)
def test_pruning_keeps_the_canonical_id(genotype: tuple[str, ...]) -> None:
    arch = SPACE.from_genotype(genotype)
    assert SPACE.prune(arch).canonical_id == arch.canonical_id


def test_ids_are_equal_exactly_for_isomorphic_cells(everything: list[Architecture]) -> None:
    """A third of the cells, each against one of every class that could hold it."""
    classes = defaultdict(list)
    for index in np.random.default_rng(0).choice(len(everything), 1400, replace=False):
        arch = everything[index]
        graph = flow_graph(arch)
        degrees = ((graph.nodes[n]["op"], graph.in_degree(n), graph.out_degree(n)) for n in graph)
        known = classes[tuple(sorted(degrees))]
        alike = [cid for other, cid in known if isomorphic(graph, other)]
        assert alike in ([], [arch.canonical_id])
        if not alike:
            known.append((graph, arch.canonical_id))
    ids = [cid for known in classes.values() for _, cid in known]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        # Along 0->1->3 or along 0->2->3.
        ("3_00_010", "0_30_001", True),
        # A skip between nodes is an identity.
        ("3_00_010", "3_01_001", True),
        # A skip from the input is not where the cell shrinks: the convolution moves behind it.
        ("1_00_030", "0_00_300", False),
        # One convolution read by two others, or two.
        ("3_01_033", "3_30_033", False),
        # What an empty node gives counts for nothing.
        ("0_03_302", "0_00_300", True),
    ],
)
def test_canonical_ids_by_hand(one: str, other: str, equal: bool) -> None:
    first, second = (SPACE.parse(f"64-41414-{code}") for code in (one, other))
    assert (first.canonical_id == second.canonical_id) is equal


@pytest.mark.parametrize("code", ["3_33_333", "1_02_333", "1_11_111"])
def test_published_counts_equal_those_of_the_naive_network(code: str) -> None:
    arch = SPACE.parse(f"64-41414-{code}")
    with torch.device("meta"):
        naive = naive_network("41414", lambda *shape: NaiveCell(code, *shape), 64, 2, 75)
    size = SPACE.count(arch, SPACE.published, SPACE.published_image_size, 75)
    assert size.params == count_params(naive)
    assert size.macs == count_macs(naive, (3, 256, 256))


def test_counts_by_hand() -> None:
    """C = 2, one cell a module, only a convolution 0->3: widths 4, 4, 8, 8 and 16."""
    size = SPACE.count(SPACE.parse("64-41414-0_00_200"), NetworkScale(2, 1), 16, 3)
    stem = (3 * 1 * 9, 1 * 2 * 9)
    cells = (2 * 4, 4 * 4, 4 * 8, 8 * 8, 8 * 16)
    norms = 2 * (1 + 2 + 4 + 4 + 8 + 8 + 16)
    assert size.params == sum(stem) + sum(cells) + norms + 16 * 3 + 3
    positions = (64, 64, 16, 16, 4)
    convolutions = sum(weights * n for weights, n in zip(cells, positions, strict=True))
    assert size.macs == sum(stem) * 256 + convolutions + 16 * 3


@pytest.mark.parametrize("seed", range(3))
def test_built_networks_compute_what_naive_ones_do(seed: int) -> None:
    arch, scale = SPACE.sample(np.random.default_rng(seed)), NetworkScale(4, 2, 2)
    code = arch.spec.rpartition("-")[2]
    torch.manual_seed(seed)
    ours = SPACE.build(arch, scale, 5)
    naive = naive_network("41414", lambda *shape: NaiveCell(code, *shape), 4, 2, 5)
    copy_parameters(ours, naive)
    images = torch.randn(3, 3, 32, 32)
    torch.testing.assert_close(ours(images), naive(images))
