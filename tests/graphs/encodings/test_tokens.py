from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.graphs.encodings.cells import LAYOUT, NB201, SHORTCUT, graphs, nb201_graph

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import Layout, layout_of
from nascast.graphs.encodings.tokens import Tokens, length, vocabulary_size
from nascast.spaces.base import CellGraph

ENCODING = Tokens()


def read_back(tokens: list[int], layout: Layout) -> CellGraph:
    """The graph that a sequence stands for, read node by node."""
    names = (*layout.operations, "output")
    operations, edges = ["input"], []
    while tokens and tokens[0]:
        node = len(operations)
        edges += [(source, node) for source, token in enumerate(tokens[:node]) if token == 2]
        operations.append(names[tokens[node] - 3])
        tokens = tokens[node + 1 :]
    return CellGraph(tuple(operations), tuple(sorted(edges)))


def test_a_cell_of_nasbench201_by_hand() -> None:
    layout = layout_of(NB201)
    graph = nb201_graph(e01="nor_conv_3x3", e12="skip_connect", e23="avg_pool_3x3")
    assert ENCODING.encode([graph], layout)["tokens"].tolist() == [[
        2, 6,                    # 0->1 reads the input: the fourth operation
        2, 1, 3,                 # 0->2 reads the input: none
        1, 2, 1, 4,              # 1->2 reads 0->1: skip
        2, 1, 1, 1, 3,           # 0->3 reads the input
        1, 2, 1, 1, 1, 3,        # 1->3 reads 0->1
        1, 1, 2, 2, 1, 1, 7,     # 2->3 reads 0->2 and 1->2: pooling
        1, 1, 1, 1, 2, 2, 2, 8,  # the output reads all that ends in node 3
    ]]  # fmt: skip


def test_published_sizes() -> None:
    nb201, nb101 = layout_of(NB201), LAYOUT
    assert (length(nb201), vocabulary_size(nb201)) == (35, 9)
    assert (length(nb101), vocabulary_size(nb101)) == (27, 7)


def test_all_cells_of_nasbench201_use_the_whole_vocabulary() -> None:
    everything = [NB201.cell_graph(arch) for arch in NB201.enumerate()]
    tokens = ENCODING.encode(everything, layout_of(NB201))["tokens"]
    assert tokens.shape == (15_625, 35)
    assert np.unique(tokens).tolist() == list(range(1, 9))
    assert len(np.unique(tokens, axis=0)) == 15_625


def test_small_graphs_end_in_padding() -> None:
    layout = Layout(5, (0, 3), operations=("a", "b"))
    row = ENCODING.encode([SHORTCUT], layout)["tokens"][0]
    assert row.tolist() == [2, 3, 1, 2, 4, 1, 2, 2, 5, 0, 0, 0, 0, 0]


@given(graphs())
def test_a_graph_can_be_read_back(graph: CellGraph) -> None:
    row = ENCODING.encode([graph], LAYOUT)["tokens"][0]
    assert len(row) == length(LAYOUT)
    assert row.max() < vocabulary_size(LAYOUT)
    assert read_back(row.tolist(), LAYOUT) == graph


def test_a_larger_graph_is_refused() -> None:
    with pytest.raises(EncodingError, match="more than the layout's 3"):
        ENCODING.encode([SHORTCUT], Layout(3, (0, 1), operations=("a", "b")))
