"""Cells with one operation on each of the six edges between four nodes.

Every node is the sum of what its incoming edges make of earlier nodes; node 0 is the cell's input,
node 3 its output. NAS-Bench-201 and TransNAS-Bench-101's micro space are spaces of such cells.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nascast.spaces.base import Architecture, CellGraph, check_space
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

# Edges in the order of the benchmarks' strings: all edges into node 1, then node 2, then node 3.
EDGES = tuple((source, target) for target in range(1, 4) for source in range(target))
OUTPUT_NODE = 3

Genotype = tuple[str, ...]


class FourNodeCells(PlannedSpace):
    """Base of spaces of such cells; see :class:`nascast.spaces.base.SearchSpace`.

    Attributes:
        convolutions: those of the operations that are convolutions.
    """

    convolutions: tuple[str, ...]

    @abstractmethod
    def read(self, spec: str) -> Genotype:
        """Return the operation of every edge; raises ValueError naming what is wrong."""

    @abstractmethod
    def write(self, genotype: Genotype) -> str:
        """Return the spec of six edge operations."""

    @abstractmethod
    def canonical_form(self, genotype: Genotype) -> str:
        """Return the form that isomorphic cells share."""

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw a cell uniformly from all of them."""
        drawn = rng.integers(len(self.operations), size=len(EDGES))
        return self.from_genotype(tuple(self.operations[i] for i in drawn))

    def enumerate(self) -> Iterator[Architecture]:
        """Yield all cells, the last edge varying fastest."""
        for genotype in itertools.product(self.operations, repeat=len(EDGES)):
            yield self.from_genotype(genotype)

    def parse(self, spec: str) -> Architecture:
        """Read the benchmark's string form; nothing may be missing or extra.

        Raises:
            ValueError: names the node or edge that is wrong and what was expected there.
        """
        return self.from_genotype(self.read(spec))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with one operation an edge, in the order of ``EDGES``."""
        if len(genotype) != len(EDGES):
            raise ValueError(f"cells of {self.name} have {len(EDGES)} edges, got {len(genotype)}")
        for (source, target), operation in zip(EDGES, genotype, strict=True):
            if operation not in self.operations:
                raise ValueError(
                    f"unknown operation {operation!r} on edge {source}->{target}; "
                    f"choose one of {', '.join(self.operations)}"
                )
        return Architecture(self.name, self.write(genotype), self.canonical_form(genotype))

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the operation of every edge, in the order of ``EDGES``."""
        check_space(self, arch)
        return self.read(arch.spec)

    def edges(self, arch: Architecture) -> list[tuple[int, int, str]]:
        """Return source, target and operation of every edge."""
        return [(s, t, op) for (s, t), op in zip(EDGES, self.genotype(arch), strict=True)]

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield the cells that differ in the operation of one edge."""
        genotype = self.genotype(arch)
        for position, current in enumerate(genotype):
            for operation in self.operations:
                if operation != current:
                    changed = (*genotype[:position], operation, *genotype[position + 1 :])
                    yield self.from_genotype(changed)

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the cell with the six edge operations as nodes between input and output.

        ``none`` stays a node, so that every cell has the same eight nodes.
        """
        genotype = self.genotype(arch)
        edges: list[tuple[int, int]] = []
        for index, (source, target) in enumerate(EDGES, start=1):
            if source == 0:
                edges.append((0, index))
            for other, (other_source, _) in enumerate(EDGES, start=1):
                if other_source == target:
                    edges.append((index, other))
            if target == OUTPUT_NODE:
                edges.append((index, len(EDGES) + 1))
        return CellGraph(("input", *genotype, "output"), tuple(sorted(edges)))

    def prune(self, arch: Architecture) -> Architecture:
        """Return the cell with every edge that lies on no input-output path set to ``none``."""
        genotype = self.genotype(arch)
        on_path = {edge for path in _paths(genotype) for edge in path}
        return self.from_genotype(
            tuple(op if i in on_path else "none" for i, op in enumerate(genotype))
        )

    def path_operations(self, arch: Architecture) -> list[tuple[str, ...]]:
        """Return the operations along every input-output path without ``none``."""
        genotype = self.genotype(arch)
        return [tuple(genotype[edge] for edge in path) for path in _paths(genotype)]

    def is_dead(self, arch: Architecture) -> bool:
        """Return whether every input-output path of the cell contains ``none``."""
        return not _paths(self.genotype(arch))

    def conv_count(self, arch: Architecture) -> int:
        """Return the number of convolutions in one cell, dead edges included."""
        return sum(op in self.convolutions for op in self.genotype(arch))

    def mean_path_convs(self, arch: Architecture) -> float:
        """Return the mean number of convolutions along a path of the cell; 0 without a path."""
        paths = self.path_operations(arch)
        convolutions = sum(op in self.convolutions for path in paths for op in path)
        return convolutions / max(len(paths), 1)


def _paths(genotype: Genotype) -> list[tuple[int, ...]]:
    """Return the input-output paths without ``none`` as tuples of edge positions."""
    complete: list[tuple[int, ...]] = []
    partial: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    while partial:
        node, path = partial.pop()
        if node == OUTPUT_NODE:
            complete.append(path)
            continue
        for position, (source, target) in enumerate(EDGES):
            if source == node and genotype[position] != "none":
                partial.append((target, (*path, position)))
    return sorted(complete)
