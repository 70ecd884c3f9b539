"""The operator graphs of a whole space as one compact table, in all forms that SNAP reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nascast.graphs.encodings import registry as encodings
from nascast.graphs.encodings.batch import batch_graphs
from nascast.graphs.encodings.layout import Layout, layout_of
from nascast.graphs.encodings.op_graph import OpGraph
from nascast.io.parquet import read_table
from nascast.predictors.snap.arrays import EMPTY, OperatorGraphs
from nascast.spaces.base import Architecture, CellGraph, SearchSpace
from nascast.spaces.nasbench101 import NASBench101, write
from nascast.spaces.nasbench101_enumeration import adjacency, enumerate_cells

FORMS = ("op_graph", "op_graph_pruned", "op_graph_contracted")
Bytes = NDArray[np.uint8]


def operator_schema(nodes: int) -> pa.Schema:
    """Return the schema for graphs of at most some nodes: one row an architecture.

    For each form ``<form>_operations`` holds the number of each node's operation in
    :func:`vocabulary`, :data:`~nascast.predictors.snap.arrays.EMPTY` without a node, and
    ``<form>_edges`` the bits of the matrix above its diagonal, row by row, eight in a byte.
    """
    fields = [pa.field("arch_id", pa.string(), nullable=False)]
    for form in FORMS:
        for column, width in (("operations", nodes), ("edges", _packed(nodes))):
            kind = pa.list_(pa.uint8(), width)
            fields.append(pa.field(f"{form}_{column}", kind, nullable=False))
    return pa.schema(fields)


def vocabulary(space: SearchSpace) -> tuple[str, ...]:
    """Return the names of the operations of a space's graphs, by number."""
    return ("input", *layout_of(space).searched, "output")


def operator_table(space: SearchSpace, archs: Sequence[Architecture]) -> pa.Table:
    """Return the graphs of architectures in all forms, in their order.

    Raises:
        EncodingError: the bounds of the space's graphs are unknown, or a graph lies beyond them.
    """
    layout = layout_of(space)
    graphs = [first_cell(space.cell_graph(arch), layout) for arch in archs]
    bounds = replace(
        layout,
        operations=layout.searched,
        max_nodes=_first(layout.max_nodes, layout) if len(layout.cells) > 1 else layout.max_nodes,
    )
    forms = {}
    for name in FORMS:
        encoding = encodings.create(name)
        assert isinstance(encoding, OpGraph)
        batch = batch_graphs([encoding.form(graph) for graph in graphs], bounds)
        numbers = np.where(batch.mask, batch.operations, EMPTY).astype(np.uint8)
        forms[name] = numbers, batch.adjacency
    return _table([arch.arch_id for arch in archs], forms)


def nasbench101_table() -> pa.Table:
    """Return all 423,624 cells of NAS-Bench-101, without an object for each.

    They have neither ``none`` nor skips and no vertex beside the paths: all forms are the same.
    """
    ids: list[str] = []
    parts = []
    nodes = layout_of(NASBench101()).max_nodes
    for vertices, (matrices, matrix, operations) in enumerate_cells().items():
        numbers = np.full((len(matrix), nodes), EMPTY, dtype=np.uint8)
        numbers[:, 0], numbers[:, vertices - 1] = 0, len(NASBench101.operations) + 1
        numbers[:, 1 : vertices - 1] = operations + 1
        edges = np.zeros((len(matrix), nodes, nodes), dtype=bool)
        edges[:, :vertices, :vertices] = adjacency(matrices, vertices)[matrix]
        parts.append((numbers, edges))
        ids += _nasbench101_ids(matrices, matrix, operations)
    cells = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    return _table(ids, dict.fromkeys(FORMS, cells))


