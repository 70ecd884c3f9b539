from __future__ import annotations

import numpy as np
from hypothesis import given
from tests.graphs.encodings.cells import NB201, every_path, graphs, nb201_graph

from nascast.graphs.encodings.layout import layout_of
from nascast.graphs.encodings.op_graph import (
    ContractedOpGraph,
    OpGraph,
    PrunedOpGraph,
    contracted,
    pruned,
)
from nascast.spaces.base import CellGraph

DEAD = CellGraph(("input", "output"), ())
with_skips = graphs(operations=("none", "skip_connect", "conv"))


def rows(encoding: OpGraph, *cells: CellGraph) -> set[tuple[int, ...]]:
    """The distinct arrays of some cells, each in one row."""
    arrays = encoding.encode(cells, layout_of(NB201)).values()
    flat = np.concatenate([array.reshape(len(cells), -1) for array in arrays], axis=1)
    return set(map(tuple, flat.tolist()))


def test_none_is_kept_as_a_node() -> None:
    graph = nb201_graph(e01="nor_conv_3x3", e12="skip_connect", e23="avg_pool_3x3")
    arrays = OpGraph().encode([graph], layout_of(NB201))
    # Input, 0->1, 0->2, 1->2, 0->3, 1->3, 2->3, output, as NASLib and TG-NAS read the cell.
    assert arrays["operations"].tolist() == [[0, 4, 1, 2, 1, 1, 5, 6]]
    assert arrays["mask"].tolist() == [[1] * 8]
    assert arrays["adjacency"].tolist() == [[
        [0, 1, 1, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 0, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]]  # fmt: skip


def test_pruning_and_contracting_a_cell_by_hand() -> None:
    graph = nb201_graph(
        e01="nor_conv_3x3", e12="skip_connect", e23="avg_pool_3x3", e03="skip_connect"
    )
    small = CellGraph(
        ("input", "nor_conv_3x3", "skip_connect", "skip_connect", "avg_pool_3x3", "output"),
        ((0, 1), (0, 3), (1, 2), (2, 4), (3, 5), (4, 5)),
    )
    assert pruned(graph) == small
    assert contracted(small) == CellGraph(
        ("input", "nor_conv_3x3", "avg_pool_3x3", "output"), ((0, 1), (0, 3), (1, 2), (2, 3))
    )
    arrays = ContractedOpGraph().encode([graph], layout_of(NB201))
    assert arrays["operations"].tolist() == [[0, 4, 5, 6, 0, 0, 0, 0]]
    assert arrays["mask"].tolist() == [[1, 1, 1, 1, 0, 0, 0, 0]]
    assert arrays["adjacency"].sum() == 4


def test_a_chain_of_skips_is_one_edge() -> None:
    graph = nb201_graph(e01="skip_connect", e12="skip_connect", e23="skip_connect")
    assert contracted(pruned(graph)) == CellGraph(("input", "output"), ((0, 1),))


def test_a_dead_cell_has_no_edge() -> None:
    for graph in (nb201_graph(), nb201_graph(e01="nor_conv_3x3", e23="skip_connect")):
        assert pruned(graph) == contracted(pruned(graph)) == DEAD
        arrays = PrunedOpGraph().encode([graph], layout_of(NB201))
        assert arrays["operations"].tolist() == [[0, 6, 0, 0, 0, 0, 0, 0]]
        assert arrays["mask"].tolist() == [[1, 1, 0, 0, 0, 0, 0, 0]]
        assert not arrays["adjacency"].any()


def test_which_cells_of_nasbench201_share_an_encoding() -> None:
    archs = list(NB201.enumerate())
    cells = [NB201.cell_graph(arch) for arch in archs]
    assert len(rows(OpGraph(), *cells)) == 15_625
    # Of 9,445 cells without dead edges, those whose only middle path leads through node 1 equal
    # those through node 2: 16 pairs of operations, beside any of five on the direct edge.
    assert len({NB201.prune(arch).spec for arch in archs}) == 9_445
    assert len(rows(PrunedOpGraph(), *cells)) == 9_445 - 16 * 5


def test_skips_are_the_edges_that_they_stand_for() -> None:
    # One operation, wherever the skips beside it are.
    lone = [
        nb201_graph(e03="nor_conv_1x1"),
        nb201_graph(e01="nor_conv_1x1", e13="skip_connect"),
        nb201_graph(e02="skip_connect", e23="nor_conv_1x1"),
        nb201_graph(e01="skip_connect", e12="nor_conv_1x1", e23="skip_connect"),
    ]
    assert len(rows(ContractedOpGraph(), *lone)) == 1
    assert len(rows(PrunedOpGraph(), *lone)) == 4


@given(with_skips)
def test_pruning_keeps_the_paths_without_none(graph: CellGraph) -> None:
    small = pruned(graph)
    living = [path for path in every_path(graph) if "none" not in path]
    assert sorted(every_path(small)) == sorted(living)
    assert pruned(small) == small
    # Nothing is left beside the paths.
    on_paths = {node for path in living for node in path}
    assert set(small.operations) == {"input", "output", *on_paths}


@given(with_skips)
def test_contracting_takes_the_skips_out_of_the_paths(graph: CellGraph) -> None:
    small = contracted(graph)
    expected = {tuple(op for op in path if op != "skip_connect") for path in every_path(graph)}
    assert set(every_path(small)) == expected
    assert small.operations == tuple(op for op in graph.operations if op != "skip_connect")


@given(with_skips)
def test_forms_are_graphs(graph: CellGraph) -> None:
    for small in (pruned(graph), contracted(graph), contracted(pruned(graph))):
        assert (small.operations[0], small.operations[-1]) == ("input", "output")
        assert list(small.edges) == sorted(set(small.edges))
        assert all(0 <= s < t < len(small.operations) for s, t in small.edges)
