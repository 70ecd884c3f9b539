"""Cells as integers: pruning, the representative of a class, and the benchmark's hash."""

from __future__ import annotations

from itertools import permutations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.spaces.nasbench101_cells import (
    Cell,
    edge_bit,
    edge_list,
    edges_of,
    graph_hash,
    in_order,
    prune,
    representative,
)


def graph(cell: Cell) -> nx.DiGraph:
    bits, operations = cell
    result = nx.DiGraph()
    labels = ("in", *operations, "out")
    result.add_nodes_from((v, {"label": label}) for v, label in enumerate(labels))
    result.add_edges_from(edge_list(bits, len(labels)))
    return result


def isomorphic(a: Cell, b: Cell) -> bool:
    return nx.is_isomorphic(
        graph(a), graph(b), node_match=lambda x, y: bool(x["label"] == y["label"])
    )


@st.composite
def cells(draw: st.DrawFn, vertices: int = 6) -> Cell:
    bits = draw(st.integers(0, 2 ** len(edges_of(vertices)) - 1))
    operations = draw(st.tuples(*[st.integers(0, 2)] * (vertices - 2)))
    return bits, operations


def test_bits_number_the_edges_by_their_target() -> None:
    assert edges_of(4) == ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
    assert [edge_bit(*edge) for edge in edges_of(4)] == list(range(6))
    assert edge_list(0b101001, 4) == [(0, 1), (0, 3), (2, 3)]


def test_vertices_off_the_paths_are_pruned_by_hand() -> None:
    # 0 -> 1 -> 4 is the only path; 2 has no input, 3 leads nowhere.
    bits = sum(1 << edge_bit(*edge) for edge in [(0, 1), (1, 4), (2, 4), (1, 3)])
    assert prune((bits, (2, 0, 1))) == (1 << edge_bit(0, 1) | 1 << edge_bit(1, 2), (2,))
    assert prune((1 << edge_bit(0, 1), (0, 0, 0))) is None


@given(cell=cells())
@settings(max_examples=60, deadline=None)
def test_pruning_keeps_all_paths(cell: Cell) -> None:
    pruned = prune(cell)
    paths = list(nx.all_simple_paths(graph(cell), 0, len(cell[1]) + 1))
    if pruned is None:
        assert not paths
        return
    assert prune(pruned) == pruned
    assert len(list(nx.all_simple_paths(graph(pruned), 0, len(pruned[1]) + 1))) == len(paths)
    assert len(pruned[1]) + 2 == len({vertex for path in paths for vertex in path})


def test_edges_to_earlier_vertices_are_put_in_order_by_hand() -> None:
    # 0 -> 2 -> 1 -> 3: the two interior vertices change places.
    assert in_order([(0, 2), (2, 1), (1, 3)], (0, 1)) == (0b100101, (1, 0))
    assert in_order([(0, 1), (1, 2), (2, 1), (2, 3)], (0, 1)) is None


@given(cell=cells(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_isomorphic_cells_share_representative_and_hash(cell: Cell, data: st.DataObject) -> None:
    bits, operations = cell
    edges = edge_list(bits, 6)
    orders = [
        (0, *order, 5)
        for order in permutations(range(1, 5))
        if all((0, *order, 5)[x] < (0, *order, 5)[y] for x, y in edges)
    ]
    places = data.draw(st.sampled_from(orders))
    moved_operations = [0] * 4
    for vertex in range(1, 5):
        moved_operations[places[vertex] - 1] = operations[vertex - 1]
    moved = sum(1 << edge_bit(places[x], places[y]) for x, y in edges), tuple(moved_operations)
    assert isomorphic(cell, moved)
    assert representative(moved) == representative(cell)
    assert graph_hash(moved) == graph_hash(cell)
    assert isomorphic(cell, representative(cell))
    assert representative(cell) <= min(cell, moved)


@given(a=cells(5), b=cells(5))
@settings(max_examples=60, deadline=None)
def test_representatives_tell_cells_apart(a: Cell, b: Cell) -> None:
    assert (representative(a) == representative(b)) == isomorphic(a, b)


@pytest.mark.parametrize(
    ("edges", "operations", "expected"),
    [
        # The first row of the public table, and its best cell, with their published hashes.
        (
            [(0, 1), (0, 4), (0, 5), (1, 2), (2, 3), (2, 6), (3, 5), (4, 5), (5, 6)],
            (0, 2, 0, 0, 1),
            "00005c142e6f48ac74fdcf73e3439874",
        ),
        (
            [(0, 1), (0, 2), (0, 5), (0, 6), (1, 5), (2, 3), (3, 4), (4, 5), (5, 6)],
            (1, 0, 2, 0, 0),
            "02e5a0247bbdcf2860b7e96f74961594",
        ),
    ],
)
def test_hashes_are_the_benchmarks(
    edges: list[tuple[int, int]], operations: tuple[int, ...], expected: str
) -> None:
    cell = sum(1 << edge_bit(*edge) for edge in edges), operations
    assert graph_hash(cell) == expected
    assert representative(cell) == cell
