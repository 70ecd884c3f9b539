from __future__ import annotations

import pytest
from tests.graphs.encodings.cells import DIAMONDS, NB201, SHORTCUT, TWO_CELL_LAYOUT, Diamonds

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import FOUR_NODE_EDGES, Layout, layout_of, measure
from nascast.spaces import nasbench201
from nascast.spaces.base import CellGraph


def test_nasbench201_is_a_four_node_cell() -> None:
    layout = layout_of(NB201)
    assert layout.edges == FOUR_NODE_EDGES == nasbench201.EDGES
    assert layout.operations == NB201.operations
    # What is known by name is what all 15,625 graphs say.
    measured = measure((NB201.cell_graph(a) for a in NB201.enumerate()), NB201.operations)
    assert (measured.max_nodes, measured.path_lengths) == (layout.max_nodes, layout.path_lengths)


def test_an_unknown_space_is_measured_by_listing_it() -> None:
    assert layout_of(DIAMONDS) == Layout(5, (2, 2), operations=DIAMONDS.operations)


def test_an_unknown_space_that_cannot_be_listed_asks_for_a_layout() -> None:
    class Endless(Diamonds):
        size = 10**9

    with pytest.raises(EncodingError, match=r"space 'diamonds' are unknown .* give its Layout"):
        layout_of(Endless())


def test_bounds_by_hand() -> None:
    chain = CellGraph(("input", "a", "output"), ((0, 1), (1, 2)))
    direct = CellGraph(("input", "output"), ((0, 1),))
    dead = CellGraph(("input", "a", "a", "a", "output"), ((0, 1),))
    assert measure([chain, direct], ("a",)) == Layout(3, (0, 1), chain=True, operations=("a",))
    # The shortcut's paths are a and a - b.
    assert measure([SHORTCUT, dead], ("a",)) == Layout(5, (1, 2), operations=("a",))
    with pytest.raises(ValueError, match="none of the graphs has a path"):
        measure([dead], ("a",))


def test_inputs_of_cells_are_not_searched() -> None:
    assert TWO_CELL_LAYOUT.searched == ("a", "b")
    assert layout_of(NB201).searched == NB201.operations
