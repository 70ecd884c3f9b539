"""The described networks are those of their spaces, row by row, and read back as graphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.stages.files import ORIGIN

from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.tables import read_graphs
from nascast.io.parquet import read_table, write_tables
from nascast.spaces import registry
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.networks import NETWORKS_SCHEMA, network_tables

SCALE = NetworkScale(8, 1, 2)
# The one path through the cell is a convolution and two skips.
ONE_CONV = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|"


def test_a_network_worked_out_by_hand() -> None:
    space = NASBench201()
    (table,) = network_tables(space, [space.parse(ONE_CONV)], NetworkScale(4, 1), 8, 10)
    (row,) = table.to_pylist()
    assert row["spec"] == ONE_CONV
    assert row["cell_operations"][1:-1] == [
        "nor_conv_3x3", "none", "skip_connect", "none", "none", "skip_connect",
    ]  # fmt: skip
    stem = 3 * 4 * 9 + 2 * 4
    cells = sum(c * c * 9 + 2 * c for c in (4, 8, 16))
    # Residual blocks between stages: two convolutions with norms, a 1x1 shortcut without.
    between = sum(c * 2 * c * 9 + 4 * c * c * 9 + 8 * c + c * 2 * c for c in (4, 8))
    assert row["network_params"] == stem + cells + between + 2 * 16 + 16 * 10 + 10
    assert row["nodes"] == len(row["types"])
    assert sum(row["flops"]) == 2 * row["network_macs"]


@pytest.mark.parametrize("name", registry.names())
def test_every_family_is_described(name: str, tmp_path: Path) -> None:
    space, rng = registry.create(name), np.random.default_rng(0)
    archs = [space.sample(rng) for _ in range(3)]
    path = tmp_path / "networks.parquet"
    write_tables(network_tables(space, archs, SCALE, 16, 10, rows=2), path, NETWORKS_SCHEMA, ORIGIN)
    table = read_table(path, schema=NETWORKS_SCHEMA)
    graphs = list(read_graphs(table))
    rows = table.to_pylist()
    for arch, (arch_id, graph), row in zip(archs, graphs, rows, strict=True):
        assert arch_id == row["arch_id"] == arch.arch_id
        side = space.image_size(arch, 16)
        assert graph.same_as(graph_of_plan(space.plan(arch, SCALE, side)))
        size = space.count(arch, SCALE, side)
        assert (row["network_params"], row["network_macs"]) == (size.params, size.macs)
        cell = space.cell_graph(arch)
        assert tuple(row["cell_operations"]) == cell.operations
        assert row["cell_edges"] == [end for edge in cell.edges for end in edge]


def test_networks_are_asked_for_a_table_at_a_time() -> None:
    space, asked = NASBench201(), list[int]()

    def archs() -> Iterator[Architecture]:
        for number in range(5):
            asked.append(number)
            yield space.parse(ONE_CONV)

    tables = network_tables(space, archs(), SCALE, 16, 10, rows=2)
    assert next(tables).num_rows == 2
    assert asked == [0, 1]
    assert [table.num_rows for table in tables] == [2, 1]
