from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.graphs.encodings.cells import LAYOUT, NB201, SHORTCUT, graphs, nb201_graph

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.batch import batch_graphs, check_edge_cells, chunks
from nascast.graphs.encodings.layout import layout_of
from nascast.spaces.base import CellGraph


def test_padded_arrays_by_hand() -> None:
    direct = CellGraph(("input", "output"), ((0, 1),))
    batch = batch_graphs([SHORTCUT, direct], replace(LAYOUT, max_nodes=5))
    assert batch.operations.tolist() == [[0, 1, 2, 4, 0], [0, 4, 0, 0, 0]]
    assert batch.mask.tolist() == [[True] * 4 + [False], [True] * 2 + [False] * 3]
    assert batch.sizes.tolist() == [4, 2]
    edges = [tuple(map(int, edge)) for edge in np.argwhere(batch.adjacency)]
    assert edges == [(0, 0, 1), (0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 0, 1)]


@given(st.lists(graphs(), max_size=4))
def test_a_batch_holds_its_graphs(drawn: list[CellGraph]) -> None:
    batch = batch_graphs(drawn, LAYOUT)
    names = ("input", *LAYOUT.operations, "output")
    for graph, matrix, numbers, size in zip(
        drawn, batch.adjacency, batch.operations, batch.sizes, strict=True
    ):
        assert tuple(names[i] for i in numbers[:size]) == graph.operations
        assert [tuple(map(int, edge)) for edge in np.argwhere(matrix)] == list(graph.edges)


def test_graphs_beyond_the_layout_are_refused() -> None:
    with pytest.raises(EncodingError, match="graph 1 has 4 nodes, more than the layout's 3"):
        batch_graphs([CellGraph(("input", "output"), ()), SHORTCUT], replace(LAYOUT, max_nodes=3))
    strange = CellGraph(("input", "d", "output"), ())
    with pytest.raises(EncodingError, match=r"graph 0 has the operation 'd', .* it has a, b, c"):
        batch_graphs([strange], LAYOUT)


def test_edge_cells_have_a_node_for_every_edge() -> None:
    layout = layout_of(NB201)
    check_edge_cells(batch_graphs([nb201_graph()], layout), layout)
    small = CellGraph(("input", "none", "output"), ())
    with pytest.raises(EncodingError, match=r"graph 1 has 3 nodes; with .* 6 edges .* needs 8"):
        check_edge_cells(batch_graphs([nb201_graph(), small], layout), layout)


def test_chunks_keep_the_order() -> None:
    many = [SHORTCUT, *[CellGraph(("input", "output"), ())] * 4]
    pieces = list(chunks(many, 2))
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert [graph for piece in pieces for graph in piece] == many
    assert list(chunks([], 2)) == [[]]