def _nasbench101_ids(
    matrices: NDArray[np.int64], matrix: NDArray[np.int64], operations: NDArray[np.int64]
) -> list[str]:
    """Return the arch_id of each cell; what its spec says of the matrix is written once for all."""
    blank = (0,) * operations.shape[1]
    rows = [write((int(bits), blank)).partition("|")[2] for bits in matrices]
    names = NASBench101.operations
    specs = (
        f"{','.join([names[i] for i in labels])}|{rows[number]}"
        for labels, number in zip(operations.tolist(), matrix.tolist(), strict=True)
    )
    return [Architecture(NASBench101.name, spec, "").arch_id for spec in specs]


def first_cell(graph: CellGraph, layout: Layout) -> CellGraph:
    """Return what SNAP reads of a graph: all of it, but of several cells in a chain the first.

    In DARTS that is the normal cell, and whatever reads one of its two inputs reads the one input
    that the graph has, as in spaces whose cells have a single input.
    """
    if len(layout.cells) == 1:
        return graph
    inputs = len(layout.inputs)
    end = (len(graph.operations) - 2) // len(layout.cells) + 1
    # The cell's inputs become node 0; whatever reads the cell is behind it, and so the output.
    last = _first(len(graph.operations), layout) - 1
    place = [0 if node <= inputs else node - inputs for node in range(end)]
    place += [last] * (len(graph.operations) - end)
    edges = {(place[source], place[target]) for source, target in graph.edges}
    kept = graph.operations[inputs + 1 : end]
    inner = sorted((s, t) for s, t in edges if s != t)
    return CellGraph(("input", *kept, "output"), tuple(inner))


def _first(nodes: int, layout: Layout) -> int:
    """Return how many nodes of a chain of cells :func:`first_cell` keeps."""
    return (nodes - 2) // len(layout.cells) - len(layout.inputs) + 2


def read_operator_graphs(
    path: Path | str, space: SearchSpace, form: str
) -> tuple[list[str], OperatorGraphs]:
    """Return the arch_ids of a table and its graphs in one form.

    Raises:
        ParquetError: the file is missing or damaged.
        SchemaError: it has other columns.
    """
    table = read_table(path, ["arch_id", f"{form}_operations", f"{form}_edges"])
    operations, edges = (_rows(table[f"{form}_{name}"]) for name in ("operations", "edges"))
    nodes = operations.shape[1]
    upper = np.triu_indices(nodes, 1)
    matrices = np.zeros((len(operations), nodes, nodes), dtype=bool)
    matrices[:, *upper] = np.unpackbits(edges, axis=1, count=len(upper[0])).astype(bool)
    return table["arch_id"].to_pylist(), OperatorGraphs(vocabulary(space), operations, matrices)


def without_none(path: Path | str, space: SearchSpace) -> NDArray[np.bool_]:
    """Return which architectures of a table have no ``none``, ``(n,)``."""
    names = vocabulary(space)
    operations = _rows(read_table(path, ["op_graph_operations"])["op_graph_operations"])
    number = names.index("none") if "none" in names else EMPTY + 1
    free: NDArray[np.bool_] = (operations != number).all(axis=1)
    return free


def _rows(column: pa.ChunkedArray) -> Bytes:
    """Return a column of lists of one length, ``(n, length)``."""
    values: Bytes = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(column), -1)


def _packed(nodes: int) -> int:
    return -(-(nodes * (nodes - 1) // 2) // 8)


def _table(ids: Sequence[str], forms: dict[str, tuple[Bytes, NDArray[np.bool_]]]) -> pa.Table:
    nodes = next(iter(forms.values()))[0].shape[1]
    arrays: list[pa.Array] = [pa.array(ids, pa.string())]
    for operations, edges in forms.values():
        above = edges[:, *np.triu_indices(nodes, 1)]
        for values in (operations, np.packbits(above, axis=1)):
            flat = pa.array(np.ascontiguousarray(values).reshape(-1))
            arrays.append(pa.FixedSizeListArray.from_arrays(flat, values.shape[1]))
    return pa.table(arrays, schema=operator_schema(nodes))
