"""Graphs that are chains of cells, taken apart into their cells."""

from __future__ import annotations

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import Layout
from nascast.spaces.base import CellGraph


def split_cells(graph: CellGraph, layout: Layout) -> tuple[CellGraph, ...]:
    """Return the cells of a graph, one for each name in ``layout.cells``.

    The first nodes of a cell are ``layout.inputs``, its last is ``"output"``, which is read from by
    whatever reads from the cell. A graph of a layout with one input is a single cell.

    Raises:
        EncodingError: the graph does not consist of such cells.
    """
    width = len(layout.inputs)
    if width == 1:
        return (graph,)
    last = len(graph.operations) - 1
    starts = [i for i, op in enumerate(graph.operations) if op == layout.inputs[0]]
    inputs = {graph.operations[start : start + width] for start in starts}
    if len(starts) != len(layout.cells) or inputs != {layout.inputs}:
        raise EncodingError(
            f"a graph of the operations {', '.join(graph.operations)} does not consist of "
            f"{len(layout.cells)} cells that begin with {', '.join(layout.inputs)}"
        )
    cells = []
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        edges = {(s - start, min(t, end) - start) for s, t in graph.edges if start <= s < end}
        operations = (*graph.operations[start:end], "output")
        cells.append(CellGraph(operations, tuple(sorted(edges))))
    return tuple(cells)
