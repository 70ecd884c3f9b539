from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.graphs.encodings.cells import (
    LAYOUT,
    NB201,
    OPERATIONS,
    SHORTCUT,
    TWO_CELL_LAYOUT,
    TWO_CELLS,
    every_path,
    graphs,
    nb201_graph,
    relabelled,
)

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.graf import Graf, subsets_of
from nascast.graphs.encodings.layout import Layout, layout_of
from nascast.spaces.base import CellGraph
from nascast.spaces.nasbench201 import EDGES

ENCODING = Graf()
SUBSETS = [set(s) for size in (1, 2, 3) for s in itertools.combinations(OPERATIONS, size)]


def features(graph: CellGraph, layout: Layout) -> dict[str, float]:
    row = ENCODING.encode([graph], layout)["features"][0]
    return dict(zip(ENCODING.columns(layout), row.tolist(), strict=True))


def nb201(**operations: str) -> Callable[[str], float]:
    """Features of a cell by short names: ``k3`` is ``nor_conv_3x3``, ``k1`` ``nor_conv_1x1``."""
    found = features(nb201_graph(**operations), layout_of(NB201))
    return lambda name: found[name.replace("k3", "nor_conv_3x3").replace("k1", "nor_conv_1x1")]


def test_nasbench201_has_every_subset() -> None:
    names = ENCODING.columns(layout_of(NB201))
    assert len(names) == len(set(names)) == 5 + 31 * 8
    assert names[:2] == ("count(none)", "count(skip_connect)")
    assert "min_path(none,nor_conv_3x3)" in names


def test_a_cell_with_two_paths_by_hand() -> None:
    # Paths: 0-3 skip; 0-1-3 k3 k3; 0-2-3 none none; 0-1-2-3 k3 none none.
    value = nb201(e01="nor_conv_3x3", e13="nor_conv_3x3", e03="skip_connect")
    assert [value(f"count({op})") for op in NB201.operations] == [3, 1, 0, 2, 0]
    assert value("min_path(k3)") == value("min_path(none)") == value("min_path(none,k3)") == 2
    assert value("min_path(skip_connect)") == value("min_path(skip_connect,k3)") == 1
    assert value("min_path(k1)") == value("min_path(k1,avg_pool_3x3)") == 4
    assert (
        value("max_path(k3)") == value("max_path(none)") == value("max_path(skip_connect,k3)") == 2
    )
    assert value("max_path(none,k3)") == 3
    assert value("max_path(avg_pool_3x3)") == 0
    # Node 0 feeds k3, none and skip; node 3 is fed by skip, k3 and none; node 2 by none twice.
    for kind in ("input_degree", "output_degree"):
        assert [value(f"{kind}({op})") for op in NB201.operations] == [1, 1, 0, 1, 0]
        assert value(f"{kind}(none,skip_connect,k3)") == 3
    assert value("mean_in_degree(k3)") == value("mean_out_degree(k3)") == 2 / 4
    assert value("mean_in_degree(none)") == 3 / 4
    assert (value("max_in_degree(none)"), value("max_out_degree(none)")) == (2, 1)
    assert (value("max_in_degree(k3)"), value("max_out_degree(none,k3)")) == (1, 2)


def test_a_cell_full_of_one_operation_by_hand() -> None:
    value = nb201(**{f"e{s}{t}": "nor_conv_3x3" for s, t in EDGES})
    assert value("count(k3)") == 6
    assert (value("min_path(k3)"), value("max_path(k3)")) == (1, 3)
    assert value("input_degree(k3)") == value("output_degree(k3)") == 3
    assert value("mean_in_degree(k3)") == value("mean_out_degree(none,k3)") == 6 / 4
    assert value("max_in_degree(k3)") == value("max_out_degree(k3)") == 3
    assert (value("min_path(none)"), value("max_path(none)")) == (4, 0)


