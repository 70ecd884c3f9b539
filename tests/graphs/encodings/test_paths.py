from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.graphs.encodings.cells import (
    LAYOUT,
    NB201,
    SHORTCUT,
    TWO_CELL_LAYOUT,
    TWO_CELLS,
    every_path,
    graphs,
    nb201_graph,
    relabelled,
)

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import Layout, layout_of
from nascast.graphs.encodings.paths import (
    PathEncoding,
    SparsePathEncoding,
    TruncatedPathEncoding,
    cut_length,
    path_bits,
    paths_of,
    width,
)
from nascast.spaces.base import CellGraph
from nascast.spaces.nasbench201 import OPERATIONS

FULL, TRUNCATED, SPARSE = PathEncoding(), TruncatedPathEncoding(), SparsePathEncoding()


def test_published_sizes() -> None:
    nb201 = layout_of(NB201)
    assert width(nb201, 3) == 5 + 25 + 125 == len(FULL.columns(nb201))
    assert width(LAYOUT, 5) == 1 + 3 + 9 + 27 + 81 + 243 == len(FULL.columns(LAYOUT))
    # The public code of BANANAS keeps 40 of the latter and 30 of the former.
    assert (cut_length(nb201), len(TRUNCATED.columns(nb201))) == (2, 30)
    assert (cut_length(LAYOUT), len(TRUNCATED.columns(LAYOUT))) == (3, 40)


def test_a_cell_of_nasbench201_by_hand() -> None:
    graph = nb201_graph(
        e01="nor_conv_3x3", e03="skip_connect", e12="avg_pool_3x3", e13="nor_conv_1x1"
    )
    # none 0, skip 1, conv1x1 2, conv3x3 3, pool 4. The paths are 0-3: 1, 0-1-3: 3 2, 0-2-3: 0 0,
    # 0-1-2-3: 3 4 0.
    bits = [1, 5 + 0, 5 + 3 * 5 + 2, 30 + 3 * 25 + 4 * 5]
    assert path_bits(graph, layout_of(NB201), 3) == bits
    row = FULL.encode([graph], layout_of(NB201))["features"][0]
    assert np.flatnonzero(row).tolist() == bits
    names = FULL.columns(layout_of(NB201))
    assert [names[bit] for bit in bits] == [
        "path(skip_connect)",
        "path(none,none)",
        "path(nor_conv_3x3,nor_conv_1x1)",
        "path(nor_conv_3x3,avg_pool_3x3,none)",
    ]
    assert TRUNCATED.encode([graph], layout_of(NB201))["features"][0].tolist() == row[:30].tolist()


