from __future__ import annotations

from dataclasses import replace

import pytest
from tests.graphs.encodings.cells import LAYOUT, SHORTCUT, TWO_CELL_LAYOUT, TWO_CELLS

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.parts import split_cells
from nascast.spaces.base import CellGraph


def test_two_cells_by_hand() -> None:
    normal, reduce = split_cells(TWO_CELLS, TWO_CELL_LAYOUT)
    assert normal == CellGraph(
        ("c_{k-2}", "c_{k-1}", "a", "b", "output"), ((0, 2), (1, 3), (2, 4), (3, 4))
    )
    assert reduce == CellGraph(
        ("c_{k-2}", "c_{k-1}", "b", "b", "output"), ((0, 2), (0, 3), (2, 3), (2, 4), (3, 4))
    )


def test_a_graph_with_one_input_is_a_cell() -> None:
    assert split_cells(SHORTCUT, LAYOUT) == (SHORTCUT,)


@pytest.mark.parametrize("graph", [SHORTCUT, replace(TWO_CELLS, operations=("input",) * 10)])
def test_what_is_no_chain_of_cells_is_refused(graph: CellGraph) -> None:
    with pytest.raises(EncodingError, match=r"does not consist of 2 cells that begin with c_\{k"):
        split_cells(graph, TWO_CELL_LAYOUT)


def test_both_inputs_must_stand_first() -> None:
    operations = list(TWO_CELLS.operations)
    operations[2], operations[3] = operations[3], operations[2]
    with pytest.raises(EncodingError, match="does not consist of 2 cells"):
        split_cells(replace(TWO_CELLS, operations=tuple(operations)), TWO_CELL_LAYOUT)