def test_a_dead_cell_by_hand() -> None:
    # Both convolutions stand on the paths 0-1-3 and 0-1-2-3, none of them without ``none``.
    value = nb201(e01="nor_conv_1x1", e12="nor_conv_3x3")
    assert (value("min_path(k1)"), value("min_path(k1,k3)"), value("min_path(none)")) == (4, 4, 1)
    assert (value("max_path(k1,k3)"), value("max_path(k1)"), value("max_path(none)")) == (2, 1, 2)
    assert (value("input_degree(k1)"), value("output_degree(k1,k3)")) == (1, 0)
    assert (value("output_degree(none)"), value("max_in_degree(none)")) == (3, 3)


def test_operations_on_nodes_by_hand() -> None:
    found = features(SHORTCUT, LAYOUT)
    assert [found[f"count({op})"] for op in OPERATIONS] == [1, 1, 0]
    assert (found["min_path(a)"], found["min_path(b)"], found["min_path(a,b)"]) == (1, 6, 1)
    assert (found["max_path(a)"], found["max_path(b)"], found["max_path(a,b)"]) == (1, 1, 2)
    # The input is read by a; a and b write the output; a is read by b and by the output.
    assert (found["input_degree(a)"], found["input_degree(b)"]) == (1, 0)
    assert (found["output_degree(a)"], found["output_degree(a,b)"]) == (1, 2)
    assert (found["mean_in_degree(a)"], found["mean_in_degree(a,b)"]) == (2 / 4, 3 / 4)
    assert (found["mean_out_degree(a)"], found["mean_out_degree(a,b)"]) == (1 / 4, 2 / 4)
    assert (found["max_in_degree(a,b)"], found["max_out_degree(a,b)"]) == (2, 1)


def brute_force(graph: CellGraph) -> dict[str, float]:
    """All features of a graph of ``LAYOUT`` from the list of its paths and of its edges."""
    operations, nodes = graph.operations, range(len(graph.operations))
    found: dict[str, float] = {f"count({op})": operations.count(op) for op in OPERATIONS}
    paths = every_path(graph)
    for subset in SUBSETS:
        name = f"({','.join(sorted(subset))})"
        reads = [sum(t == n and operations[s] in subset for s, t in graph.edges) for n in nodes]
        is_read = [sum(s == n and operations[t] in subset for s, t in graph.edges) for n in nodes]
        found |= {
            f"min_path{name}": min((len(p) for p in paths if set(p) <= subset), default=6),
            f"max_path{name}": max((sum(op in subset for op in p) for p in paths), default=0),
            f"input_degree{name}": is_read[0],
            f"output_degree{name}": reads[-1],
            f"mean_in_degree{name}": float(np.float32(np.mean(reads))),
            f"max_in_degree{name}": max(reads),
            f"mean_out_degree{name}": float(np.float32(np.mean(is_read))),
            f"max_out_degree{name}": max(is_read),
        }
    return found


@settings(deadline=None)
@given(graphs())
def test_features_are_those_of_all_paths_and_edges(graph: CellGraph) -> None:
    assert features(graph, LAYOUT) == brute_force(graph)


@given(relabelled())
def test_the_numbering_of_nodes_does_not_matter(pair: tuple[CellGraph, CellGraph]) -> None:
    one, other = ENCODING.encode(pair, LAYOUT)["features"]
    assert one.tolist() == other.tolist()


@settings(deadline=None)
@given(st.lists(graphs(), min_size=1, max_size=4))
def test_a_graph_s_features_do_not_depend_on_its_company(drawn: list[CellGraph]) -> None:
    together = ENCODING.encode(drawn, LAYOUT)["features"]
    alone = [ENCODING.encode([graph], LAYOUT)["features"][0].tolist() for graph in drawn]
    assert together.tolist() == alone


