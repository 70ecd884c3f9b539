from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.graphs.encodings.cells import LAYOUT, NB201, SHORTCUT, graphs, nb201_graph

from nascast.graphs.encodings.adjacency import Adjacency
from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import Layout, layout_of
from nascast.spaces.base import CellGraph

ENCODING = Adjacency()


def set_columns(graph: CellGraph, layout: Layout) -> set[str]:
    row = ENCODING.encode([graph], layout)["features"][0]
    return {name for name, bit in zip(ENCODING.columns(layout), row, strict=True) if bit}


def test_one_operation_an_edge_in_nasbench201() -> None:
    graph = nb201_graph(e01="nor_conv_3x3", e12="skip_connect", e23="avg_pool_3x3")
    assert set_columns(graph, layout_of(NB201)) == {
        "0->1=nor_conv_3x3", "0->2=none", "1->2=skip_connect",
        "0->3=none", "1->3=none", "2->3=avg_pool_3x3",
    }  # fmt: skip
    row = ENCODING.encode([graph], layout_of(NB201))["features"][0]
    assert row.tolist() == [
        0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    ]  # fmt: skip


def test_all_cells_of_nasbench201_differ() -> None:
    everything = [NB201.cell_graph(arch) for arch in NB201.enumerate()]
    features = ENCODING.encode(everything, layout_of(NB201))["features"]
    assert features.shape == (15_625, 30)
    assert (features.sum(axis=1) == 6).all()
    assert len(np.unique(features, axis=0)) == 15_625


def test_wiring_and_operations_of_a_small_graph_by_hand() -> None:
    layout = Layout(5, (0, 3), operations=("a", "b"))
    assert len(ENCODING.columns(layout)) == 10 + 3 * 2
    # The output, node 3 of the graph, is at the last of the five positions.
    assert set_columns(SHORTCUT, layout) == {
        "edge(0,1)", "edge(1,2)", "edge(1,4)", "edge(2,4)", "1=a", "2=b",
    }  # fmt: skip


def test_nasbench101_has_36_columns() -> None:
    assert ENCODING.encode([SHORTCUT], LAYOUT)["features"].shape == (1, 21 + 15)


@given(graphs(), graphs())
def test_different_graphs_differ(one: CellGraph, other: CellGraph) -> None:
    first, second = ENCODING.encode([one, other], LAYOUT)["features"]
    assert (first.tolist() == second.tolist()) == (one == other)


def test_a_graph_of_another_cell_is_refused() -> None:
    with pytest.raises(EncodingError, match="graph 0 has 2 nodes"):
        ENCODING.encode([CellGraph(("input", "output"), ())], layout_of(NB201))
