"""NAS-Bench-101: directed acyclic cells of up to seven vertices with three operations on them.

Source: Ying et al. 2019, "NAS-Bench-101: Towards Reproducible Neural Architecture Search",
section 2. A spec is the interior vertices' operations in order, a bar, and the rows of the matrix
above its diagonal, for example ``conv3x3-bn-relu,maxpool3x3|110.11.1``. Isomorphic cells have one
spec, that of the benchmark's representative.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import TYPE_CHECKING

from nascast.networks.nasbench101 import plan_backbone
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.nasbench101_cells import (
    MAX_EDGES,
    MAX_VERTICES,
    Cell,
    edge_bit,
    edge_list,
    edges_of,
    graph_hash,
    in_order,
    prune,
    representative,
)
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

OPERATIONS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")


class NASBench101(PlannedSpace):
    """The 423,624 cells of NAS-Bench-101."""

    name: str = "nasbench101"
    operations: tuple[str, ...] = OPERATIONS
    published: NetworkScale = NetworkScale(channels=128, repeats=3)
    published_image_size: int = 32

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw matrix and operations of seven vertices uniformly until a cell is valid.

        The draw of the paper's random search; it is not uniform over the 423,624 cells.
        """
        while True:
            bits = int(rng.integers(1 << len(edges_of(MAX_VERTICES))))
            operations = tuple(int(i) for i in rng.integers(len(OPERATIONS), size=MAX_VERTICES - 2))
            cell = prune((bits, operations))
            if cell is not None and cell[0].bit_count() <= MAX_EDGES:
                return self.from_cell(cell)

    def parse(self, spec: str) -> Architecture:
        """Read a spec; vertices that lie on no input-output path are pruned, as the original does.

        Raises:
            ValueError: names the part that is wrong and what was expected there.
        """
        cell = prune(_read(spec))
        if cell is None:
            raise ValueError(f"cell {spec!r} has no path from its input to its output")
        if cell[0].bit_count() > MAX_EDGES:
            raise ValueError(
                f"cell {spec!r} has {cell[0].bit_count()} edges on input-output paths; "
                f"NAS-Bench-101 allows {MAX_EDGES}"
            )
        return self.from_cell(cell)

    def from_cell(self, cell: Cell) -> Architecture:
        """Return the architecture of a valid, pruned cell."""
        kept = representative(cell)
        return Architecture(self.name, write(kept), graph_hash(kept))

    def cell(self, arch: Architecture) -> Cell:
        """Return bits and operations of an architecture."""
        check_space(self, arch)
        return _read(arch.spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield the cells one step away, each once.

        A step changes an operation, adds an edge that closes no cycle, removes an edge that no
        vertex needs to lie on a path, puts a new vertex into an edge, or takes out a vertex with
        one edge on either side and joins the two. Every step can be taken back.
        """
        own = self.cell(arch)
        found = {representative(cell) for cell in _steps(own)}
        for cell in sorted(found - {own}):
            yield self.from_cell(cell)

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the cell as it is."""
        bits, operations = self.cell(arch)
        edges = sorted(edge_list(bits, len(operations) + 2))
        return CellGraph(("input", *(OPERATIONS[i] for i in operations), "output"), tuple(edges))

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append the network up to the classifier; see :mod:`nascast.networks.nasbench101`."""
        bits, operations = self.cell(arch)
        names = [OPERATIONS[i] for i in operations]
        matrix = matrix_of(bits, len(operations) + 2)
        return plan_backbone(
            plan, images, matrix, names, scale.channels, scale.repeats, scale.stem_stride
        )


def matrix_of(bits: int, vertices: int) -> list[list[int]]:
    """Return the upper-triangular adjacency matrix of some bits."""
    matrix = [[0] * vertices for _ in range(vertices)]
    for x, y in edge_list(bits, vertices):
        matrix[x][y] = 1
    return matrix


def write(cell: Cell) -> str:
    """Return the spec of a cell."""
    bits, operations = cell
    matrix = matrix_of(bits, len(operations) + 2)
    rows = ["".join(map(str, row[x + 1 :])) for x, row in enumerate(matrix[:-1])]
    return f"{','.join(OPERATIONS[i] for i in operations)}|{'.'.join(rows)}"


def _read(spec: str) -> Cell:
    names, bar, rows_text = spec.partition("|")
    if not bar:
        raise ValueError(
            f"NAS-Bench-101 spec {spec!r} needs operations, a bar '|' and the rows of the matrix"
        )
    operations = [_operation(spec, name) for name in names.split(",")] if names else []
    vertices, rows = len(operations) + 2, rows_text.split(".")
    if vertices > MAX_VERTICES:
        raise ValueError(
            f"cell {spec!r} has {vertices} vertices; NAS-Bench-101 allows {MAX_VERTICES}"
        )
    if len(rows) != vertices - 1:
        raise ValueError(
            f"cell {spec!r} has {len(operations)} operations and {len(rows)} rows; a matrix of "
            f"{vertices} vertices has {vertices - 1} rows above its diagonal"
        )
    bits = 0
    for x, row in enumerate(rows):
        if len(row) != vertices - 1 - x or set(row) - {"0", "1"}:
            raise ValueError(
                f"row {x} of cell {spec!r} reads {row!r}; only edges to later vertices can be "
                f"given, so it needs {vertices - 1 - x} digits 0 or 1"
            )
        bits |= sum(1 << edge_bit(x, x + 1 + i) for i, digit in enumerate(row) if digit == "1")
    return bits, tuple(operations)


def _operation(spec: str, name: str) -> int:
    if name not in OPERATIONS:
        raise ValueError(
            f"unknown operation {name!r} in cell {spec!r}; choose one of {', '.join(OPERATIONS)}"
        )
    return OPERATIONS.index(name)


def _steps(cell: Cell) -> Iterator[Cell]:
    bits, operations = cell
    for place, current in enumerate(operations):
        for other in range(len(OPERATIONS)):
            if other != current:
                yield bits, (*operations[:place], other, *operations[place + 1 :])
    yield from _with_an_edge_less(cell)
    yield from _with_an_edge_more(cell)
    yield from _with_a_vertex_more(cell)
    yield from _with_a_vertex_less(cell)


def _with_an_edge_less(cell: Cell) -> Iterator[Cell]:
    bits, operations = cell
    for x, y in edge_list(bits, len(operations) + 2):
        smaller = bits ^ 1 << edge_bit(x, y), operations
        if prune(smaller) == smaller:
            yield smaller


def _with_an_edge_more(cell: Cell) -> Iterator[Cell]:
    bits, operations = cell
    last = len(operations) + 1
    edges = edge_list(bits, last + 1)
    if len(edges) == MAX_EDGES:
        return
    # Of two vertices that no path joins either may feed the other, whatever their numbers are.
    for x, y in permutations(range(last + 1), 2):
        larger = None if (x, y) in edges else in_order([*edges, (x, y)], operations)
        if larger is not None:
            yield larger


def _with_a_vertex_more(cell: Cell) -> Iterator[Cell]:
    bits, operations = cell
    last = len(operations) + 1
    if last + 1 == MAX_VERTICES or bits.bit_count() == MAX_EDGES:
        return
    edges = edge_list(bits, last + 1)
    for x, y in edges:
        # The new vertex stands right in front of the edge's target.
        def moved(v: int, new: int = y) -> int:
            return v + (v >= new)

        others = [(moved(a), moved(b)) for a, b in edges if (a, b) != (x, y)]
        joined = [*others, (x, y), (y, y + 1)]
        larger = sum(1 << edge_bit(a, b) for a, b in joined)
        for operation in range(len(OPERATIONS)):
            yield larger, (*operations[: y - 1], operation, *operations[y - 1 :])


def _with_a_vertex_less(cell: Cell) -> Iterator[Cell]:
    bits, operations = cell
    edges = edge_list(bits, len(operations) + 2)
    for v in range(1, len(operations) + 1):
        sources = [a for a, b in edges if b == v]
        targets = [b for a, b in edges if a == v]
        if len(sources) != 1 or len(targets) != 1 or (sources[0], targets[0]) in edges:
            continue
        kept = [edge for edge in edges if v not in edge] + [(sources[0], targets[0])]
        smaller = sum(1 << edge_bit(a - (a > v), b - (b > v)) for a, b in kept)
        yield smaller, (*operations[: v - 1], *operations[v:])
