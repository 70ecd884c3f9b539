"""Structural features by hand, against listed paths, and across the forms of a graph."""

from __future__ import annotations

import numpy as np
import pytest

from nascast.graphs.encodings.operator_properties import PROPERTIES
from nascast.graphs.encodings.structure import COLUMNS, structure_of
from nascast.spaces.base import CellGraph
from nascast.spaces.nasbench201 import NASBench201

SPACE = NASBench201()


def feature(graph: CellGraph, name: str) -> float:
    return float(structure_of([graph])[0, COLUMNS.index(name)])


# input -> 3x3 -> output beside a shortcut, and a 1x1 behind the 3x3.
GRAPH = CellGraph(
    ("input", "conv3x3-bn-relu", "conv1x1-bn-relu", "output"),
    ((0, 1), (0, 3), (1, 2), (1, 3), (2, 3)),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count:conv", 2), ("count:spatial", 1), ("count:weights", 10 / 9),
        # Paths with 0, 1 and 2 convolutions.
        ("path:mean_conv", 1), ("path:max_conv", 2), ("path:min_conv", 0),
        ("path:spread_conv", (2 / 3) ** 0.5), ("path:mean_spatial", 2 / 3),
        # The output reads the input, the 3x3 and the 1x1 behind it.
        ("walk:conv", (0 + 1 + 2) / 3),
        ("shape:edges", 5), ("shape:log_paths", np.log(3)), ("shape:width", 1),
        ("shape:reads_input", 2), ("shape:writes_output", 3), ("shape:dead", 0),
    ],
)  # fmt: skip
def test_features_by_hand(name: str, value: float) -> None:
    assert feature(GRAPH, name) == pytest.approx(value)


def test_path_features_are_those_of_listed_paths() -> None:
    rng = np.random.default_rng(1)
    archs = [SPACE.sample(rng) for _ in range(200)]
    features = structure_of([SPACE.cell_graph(arch) for arch in archs])
    for arch, row in zip(archs, features, strict=True):
        spatial = [
            sum(PROPERTIES[op].spatial for op in path) for path in SPACE.path_operations(arch)
        ] or [0.0]
        expected = {
            "path:mean_conv": SPACE.mean_path_convs(arch),
            "path:mean_spatial": np.mean(spatial),
            "path:max_spatial": max(spatial),
            "path:min_spatial": min(spatial),
            "path:spread_spatial": np.std(spatial),
            "shape:dead": float(SPACE.is_dead(arch)),
        }
        found = {name: row[COLUMNS.index(name)] for name in expected}
        assert found == pytest.approx(expected, abs=1e-6)


def test_dead_cells_are_zero_but_for_their_mark() -> None:
    dead = SPACE.from_genotype(("none",) * 6)
    row = structure_of([SPACE.cell_graph(dead)])[0]
    assert row[COLUMNS.index("shape:dead")] == 1
    assert np.count_nonzero(row) == 1


def test_a_cell_on_edges_looks_like_the_same_cell_on_nodes() -> None:
    ops = ("nor_conv_3x3", "skip_connect", "none", "nor_conv_1x1", "nor_conv_1x1", "none")
    # Node 1 is a 3x3 of the input, node 2 the input; the output adds a 1x1 of each.
    on_edges = SPACE.cell_graph(SPACE.from_genotype(ops))
    on_nodes = CellGraph(
        ("input", "conv3x3-bn-relu", "conv1x1-bn-relu", "conv1x1-bn-relu", "output"),
        ((0, 1), (0, 2), (1, 3), (2, 4), (3, 4)),
    )
    np.testing.assert_allclose(*structure_of([on_edges, on_nodes]))


def test_a_shortcut_on_an_edge_changes_nothing() -> None:
    longer = CellGraph(
        ("input", "conv3x3-bn-relu", "skip_connect", "conv1x1-bn-relu", "output"),
        ((0, 1), (0, 4), (1, 2), (1, 4), (2, 3), (3, 4)),
    )
    np.testing.assert_allclose(*structure_of([GRAPH, longer]))


def test_columns_are_distinct_and_rows_independent() -> None:
    assert len(set(COLUMNS)) == len(COLUMNS) == structure_of([]).shape[1]
    rng = np.random.default_rng(2)
    graphs = [SPACE.cell_graph(SPACE.sample(rng)) for _ in range(20)]
    together, alone = structure_of(graphs), [structure_of([graph])[0] for graph in graphs]
    np.testing.assert_allclose(together, alone)
