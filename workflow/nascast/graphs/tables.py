"""Computation graphs in Parquet: one row a network, so that a file streams graph by graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nascast.graphs.computation import DTYPES, ComputationGraph

_WIDTHS = {"shapes": 6, "kernels": 2, "edges": 2}
"""How many numbers a node (or edge) has in a column; one in the others."""

GRAPHS_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        *(
            pa.field(name, pa.list_(pa.from_numpy_dtype(dtype)), nullable=False)
            for name, dtype in DTYPES.items()
        ),
    ]
)
"""One row a network; lists of pairs and of shapes are flattened row by row."""

Graphs = Iterable[tuple[str, ComputationGraph]]


def graphs_table(graphs: Graphs) -> pa.Table:
    """Return the graphs of some networks, by ``arch_id``, as rows of :data:`GRAPHS_SCHEMA`."""
    listed = list(graphs)
    columns: list[pa.Array] = [pa.array([arch_id for arch_id, _ in listed], pa.string())]
    for name, dtype in DTYPES.items():
        lists = [getattr(graph, name).reshape(-1) for _, graph in listed]
        ends = np.cumsum([0, *map(len, lists)]).astype(np.int32)
        flat = np.concatenate([np.empty(0, dtype), *lists])
        columns.append(pa.ListArray.from_arrays(pa.array(ends), pa.array(flat)))
    return pa.table(columns, schema=GRAPHS_SCHEMA)


def graph_tables(graphs: Graphs, rows: int = 512) -> Iterator[pa.Table]:
    """Yield the graphs of any number of networks in tables of a few each.

    Written one after another with :func:`nascast.io.parquet.write_tables`, they take no more memory
    than one table, however many networks there are.

    Args:
        graphs: may be a generator that makes each graph when it is asked for.
        rows: networks in a table.
    """
    waiting = iter(graphs)
    while some := list(islice(waiting, rows)):
        yield graphs_table(some)


def read_graphs(tables: pa.Table | Iterable[pa.Table]) -> Iterator[tuple[str, ComputationGraph]]:
    """Yield ``arch_id`` and graph of each row; nothing is held beyond the table at hand.

    Args:
        tables: one table, or several like those of :func:`nascast.io.parquet.read_tables`.
    """
    for table in [tables] if isinstance(tables, pa.Table) else tables:
        for batch in table.to_batches(max_chunksize=1024):
            lists = {name: batch.column(name) for name in DTYPES}
            for row, arch_id in enumerate(batch.column("arch_id").to_pylist()):
                arrays = {name: _array(name, values[row]) for name, values in lists.items()}
                yield str(arch_id), ComputationGraph(**arrays)


def _array(name: str, values: pa.ListScalar) -> NDArray[Any]:
    flat: NDArray[Any] = np.asarray(values.values.to_numpy(zero_copy_only=False), DTYPES[name])
    return flat.reshape(-1, _WIDTHS[name]) if name in _WIDTHS else flat
