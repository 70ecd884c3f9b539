"""DARTS, the search space of NAS-Bench-301: a normal and a reduction cell of four nodes each.

Source: Liu et al. 2019, "DARTS: Differentiable Architecture Search", section 3.1; Zela et al. 2022,
"Surrogate NAS Benchmarks: Going Beyond the Limited Search Spaces of Tabular NAS Benchmarks",
section 3. Every node has exactly two incoming edges, each with one of seven operations, from two
different earlier nodes. A spec is the text form of :mod:`nascast.spaces.darts_genotype`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nascast.networks.darts import plan_backbone
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.darts_genotype import (
    INPUTS,
    NODES,
    OPERATIONS,
    Cell,
    Edge,
    Genotype,
    canonical_cell,
    edges_of,
    format_genotype,
    make_genotype,
    parse_genotype,
)
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

# The outputs of the last cell but one and of the last cell, as the paper calls a cell's inputs.
CELL_INPUTS = ("c_{k-2}", "c_{k-1}")


class DARTS(PlannedSpace):
    """The 1.1e18 genotypes of DARTS and NAS-Bench-301.

    ``published`` is the network of NAS-Bench-301: 32 channels, 8 cells. DARTS itself evaluates
    ``NetworkScale(36, 6)``: 20 cells.
    """

    name: str = "darts"
    operations: tuple[str, ...] = (*CELL_INPUTS, *OPERATIONS)
    published: NetworkScale = NetworkScale(channels=32, repeats=2)
    published_image_size: int = 32

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw uniformly from all genotypes."""
        return self.from_genotype(Genotype(_sample_cell(rng), _sample_cell(rng)))

    def parse(self, spec: str) -> Architecture:
        """Read the text form; the spec of what is returned is in the canonical layout.

        Raises:
            ValueError: names the cell, node and edge that is wrong.
        """
        return self.from_genotype(parse_genotype(spec))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture of two cells.

        Genotypes are isomorphic if their normal cells are and their reduction cells are: what reads
        the concatenated nodes is a 1x1 convolution, to which their order is all the same.

        Raises:
            ValueError: names the cell, node and edge that is wrong.
        """
        genotype = make_genotype(*genotype)
        canonical = Genotype(*map(canonical_cell, genotype))
        return Architecture(self.name, format_genotype(genotype), format_genotype(canonical))

    def genotype(self, arch: Architecture) -> Genotype:
        """Return both cells of an architecture."""
        check_space(self, arch)
        return parse_genotype(arch.spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield the 120 genotypes in which one edge has another operation or another source."""
        normal, reduce = self.genotype(arch)
        for cell in _changed_cells(normal):
            yield self.from_genotype(Genotype(cell, reduce))
        for cell in _changed_cells(reduce):
            yield self.from_genotype(Genotype(normal, cell))

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the normal cell and, behind it, the reduction cell as one graph of 22 nodes.

        Nodes 1 to 10 are the normal cell: its two inputs, then its eight operations, a node's
        edges in a row. Nodes 11 to 20 are the reduction cell, both of whose inputs read all
        operations of the normal cell, as in the network.
        """
        operations: list[str] = ["input"]
        edges: list[tuple[int, int]] = []
        before = [0]
        for cell in self.genotype(arch):
            first = len(operations)
            # Which nodes of the graph write a node of the cell.
            writers = {source: [first + source] for source in range(INPUTS)}
            edges += [(end, first + source) for source in range(INPUTS) for end in before]
            operations += [*CELL_INPUTS, *(operation for operation, _ in cell)]
            for node in NODES:
                place = first + INPUTS + 2 * (node - INPUTS)
                writers[node] = [place, place + 1]
                for offset, (_, source) in enumerate(edges_of(cell, node)):
                    edges += [(writer, place + offset) for writer in writers[source]]
            before = [writer for node in NODES for writer in writers[node]]
        edges += [(end, len(operations)) for end in before]
        return CellGraph((*operations, "output"), tuple(sorted(edges)))

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append the evaluation network without its auxiliary head: ``3 N + 2`` cells."""
        normal, reduce = self.genotype(arch)
        return plan_backbone(
            plan, images, normal, reduce, scale.channels, scale.repeats, scale.stem_stride
        )


def _sample_cell(rng: np.random.Generator) -> Cell:
    edges: list[Edge] = []
    for node in NODES:
        sources = rng.choice(node, size=2, replace=False)
        drawn = rng.integers(len(OPERATIONS), size=2)
        edges += [(OPERATIONS[i], int(s)) for i, s in zip(drawn, sources, strict=True)]
    return tuple(edges)


def _changed_cells(cell: Cell) -> Iterator[Cell]:
    """Yield the 60 cells with another operation or another free source on one edge."""
    for position, (operation, source) in enumerate(cell):
        node = NODES[position // 2]
        taken = {other for _, other in edges_of(cell, node)}
        edges = [(other, source) for other in OPERATIONS if other != operation]
        edges += [(operation, other) for other in range(node) if other not in taken]
        for edge in edges:
            yield (*cell[:position], edge, *cell[position + 1 :])
