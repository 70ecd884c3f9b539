"""Computation graphs from Parquet as GENNAPE's packed arrays, their spectra and embeddings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nascast.errors import NascastError
from nascast.graphs.computation import DTYPES, ComputationGraph
from nascast.graphs.tables import graphs_table
from nascast.labels.pool import label_pool
from nascast.predictors.gennape.merging import PlainGraphs, merge_equal_nodes
from nascast.predictors.gennape.packed import PackedGraphs, concatenate, starts
from nascast.predictors.gennape.spectral import smallest_eigenvalues
from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, EnumerableSpace, SearchSpace

PACKED_COLUMNS = ("arch_id", "types", "shapes", "kernels", "bias", "flops", "edges")
"""Columns of a file of graphs that packing reads."""

SPECTRA_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("eigenvalues", pa.list_(pa.float64()), nullable=False),
    ]
)
"""One row a graph: the 21 smallest eigenvalues of its normalised Laplacian."""

EMBEDDINGS_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("embedding", pa.list_(pa.float32()), nullable=False),
        pa.field("gflops", pa.float64(), nullable=False),
    ]
)
"""One row a graph: the encoder's 128 numbers, and 10**9 floating-point operations of one image."""


class GraphSetError(NascastError):
    """Files of graphs, spectra or embeddings that do not belong together, or hold nothing."""


def pack_tables(tables: Iterable[pa.Table], first: int | None = None) -> PackedGraphs:
    """Return the graphs of tables that have :data:`PACKED_COLUMNS`, in order.

    No more than one table is held beside the packed arrays.

    Args:
        tables: as :func:`nascast.io.parquet.read_tables` yields them.
        first: how many graphs from the start; None for all.

    Raises:
        GraphSetError: there are fewer graphs than that, or none.
    """
    parts: list[PackedGraphs] = []
    left = first
    for table in tables:
        if left == 0:
            break
        wanted = table if left is None else table.slice(0, left)
        left = None if left is None else left - wanted.num_rows
        if wanted.num_rows:
            parts.append(merge_equal_nodes(plain_graphs(wanted)))
    if left or not parts:
        found = sum(map(len, parts))
        raise GraphSetError(
            f"{found} graphs were found to pack, {first or 'some'} are wanted; make the file of "
            "graphs again"
        )
    return concatenate(parts)


def pack_graphs(graphs: Iterable[tuple[str, ComputationGraph]]) -> PackedGraphs:
    """Return some graphs by ``arch_id`` as packed arrays; GraphSetError if there is none."""
    return pack_tables([graphs_table(graphs)])


def plain_graphs(table: pa.Table) -> PlainGraphs:
    """Return the graphs of a table that has :data:`PACKED_COLUMNS`, as they are."""
    counts, flops = _flat(table, "flops")
    edge_counts, edges = _flat(table, "edges")
    first = starts(counts)
    return PlainGraphs(
        arch_ids=tuple(table.column("arch_id").to_pylist()),
        types=_flat(table, "types")[1],
        shapes=_flat(table, "shapes")[1].reshape(-1, 6),
        kernels=_flat(table, "kernels")[1].reshape(-1, 2),
        bias=_flat(table, "bias")[1],
        edges=edges.reshape(-1, 2),
        node_starts=first,
        edge_starts=starts(edge_counts // 2),
        gflops=np.add.reduceat(flops, first[:-1]) / 1e9,
    )


def _flat(table: pa.Table, name: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the lengths of a column's lists, and all their entries."""
    column = table.column(name).combine_chunks()
    lengths: NDArray[np.int64] = pc.list_value_length(column).to_numpy().astype(np.int64)
    values: NDArray[Any] = column.flatten().to_numpy(zero_copy_only=False)
    return lengths, values.astype(DTYPES[name], copy=False)


def chosen_networks(
    space: SearchSpace,
    networks: int | None,
    without: Sequence[str],
    cells: Iterable[tuple[str, str]] | None = None,
) -> list[Architecture]:
    """Return the networks of a set of graphs, in a random order of the space that never changes.

    Args:
        space: the search space.
        networks: how many, from the start of the order; None for all of a space that is listed.
        without: operations that disqualify a cell.
        cells: spec and canonical id of every architecture, where the space has a file of them.

    Raises:
        GraphSetError: fewer are left than are wanted, or all are wanted of a space without end.
    """
    found: Iterable[Architecture]
    if cells is not None:
        ordered = sorted(cells, key=lambda cell: derive_seed("gennape-graphs", space.name, cell[0]))
        found = (Architecture(space.name, *cell) for cell in ordered)
    elif isinstance(space, EnumerableSpace):
        found = label_pool(space, space.size, isomorphic=True)
    elif networks is not None and not without:
        found = label_pool(space, networks)
    else:
        raise GraphSetError(
            f"{space.name} cannot be listed, so a set of its graphs needs a number of networks and "
            "no operation that they must be without"
        )
    barred = set(without)
    kept = (arch for arch in found if not barred & set(space.cell_graph(arch).operations))
    chosen = list(islice(kept, networks))
    if not chosen or (networks is not None and len(chosen) < networks):
        raise GraphSetError(
            f"{space.name} has {len(chosen)} networks for a set of graphs, {networks} are wanted; "
            "lower gennape.graphs.<set>.networks"
        )
    return chosen


def spectra_table(table: pa.Table) -> pa.Table:
    """Return the spectra of a table of graphs as rows of :data:`SPECTRA_SCHEMA`."""
    graphs = plain_graphs(table)
    edges = np.split(graphs.edges, graphs.edge_starts[1:-1])
    counts = np.diff(graphs.node_starts).tolist()
    spectra = [smallest_eigenvalues(own, count) for own, count in zip(edges, counts, strict=True)]
    return _vectors(graphs.arch_ids, np.array(spectra), SPECTRA_SCHEMA)


def spectra_array(table: pa.Table, graphs: PackedGraphs) -> NDArray[np.float64]:
    """Return the spectra of :func:`spectra_table` again; GraphSetError if not of these graphs."""
    if tuple(table.column("arch_id").to_pylist()[: len(graphs)]) != graphs.arch_ids:
        raise GraphSetError("spectra and graphs are of other networks; measure the spectra again")
    return _matrix(table, "eigenvalues")[: len(graphs)]


def embeddings_table(graphs: PackedGraphs, codes: NDArray[np.float32]) -> pa.Table:
    """Return embeddings and GFLOPs of graphs as rows of :data:`EMBEDDINGS_SCHEMA`."""
    table = _vectors(graphs.arch_ids, codes, EMBEDDINGS_SCHEMA)
    return table.append_column(EMBEDDINGS_SCHEMA.field("gflops"), pa.array(graphs.gflops))


def embedding_arrays(table: pa.Table) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return embeddings, ``(n, 128)``, and GFLOPs, ``(n,)``, in the order of the rows."""
    return _matrix(table, "embedding"), table.column("gflops").to_numpy()


def _vectors(arch_ids: Sequence[str], values: NDArray[Any], schema: pa.Schema) -> pa.Table:
    count, width = values.shape
    ends = pa.array(np.arange(count + 1, dtype=np.int32) * width)
    lists = pa.ListArray.from_arrays(ends, pa.array(values.reshape(-1)))
    return pa.table([pa.array(arch_ids, pa.string()), lists], schema=pa.schema(list(schema)[:2]))


def _matrix(table: pa.Table, name: str) -> NDArray[Any]:
    values: NDArray[Any] = table.column(name).combine_chunks().flatten().to_numpy()
    return values.reshape(table.num_rows, -1)
