"""Graphs come out of their files as they went in, merged, with the spectra of the whole graphs."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from tests.stages.files import ORIGIN

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.tables import read_graphs
from nascast.io.parquet import read_table, read_tables, write_table, write_tables
from nascast.labels.pool import label_pool
from nascast.predictors.gennape.packed import PackedGraphs
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.nasbench101 import NASBench101
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.gennape_graphs import (
    EMBEDDINGS_SCHEMA,
    PACKED_COLUMNS,
    SPECTRA_SCHEMA,
    GraphSetError,
    chosen_networks,
    embedding_arrays,
    embeddings_table,
    pack_graphs,
    pack_tables,
    spectra_array,
    spectra_table,
)
from nascast.stages.networks import NETWORKS_SCHEMA, network_tables

SCALE = NetworkScale(8, 2)


def some_cells(count: int) -> list[Architecture]:
    return label_pool(NASBench101(), count)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "graphs.parquet"
    tables = network_tables(NASBench101(), some_cells(7), SCALE, 16, 10, rows=3)
    write_tables(tables, path, NETWORKS_SCHEMA, ORIGIN)
    return path


def nodes_of(packed: PackedGraphs, number: int) -> list[tuple[int, ...]]:
    """Every node of the network that a packed graph stands for, sorted."""
    kinds = slice(*packed.kind_starts[number : number + 2])
    columns = [packed.types, packed.shapes, packed.kernels, packed.bias]
    rows = np.column_stack([column[kinds] for column in columns])
    return sorted(map(tuple, rows.repeat(packed.kind_sizes[kinds], axis=0).tolist()))


def nodes_in(graph: ComputationGraph) -> list[tuple[int, ...]]:
    rows = np.column_stack([graph.types, graph.shapes, graph.kernels, graph.bias])
    return sorted(map(tuple, rows.tolist()))


def test_a_file_is_packed_table_by_table(written: Path) -> None:
    packed = pack_tables(read_tables(written, PACKED_COLUMNS))
    graphs = list(read_graphs(read_table(written)))
    assert packed.arch_ids == tuple(arch_id for arch_id, _ in graphs)
    assert packed.arch_ids == tuple(arch.arch_id for arch in some_cells(7))
    for number, (_, graph) in enumerate(graphs):
        assert nodes_of(packed, number) == nodes_in(graph)
        assert packed.gflops[number] == graph.flops.sum() / 1e9
    assert len(packed.node_kinds) < packed.node_sizes.sum()


def test_graphs_that_stand_in_no_file_are_packed_alike(written: Path) -> None:
    space = NASBench101()
    graphs = [(a.arch_id, graph_of_plan(space.plan(a, SCALE, 16))) for a in some_cells(7)]
    packed, read = pack_graphs(graphs), pack_tables(read_tables(written, PACKED_COLUMNS))
    for name in PackedGraphs.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(packed, name), getattr(read, name))


def test_the_first_graphs_can_be_taken_alone(written: Path) -> None:
    whole = pack_tables(read_tables(written, PACKED_COLUMNS))
    for first in (2, 3, 5, 7):
        found = pack_tables(read_tables(written, PACKED_COLUMNS), first)
        expected = whole.take(np.arange(first))
        assert found.arch_ids == expected.arch_ids
        np.testing.assert_array_equal(found.edges, expected.edges)
    with pytest.raises(GraphSetError, match="7 graphs were found to pack, 8 are wanted"):
        pack_tables(read_tables(written, PACKED_COLUMNS), 8)
    with pytest.raises(GraphSetError, match="0 graphs were found to pack, some are wanted"):
        pack_tables([])


def test_spectra_are_those_of_the_whole_graphs(written: Path, tmp_path: Path) -> None:
    path = tmp_path / "spectra.parquet"
    tables = map(spectra_table, read_tables(written, PACKED_COLUMNS))
    write_tables(tables, path, SPECTRA_SCHEMA, ORIGIN)
    packed = pack_tables(read_tables(written, PACKED_COLUMNS))
    found = spectra_array(read_table(path, schema=SPECTRA_SCHEMA), packed)
    for row, (_, graph) in zip(found, read_graphs(read_table(written)), strict=True):
        network = nx.Graph(graph.edges.tolist())
        expected = np.sort(nx.normalized_laplacian_spectrum(network))[:21]
        np.testing.assert_allclose(row, expected, atol=1e-9)
    assert spectra_array(read_table(path), packed.take(np.arange(3))).shape == (3, 21)
    with pytest.raises(GraphSetError, match="of other networks"):
        spectra_array(read_table(path), packed.take(np.array([1, 0])))


def test_embeddings_survive_their_file(written: Path, tmp_path: Path) -> None:
    path = tmp_path / "embeddings.parquet"
    packed = pack_tables(read_tables(written, PACKED_COLUMNS))
    codes = np.random.default_rng(0).random((7, 128), dtype=np.float32)
    write_table(embeddings_table(packed, codes), path, EMBEDDINGS_SCHEMA, ORIGIN)
    table = read_table(path, schema=EMBEDDINGS_SCHEMA)
    assert table.column("arch_id").to_pylist() == list(packed.arch_ids)
    found, gflops = embedding_arrays(table)
    np.testing.assert_array_equal(found, codes)
    np.testing.assert_array_equal(gflops, packed.gflops)


def test_a_larger_set_begins_with_a_smaller_one_whatever_the_order_of_the_cells() -> None:
    space, archs = NASBench101(), some_cells(30)
    cells = [(arch.spec, arch.canonical_id) for arch in archs]
    few, many = (chosen_networks(space, n, [], cells) for n in (5, 12))
    assert many[:5] == few
    assert chosen_networks(space, 12, [], cells[::-1]) == many
    assert set(many) <= set(archs)
    assert [arch.spec for arch in many] != [spec for spec, _ in cells[:12]]


def test_cells_without_an_operation() -> None:
    space = NASBench201()
    found = chosen_networks(space, None, ["none"])
    assert len({arch.spec for arch in found}) == len(found) == 4**6
    assert not any("none" in arch.spec for arch in found)
    assert chosen_networks(space, 9, ["none"]) == found[:9]
    assert len(chosen_networks(space, 20, [])) == 20


def test_what_cannot_be_chosen_is_refused() -> None:
    cells = [(arch.spec, arch.canonical_id) for arch in some_cells(4)]
    with pytest.raises(GraphSetError, match=r"nasbench101 has 4 networks .* 5 are wanted"):
        chosen_networks(NASBench101(), 5, [], cells)
    with pytest.raises(GraphSetError, match="nasbench101 cannot be listed"):
        chosen_networks(NASBench101(), None, [])


def test_the_types_that_are_read_are_those_that_are_written() -> None:
    assert set(PACKED_COLUMNS) <= set(NETWORKS_SCHEMA.names)
    assert pa.types.is_list(NETWORKS_SCHEMA.field("types").type)