def test_two_cells_by_hand() -> None:
    found = features(TWO_CELLS, TWO_CELL_LAYOUT)
    assert len(found) == 2 * (2 + 3 * (2 * 3 + 5))
    assert (found["normal:count(a)"], found["reduce:count(a)"], found["reduce:count(b)"]) == (
        1,
        0,
        2,
    )
    # Normal: c_{k-2} - a and c_{k-1} - b; reduction: c_{k-2} - b - b and c_{k-2} - b.
    assert found["normal:c_{k-2}:min_path(a)"] == found["normal:c_{k-1}:min_path(b)"] == 1
    assert found["normal:c_{k-2}:min_path(b)"] == found["normal:c_{k-1}:min_path(a)"] == 3
    assert (found["normal:c_{k-2}:max_path(b)"], found["normal:c_{k-1}:max_path(b)"]) == (0, 1)
    assert (found["reduce:c_{k-2}:min_path(b)"], found["reduce:c_{k-2}:max_path(b)"]) == (1, 2)
    assert (found["reduce:c_{k-1}:min_path(b)"], found["reduce:c_{k-1}:max_path(b)"]) == (3, 0)
    assert found["reduce:c_{k-2}:input_degree(b)"] == 2
    assert found["reduce:c_{k-1}:input_degree(b)"] == 0
    assert found["reduce:output_degree(b)"] == 2
    # Five nodes: the two inputs, b and b, the output; the second b and the output read from b.
    assert found["reduce:mean_in_degree(b)"] == pytest.approx(3 / 5)
    assert found["reduce:max_out_degree(a,b)"] == 2


def test_a_chain_by_hand() -> None:
    # As in the macro space of TransNAS-Bench-101, with modules that widen, shrink or do both.
    layout = Layout(6, (2, 4), chain=True, operations=("plain", "wide", "small", "both"))
    graph = CellGraph(
        ("input", "wide", "both", "small", "output"), ((0, 1), (1, 2), (2, 3), (3, 4))
    )
    found = features(graph, layout)
    assert len(found) == 4 + 4 * 15
    assert [found[f"count({op})"] for op in layout.operations] == [0, 1, 1, 1]
    widenings = [found[f"prefix(wide,both)@{i}"] for i in (1, 2, 3, 4)]
    shrinkings = [found[f"prefix(small,both)@{i}"] for i in (1, 2, 3, 4)]
    # The published states of the chain: how often it widened and shrank so far, 0 past its end.
    assert (widenings, shrinkings) == ([1, 2, 2, 0], [0, 1, 2, 0])


def test_many_operations_have_fewer_subsets() -> None:
    seven, eight = tuple("abcdefg"), tuple("abcdefgh")
    assert len(subsets_of(seven)) == 127
    assert subsets_of(eight) == (*[(op,) for op in eight], eight)
    layout = replace(LAYOUT, operations=eight)
    found = features(SHORTCUT, layout)
    assert len(found) == 8 + 9 * 8
    assert found["max_path(a,b,c,d,e,f,g,h)"] == 2


def test_all_of_nasbench201_in_more_than_one_chunk() -> None:
    everything = [NB201.cell_graph(arch) for arch in NB201.enumerate()]
    table = ENCODING.encode(everything, layout_of(NB201))["features"]
    assert table.shape == (15_625, 253)
    number = 7_654
    alone = ENCODING.encode([everything[number]], layout_of(NB201))["features"]
    assert table[number].tolist() == alone[0].tolist()
    column = dict(zip(ENCODING.columns(layout_of(NB201)), table.T, strict=True))
    # Six edges in every cell, each of them leaving one node and entering another.
    assert (sum(column[f"count({op})"] for op in NB201.operations) == 6).all()
    whole = f"({','.join(NB201.operations)})"
    assert (column[f"mean_in_degree{whole}"] == 6 / 4).all()
    assert (column[f"max_path{whole}"] == 3).all()


def test_a_graph_of_another_cell_is_refused() -> None:
    with pytest.raises(EncodingError, match="graph 0 has 2 nodes"):
        ENCODING.encode([CellGraph(("input", "output"), ())], layout_of(NB201))
