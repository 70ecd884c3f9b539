"""Graphs of any space as arrays: what is dropped, and what identities leave."""

from __future__ import annotations

import numpy as np

from nascast.graphs.encodings.op_graph import contracted as contracted_graph
from nascast.graphs.encodings.op_graph import pruned
from nascast.graphs.encodings.property_graphs import VALUES, contracted, property_graphs
from nascast.spaces.base import CellGraph
from nascast.spaces.nasbench201 import NASBench201

SPACE = NASBench201()


def test_what_lies_on_no_path_is_dropped() -> None:
    # The first convolution feeds a zero only.
    graph = CellGraph(
        ("input", "nor_conv_3x3", "none", "nor_conv_1x1", "output"),
        ((0, 1), (0, 3), (1, 2), (2, 4), (3, 4)),
    )
    found = property_graphs([graph])
    assert found.alive[0].tolist() == [True, False, False, True, True]
    assert np.argwhere(found.adjacency[0]).tolist() == [[0, 3], [3, 4]]
    assert found.values[0, 3].tolist() == [0, 1, 0, 1 / 9, 0]
    assert not found.values[0, 1].any()
    assert len(VALUES) == found.values.shape[2]


def test_the_output_stands_last_whatever_the_size() -> None:
    short = CellGraph(("input", "output"), ((0, 1),))
    long = CellGraph(("input", "conv3x3", "output"), ((0, 1), (1, 2)))
    found = property_graphs([short, long])
    assert np.argwhere(found.adjacency[0]).tolist() == [[0, 2]]
    assert found.alive[0].tolist() == [True, False, True]


def test_pruning_and_contracting_agree_with_the_graphs_of_the_networks() -> None:
    rng = np.random.default_rng(0)
    graphs = [SPACE.cell_graph(SPACE.sample(rng)) for _ in range(200)]
    found = property_graphs(graphs)
    edges = contracted(found)
    for graph, alive, adjacency, number in zip(
        graphs, found.alive, found.adjacency, edges, strict=True
    ):
        kept = pruned(graph)
        if not kept.edges:
            assert not alive.any()
            continue
        assert alive.sum() == len(kept.operations)
        assert adjacency.sum() == len(kept.edges)
        assert number.sum() == len(contracted_graph(kept).edges)


def test_no_graphs_are_no_rows() -> None:
    assert len(property_graphs([])) == 0
