"""Every cell of NAS-Bench-101, in seconds: matrices first, operations after.

Cells are isomorphic if some order of the interior vertices turns one matrix and its operations
into the other. So of each class of matrices the one with the smallest bits is kept, and of its
labellings the first in each orbit under the orders that leave the matrix as it is. Only what is
left is ever hashed.

Source: Ying et al. 2019, "NAS-Bench-101", section 2.1: at most 7 vertices, at most 9 edges, 3
operations, 423,624 cells.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from nascast.spaces.nasbench101_cells import MAX_EDGES, MAX_VERTICES, Cell, edges_of

CELLS = 423_624
OPERATION_COUNT = 3
Array = NDArray[np.int64]


def enumerate_cells(
    max_vertices: int = MAX_VERTICES, max_edges: int = MAX_EDGES
) -> dict[int, tuple[Array, Array, Array]]:
    """Return all cells that are not isomorphic, by their number of vertices.

    Args:
        max_vertices: of a cell, at least 2, input and output included.
        max_edges: of a cell.

    Returns:
        For each number of vertices ``(matrices, matrix, operations)``: the bits of the distinct
        matrices, ``(m,)``, ascending; for each cell which of them it has, ``(n,)``; and its
        operations, ``(n, vertices - 2)``.
    """
    found = {}
    for vertices in range(2, max_vertices + 1):
        matrices, automorphic = _matrices(vertices, max_edges)
        found[vertices] = (matrices, *_labellings(automorphic, vertices - 2))
    return found


def listed(cells: dict[int, tuple[Array, Array, Array]]) -> list[Cell]:
    """Return the cells of :func:`enumerate_cells` one by one, as the other modules know them."""
    return [
        (bits, tuple(operations))
        for matrices, matrix, labels in cells.values()
        for bits, operations in zip(matrices[matrix].tolist(), labels.tolist(), strict=True)
    ]


def adjacency(bits: Array, vertices: int) -> NDArray[np.bool_]:
    """Return the matrices of some bits, ``(len(bits), vertices, vertices)``."""
    result = np.zeros((len(bits), vertices, vertices), dtype=bool)
    for number, (x, y) in enumerate(edges_of(vertices)):
        result[:, x, y] = bits >> number & 1
    return result


def _matrices(vertices: int, max_edges: int) -> tuple[Array, NDArray[np.bool_]]:
    """Return the smallest bits of each class, and which interior orders leave the matrix as it is.

    The second result is ``(classes, orders)`` in the order of ``itertools.permutations``.
    """
    bits = np.arange(1 << len(edges_of(vertices)), dtype=np.int64)
    bits = bits[np.bitwise_count(bits) <= max_edges]
    full = adjacency(bits, vertices)
    # Upper-triangular: an edge out of and into every vertex puts it on an input-output path.
    on_paths = np.all(np.any(full[:, :-1], axis=2) & np.any(full[:, :, 1:], axis=1), axis=1)
    bits, full = bits[on_paths], full[on_paths]
    orders = list(permutations(range(1, vertices - 1)))
    codes = np.stack([_reordered(full, (0, *order, vertices - 1)) for order in orders], axis=1)
    # Orders that would let an edge point backwards are no cells.
    smallest = np.where(codes < 0, np.iinfo(np.int64).max, codes).min(axis=1)
    first = bits == smallest
    return bits[first], codes[first] == bits[first, None]


def _reordered(matrices: NDArray[np.bool_], order: tuple[int, ...]) -> Array:
    """Return the bits of the matrices in another order of vertices, -1 where an edge turns back."""
    edges = edges_of(len(order))
    codes = np.zeros(len(matrices), dtype=np.int64)
    for number, (x, y) in enumerate(edges):
        codes |= matrices[:, order[x], order[y]].astype(np.int64) << number
    kept = np.bitwise_count(codes) == np.count_nonzero(matrices, axis=(1, 2))
    return np.where(kept, codes, -1)


def _labellings(automorphic: NDArray[np.bool_], interior: int) -> tuple[Array, Array]:
    """Return for each cell its matrix's number and its operations, one cell an orbit."""
    labellings = list(product(range(OPERATION_COUNT), repeat=interior))
    grid = np.array(labellings, dtype=np.int64).reshape(len(labellings), interior)
    places = OPERATION_COUNT ** np.arange(interior - 1, -1, -1)
    moved = np.stack(
        [grid[:, list(order)] @ places for order in permutations(range(interior))], axis=1
    )
    numbers = np.arange(len(grid))
    groups, group = np.unique(automorphic, axis=0, return_inverse=True)
    firsts = [np.flatnonzero(moved[:, symmetries].min(axis=1) == numbers) for symmetries in groups]
    chosen = [firsts[g] for g in group.reshape(-1)]
    matrix = np.repeat(np.arange(len(automorphic)), [len(labels) for labels in chosen])
    return matrix, grid[np.concatenate(chosen)]
