"""Operator graphs as tables: every cell as its own space and form give it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.stages.files import ORIGIN

from nascast.graphs.encodings import registry as encodings
from nascast.graphs.encodings.layout import layout_of
from nascast.graphs.encodings.op_graph import OpGraph
from nascast.io.parquet import write_table
from nascast.labels.pool import label_pool
from nascast.predictors.snap.arrays import EMPTY, OperatorGraphs
from nascast.spaces import registry as spaces
from nascast.spaces.base import CellGraph
from nascast.spaces.nasbench101_enumeration import CELLS
from nascast.stages.snap_graphs import (
    FORMS,
    first_cell,
    nasbench101_table,
    operator_schema,
    operator_table,
    read_operator_graphs,
    vocabulary,
    without_none,
)

POOL = 12


def written(table: pa.Table, path: Path) -> Path:
    write_table(table, path, table.schema, ORIGIN)
    return path


def graph_of(graphs: OperatorGraphs, row: int) -> CellGraph:
    """Return a row as a cell graph, node by node."""
    numbers = [n for n in graphs.operations[row].tolist() if n != EMPTY]
    edges = zip(*map(np.ndarray.tolist, np.nonzero(graphs.adjacency[row])), strict=True)
    return CellGraph(tuple(graphs.vocabulary[n] for n in numbers), tuple(sorted(edges)))


@pytest.mark.parametrize("name", ["nasbench201", "transnas_micro", "two_path", "hiaml", "darts"])
@pytest.mark.parametrize("form", FORMS)
def test_a_table_has_the_graphs_of_its_form(name: str, form: str, tmp_path: Path) -> None:
    space = spaces.create(name)
    pool = label_pool(space, POOL)
    path = written(operator_table(space, pool), tmp_path / "graphs.parquet")
    ids, graphs = read_operator_graphs(path, space, form)
    encoding = encodings.create(form)
    assert isinstance(encoding, OpGraph)
    assert ids == [arch.arch_id for arch in pool]
    for row, arch in enumerate(pool):
        whole = first_cell(space.cell_graph(arch), layout_of(space))
        assert graph_of(graphs, row) == encoding.form(whole)


def test_all_of_nasbench101_is_listed_as_its_space_gives_it(tmp_path: Path) -> None:
    space = spaces.create("nasbench101")
    path = written(nasbench101_table(), tmp_path / "cells.parquet")
    assert path.stat().st_size < 8e6
    ids, graphs = read_operator_graphs(path, space, FORMS[0])
    assert len(set(ids)) == len(ids) == len(graphs) == CELLS
    place = {arch_id: row for row, arch_id in enumerate(ids)}
    rng = np.random.default_rng(0)
    drawn = [space.sample(rng) for _ in range(40)]
    small = [space.parse(spec) for spec in ("|1", "conv3x3-bn-relu|10.1", "maxpool3x3|11.1")]
    for arch in [*drawn, *small]:
        assert graph_of(graphs, place[arch.arch_id]) == space.cell_graph(arch)
    rows = np.array([place[arch.arch_id] for arch in drawn])
    for form in FORMS[1:]:
        _, others = read_operator_graphs(path, space, form)
        np.testing.assert_array_equal(others.operations[rows], graphs.operations[rows])
        np.testing.assert_array_equal(others.adjacency[rows], graphs.adjacency[rows])


def test_of_darts_the_normal_cell_is_read_with_one_input() -> None:
    space = spaces.create("darts")
    arch = label_pool(space, 1)[0]
    whole = space.cell_graph(arch)
    graph = first_cell(whole, layout_of(space))
    assert graph.operations == ("input", *whole.operations[3:11], "output")
    # Nodes 1 and 2 of the whole are the cell's inputs, 3 to 10 its operations.
    readers = {t - 2 for s, t in whole.edges if s in (1, 2) and t <= 10}
    assert {t for s, t in graph.edges if s == 0} == readers
    inner = {(s - 2, t - 2) for s, t in whole.edges if s >= 3 and t <= 10}
    assert {(s, t) for s, t in graph.edges if s > 0 and t < 9} == inner
    assert {s for s, t in graph.edges if t == 9} == set(range(1, 9))


def test_names_are_those_of_the_nodes() -> None:
    names = vocabulary(spaces.create("darts"))
    assert names[0] == "input"
    assert names[-1] == "output"
    assert "c_{k-1}" not in names
    assert "none" in vocabulary(spaces.create("nasbench201"))


def test_a_cell_without_none_is_free_of_it(tmp_path: Path) -> None:
    space = spaces.create("nasbench201")
    pool = label_pool(space, 60)
    path = written(operator_table(space, pool), tmp_path / "graphs.parquet")
    expected = ["none" not in arch.spec for arch in pool]
    assert without_none(path, space).tolist() == expected
    assert 0 < sum(expected) < len(pool)
    family = spaces.create("hiaml")
    path = written(operator_table(family, label_pool(family, 3)), tmp_path / "family.parquet")
    assert without_none(path, family).all()


def test_matrices_are_packed() -> None:
    schema = operator_schema(8)
    assert schema.field("op_graph_operations").type.list_size == 8
    assert schema.field("op_graph_edges").type.list_size == 4
