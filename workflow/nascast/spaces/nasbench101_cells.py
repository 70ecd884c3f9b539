"""Cells of NAS-Bench-101 as integers: pruning, the benchmark's representative, and its graph hash.

A cell is the bits of its upper-triangular matrix and the number of each interior vertex's
operation. Bit ``x + y (y - 1) / 2`` is the edge from vertex x to vertex y, as in the benchmark's
own enumeration, which keeps of all isomorphic cells the one with the smallest bits and then the
first operations. Channels are split by the order of the vertices, so only that representative has
the benchmark's parameter count.

Source: Ying et al. 2019, "NAS-Bench-101", section 2.1 and supplement S1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import permutations

MAX_VERTICES = 7
MAX_EDGES = 9

Bits = int
Operations = tuple[int, ...]
Cell = tuple[Bits, Operations]


def edge_bit(source: int, target: int) -> int:
    """Return the number of the bit of an edge, ``source < target``."""
    return source + target * (target - 1) // 2


@cache
def edges_of(vertices: int) -> tuple[tuple[int, int], ...]:
    """Return every possible edge in the order of the bits."""
    return tuple((x, y) for y in range(vertices) for x in range(y))


def edge_list(bits: Bits, vertices: int) -> list[tuple[int, int]]:
    """Return the edges of a matrix."""
    return [edge for number, edge in enumerate(edges_of(vertices)) if bits >> number & 1]


def prune(cell: Cell) -> Cell | None:
    """Return the cell without vertices that lie on no input-output path; None if there is none."""
    bits, operations = cell
    last = len(operations) + 1
    edges = edge_list(bits, last + 1)
    forward, backward = {0}, {last}
    for x, y in sorted(edges):
        if x in forward:
            forward.add(y)
    for x, y in sorted(edges, key=lambda edge: -edge[1]):
        if y in backward:
            backward.add(x)
    kept = sorted(forward & backward)
    if 0 not in kept or last not in kept:
        return None
    place = {vertex: number for number, vertex in enumerate(kept)}
    pruned = sum(1 << edge_bit(place[x], place[y]) for x, y in edges if x in place and y in place)
    return pruned, tuple(operations[v - 1] for v in kept[1:-1])


def in_order(edges: Sequence[tuple[int, int]], operations: Operations) -> Cell | None:
    """Return the cell of edges that may point to earlier vertices; None if they close a cycle.

    Args:
        edges: pairs ``(source, target)``; they put every vertex on an input-output path.
        operations: of the interior vertices.
    """
    before = {v: [x for x, y in edges if y == v] for v in range(len(operations) + 2)}
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError:
        return None
    # Nothing comes before the input, and everything before the output: both keep their places.
    place = {vertex: number for number, vertex in enumerate(order)}
    bits = sum(1 << edge_bit(place[x], place[y]) for x, y in edges)
    return bits, tuple(operations[v - 1] for v in order[1:-1])


def representative(cell: Cell) -> Cell:
    """Return the cell that the benchmark keeps of all cells isomorphic to this one."""
    bits, operations = cell
    edges = edge_list(bits, len(operations) + 2)
    return min(_relabelled(edges, operations))


def _relabelled(edges: list[tuple[int, int]], operations: Operations) -> Iterator[Cell]:
    for places, order in _orders(len(operations)):
        moved = [(places[x], places[y]) for x, y in edges]
        if all(x < y for x, y in moved):
            bits = sum(1 << edge_bit(x, y) for x, y in moved)
            yield bits, tuple(operations[v] for v in order)


@cache
def _orders(interior: int) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Return for each order of the interior vertices every vertex's new place, and the order."""
    orders = []
    for order in permutations(range(interior)):
        places = [0] * interior
        for place, vertex in enumerate(order):
            places[vertex] = place + 1
        orders.append(((0, *places, interior + 1), order))
    return tuple(orders)


def graph_hash(cell: Cell) -> str:
    """Return the benchmark's md5 of a cell, equal for isomorphic cells.

    Every vertex starts from its degrees and operation and takes up its neighbours' hashes once for
    each vertex of the cell; the cell's hash is that of the sorted vertices.
    """
    bits, operations = cell
    vertices = len(operations) + 2
    before: list[list[int]] = [[] for _ in range(vertices)]
    behind: list[list[int]] = [[] for _ in range(vertices)]
    for x, y in edge_list(bits, vertices):
        before[y].append(x)
        behind[x].append(y)
    labels = (-1, *operations, -2)
    hashes = [_md5(str((len(behind[v]), len(before[v]), labels[v]))) for v in range(vertices)]
    for _ in range(vertices):
        hashes = [
            _md5(
                "".join(sorted(hashes[u] for u in before[v]))
                + "|"
                + "".join(sorted(hashes[w] for w in behind[v]))
                + "|"
                + hashes[v]
            )
            for v in range(vertices)
        ]
    return _md5(str(sorted(hashes)))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
