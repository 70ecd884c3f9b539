from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nascast.spaces.nasbench101_cells import Cell, edges_of, graph_hash, prune, representative
from nascast.spaces.nasbench101_enumeration import CELLS, adjacency, enumerate_cells, listed


def one_by_one(max_vertices: int, max_edges: int) -> dict[str, Cell]:
    """As the benchmark enumerates: every matrix, every labelling, the first of each hash."""
    found: dict[str, Cell] = {}
    for vertices in range(2, max_vertices + 1):
        for bits in range(1 << len(edges_of(vertices))):
            if bits.bit_count() > max_edges:
                continue
            for operations in product(range(3), repeat=vertices - 2):
                cell = bits, operations
                if prune(cell) == cell:
                    found.setdefault(graph_hash(cell), cell)
    return found


@pytest.mark.parametrize(("max_vertices", "max_edges"), [(2, 9), (4, 9), (4, 4), (5, 6)])
def test_small_spaces_equal_the_benchmarks_own_enumeration(
    max_vertices: int, max_edges: int
) -> None:
    expected = one_by_one(max_vertices, max_edges)
    cells = listed(enumerate_cells(max_vertices, max_edges))
    assert {graph_hash(cell): cell for cell in cells} == expected
    assert len(cells) == len(expected)


def test_the_whole_space_has_its_published_size() -> None:
    cells = enumerate_cells()
    assert sum(len(matrix) for _, matrix, _ in cells.values()) == CELLS == 423_624
    matrices, matrix, operations = cells[7]
    assert np.bitwise_count(matrices).max() == 9
    rng = np.random.default_rng(0)
    for place in rng.integers(len(matrix), size=30):
        cell = int(matrices[matrix[place]]), tuple(operations[place].tolist())
        assert representative(cell) == cell == prune(cell)


def test_adjacency_is_upper_triangular() -> None:
    matrices = adjacency(np.array([0b101001, 0]), 4)
    assert matrices.sum() == 3
    np.testing.assert_array_equal(np.argwhere(matrices[0]), [[0, 1], [0, 3], [2, 3]])
