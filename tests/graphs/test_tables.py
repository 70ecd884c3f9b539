from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.tables import GRAPHS_SCHEMA, graph_tables, graphs_table, read_graphs
from nascast.networks.plan import Plan
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench101 import NASBench101


def test_graphs_survive_parquet(tmp_path: Path) -> None:
    space = NASBench101()
    rng = np.random.default_rng(0)
    graphs = {
        arch.arch_id: graph_of_plan(space.plan(arch, NetworkScale(16, 1), 16))
        for arch in (space.sample(rng) for _ in range(20))
    }
    path = tmp_path / "graphs.parquet"
    pq.write_table(graphs_table(graphs.items()), path)
    table = pq.read_table(path)
    assert table.schema.equals(GRAPHS_SCHEMA)
    found = dict(read_graphs(table))
    assert list(found) == list(graphs)
    for arch_id, graph in graphs.items():
        assert found[arch_id].same_as(graph)
        assert found[arch_id].shapes.dtype == graph.shapes.dtype


def test_no_graph_is_an_empty_table() -> None:
    assert graphs_table([]).num_rows == 0
    assert not list(read_graphs(graphs_table([])))


def test_many_graphs_come_a_table_at_a_time() -> None:
    plan = Plan()
    plan.linear(plan.global_pool(plan.conv(plan.input(3, 8), 4)), 2)
    graph, asked = graph_of_plan(plan), list[int]()

    def graphs() -> Iterator[tuple[str, ComputationGraph]]:
        for number in range(7):
            asked.append(number)
            yield f"network-{number}", graph

    tables = graph_tables(graphs(), rows=3)
    assert next(tables).num_rows == 3
    assert asked == [0, 1, 2]
    found = list(read_graphs(tables))
    assert [arch_id for arch_id, _ in found] == [f"network-{n}" for n in (3, 4, 5, 6)]
    assert all(each.same_as(graph) for _, each in found)
    assert not list(graph_tables([]))