def test_which_cells_of_nasbench201_share_an_encoding() -> None:
    archs = list(NB201.enumerate())
    everything = [NB201.cell_graph(arch) for arch in archs]
    features = FULL.encode(everything, layout_of(NB201))["features"]
    # Counted without the encoding: a cell is the set of what its four paths read.
    sets = set()
    for e01, e02, e12, e03, e13, e23 in map(NB201.genotype, archs):
        sets.add(frozenset([(e03,), (e01, e13), (e02, e23), (e01, e12, e23)]))
    assert features.shape == (15_625, 155)
    # ``none`` is kept, so that the longest path tells nodes 1 and 2 apart: nothing is merged.
    assert len(np.unique(features, axis=0)) == len(sets) == 15_625
    # Without the longest path, the two middle ones are an unordered pair of 25 words.
    short = TRUNCATED.encode(everything, layout_of(NB201))["features"]
    assert len(np.unique(short, axis=0)) == 5 * (25 * 24 // 2 + 25)


@given(st.tuples(*[st.sampled_from(OPERATIONS)] * 6))
def test_every_cell_has_the_bits_of_its_four_paths(genotype: tuple[str, ...]) -> None:
    e01, e02, e12, e03, e13, e23 = map(OPERATIONS.index, genotype)
    expected = {e03, 5 + 5 * e01 + e13, 5 + 5 * e02 + e23, 30 + 25 * e01 + 5 * e12 + e23}
    graph = NB201.cell_graph(NB201.from_genotype(genotype))
    assert path_bits(graph, layout_of(NB201), 3) == sorted(expected)


def test_a_direct_connection_is_the_empty_path() -> None:
    direct = CellGraph(("input", "a", "output"), ((0, 2),))
    assert path_bits(direct, LAYOUT, 5) == [0]
    assert path_bits(CellGraph(("input", "output"), ()), LAYOUT, 5) == []


@given(graphs())
def test_paths_are_those_of_networkx(graph: CellGraph) -> None:
    paths = every_path(graph)
    assert paths_of(graph) == set(paths)
    assert paths_of(graph, longest=2) == {path for path in paths if len(path) <= 2}


@given(relabelled())
def test_the_numbering_of_nodes_does_not_matter(pair: tuple[CellGraph, CellGraph]) -> None:
    one, other = FULL.encode(pair, LAYOUT)["features"]
    assert one.tolist() == other.tolist()


@given(graphs(), graphs())
def test_what_is_merged_has_the_same_paths(one: CellGraph, other: CellGraph) -> None:
    first, second = FULL.encode([one, other], LAYOUT)["features"]
    same = {*every_path(one)} == {*every_path(other)}
    assert (first.tolist() == second.tolist()) == same


@given(st.lists(graphs(), max_size=4))
def test_sparse_rows_are_the_dense_ones(drawn: list[CellGraph]) -> None:
    dense = FULL.encode(drawn, LAYOUT)["features"]
    sparse = SPARSE.encode(drawn, LAYOUT)
    assert sparse["width"] == dense.shape[1] == 364
    for i, row in enumerate(dense):
        bits = sparse["indices"][sparse["indptr"][i] : sparse["indptr"][i + 1]]
        assert bits.tolist() == np.flatnonzero(row).tolist()


def test_two_cells_have_the_paths_of_each_input() -> None:
    names = FULL.columns(TWO_CELL_LAYOUT)
    assert len(names) == 4 * (2 + 4)
    row = FULL.encode([TWO_CELLS], TWO_CELL_LAYOUT)["features"][0]
    assert {names[bit] for bit in np.flatnonzero(row)} == {
        "normal:c_{k-2}:path(a)",
        "normal:c_{k-1}:path(b)",
        "reduce:c_{k-2}:path(b)",
        "reduce:c_{k-2}:path(b,b)",
    }


def test_countless_bits_are_only_given_sparsely() -> None:
    layout = replace(LAYOUT, path_lengths=(0, 12), operations=tuple("abcdefgh"))
    for use in (FULL.columns, lambda layout: FULL.encode([SHORTCUT], layout)):
        with pytest.raises(EncodingError, match="up to 12 operations has more than 1,000,000 col"):
            use(layout)
    sparse = SPARSE.encode([SHORTCUT], layout)
    # a and a - b, behind the empty path and the eight single ones.
    assert sparse["indices"].tolist() == [1, 1 + 8 + 1]
    assert sparse["width"] == (8**13 - 1) // 7
    with pytest.raises(EncodingError, match=r"paths of 21 out of 8 operations .* 2\*\*63"):
        SPARSE.encode([SHORTCUT], replace(layout, path_lengths=(0, 21)))


def test_paths_beyond_the_layout_are_refused() -> None:
    layout = Layout(4, (2, 2), operations=("a", "b"))
    with pytest.raises(EncodingError, match=r"the path a has 1 operations; .* have 2 to 2"):
        FULL.encode([SHORTCUT], layout)
    with pytest.raises(EncodingError, match=r"the path a - b has 2 operations; .* have 0 to 1"):
        path_bits(SHORTCUT, replace(layout, path_lengths=(0, 1)), 2)
