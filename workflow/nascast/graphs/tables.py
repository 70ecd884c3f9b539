"""Computation graphs in Parquet: one row a network, so that a file streams graph by graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nascast.graphs.computation import ComputationGraph

_LISTS = {
    "types": (np.int8, 1),
    "shapes": (np.int32, 6),
    "kernels": (np.int16, 2),
    "bias": (np.bool_, 1),
    "flops": (np.int64, 1),
    "params": (np.int64, 1),
    "edges": (np.int32, 2),
}
"""Element type of each list column, and how many numbers a node (or edge) has in it."""

GRAPHS_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        *(
            pa.field(name, pa.list_(pa.from_numpy_dtype(dtype)), nullable=False)
            for name, (dtype, _) in _LISTS.items()
        ),
    ]
)
"""One row a network; lists of pairs and of shapes are flattened row by row."""


def graphs_table(graphs: Iterable[tuple[str, ComputationGraph]]) -> pa.Table:
    """Return the graphs of some networks, by ``arch_id``, as rows of :data:`GRAPHS_SCHEMA`."""
    listed = list(graphs)
    columns = [pa.array([arch_id for arch_id, _ in listed], pa.string())]
    for name in _LISTS:
        flat = [getattr(graph, name).reshape(-1) for _, graph in listed]
        columns.append(pa.array(flat, GRAPHS_SCHEMA.field(name).type))
    return pa.table(columns, schema=GRAPHS_SCHEMA)


def read_graphs(table: pa.Table) -> Iterator[tuple[str, ComputationGraph]]:
    """Yield ``arch_id`` and graph of each row; nothing is held beyond the row at hand."""
    for batch in table.to_batches(max_chunksize=1024):
        lists = {name: batch.column(name) for name in _LISTS}
        for row, arch_id in enumerate(batch.column("arch_id").to_pylist()):
            arrays = {name: _array(name, values[row]) for name, values in lists.items()}
            yield str(arch_id), ComputationGraph(**arrays)


def _array(name: str, values: pa.ListScalar) -> NDArray[Any]:
    dtype, width = _LISTS[name]
    flat: NDArray[Any] = np.asarray(values.values.to_numpy(zero_copy_only=False), dtype)
    return flat.reshape(-1, width) if width > 1 else flat
