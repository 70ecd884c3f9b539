"""NAS-Bench-201: five operations on the six edges of a four-node cell.

Source: Dong & Yang 2020, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture
Search", section 2. A spec is the benchmark's own string, for example
``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space, pick

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from nascast.networks.counts import Size
    from nascast.networks.plan import Plan

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
# Edges in the order of the string: all edges into node 1, then node 2, then node 3.
EDGES = tuple((source, target) for target in range(1, 4) for source in range(target))
OUTPUT_NODE = 3
_KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}
_TOKEN = re.compile(r"([a-z0-9_]+)~([0-9]+)")

Genotype = tuple[str, ...]


class NASBench201:
    """The topology space of NAS-Bench-201: 15,625 cells, 6,466 of them not isomorphic."""

    name: str = "nasbench201"
    operations: tuple[str, ...] = OPERATIONS
    size: int = len(OPERATIONS) ** len(EDGES)
    published: NetworkScale = NetworkScale(channels=16, repeats=5)
    published_image_size: int = 32

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw a cell uniformly from all 15,625."""
        return self.from_genotype(tuple(OPERATIONS[i] for i in rng.integers(5, size=len(EDGES))))

    def enumerate(self) -> Iterator[Architecture]:
        """Yield all 15,625 cells, the last edge varying fastest."""
        for genotype in itertools.product(OPERATIONS, repeat=len(EDGES)):
            yield self.from_genotype(genotype)

    def parse(self, spec: str) -> Architecture:
        """Read the benchmark's string form; a missing or extra outer bar is an error.

        Raises:
            ValueError: names the node or edge that is wrong and what was expected there.
        """
        return self.from_genotype(_parse_genotype(spec))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with one operation an edge, in the order of ``EDGES``."""
        if len(genotype) != len(EDGES):
            raise ValueError(f"NAS-Bench-201 cells have {len(EDGES)} edges, got {len(genotype)}")
        for (source, target), operation in zip(EDGES, genotype, strict=True):
            if operation not in OPERATIONS:
                raise ValueError(
                    f"unknown operation {operation!r} on edge {source}->{target}; "
                    f"choose one of {', '.join(OPERATIONS)}"
                )
        return Architecture(self.name, format_genotype(genotype), _canonical_form(genotype))

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the operation of every edge, in the order of ``EDGES``."""
        check_space(self, arch)
        return _parse_genotype(arch.spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield the 24 cells that differ in the operation of one edge."""
        genotype = self.genotype(arch)
        for position, current in enumerate(genotype):
            for operation in OPERATIONS:
                if operation != current:
                    changed = (*genotype[:position], operation, *genotype[position + 1 :])
                    yield self.from_genotype(changed)

    def mutate(self, arch: Architecture, rng: np.random.Generator) -> Architecture:
        """Draw one of the 24 neighbours uniformly."""
        return pick(self.neighbours(arch), rng)

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
        return sum(op in _KERNELS for op in self.genotype(arch))

    def mean_path_convs(self, arch: Architecture) -> float:
        """Return the mean number of convolutions along a path of the cell; 0 without a path."""
        paths = self.path_operations(arch)
        return sum(op in _KERNELS for path in paths for op in path) / max(len(paths), 1)

    def plan(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Plan:
        """Return the network at a scale as primitive operations; dead edges are left in."""
        from nascast.networks.nasbench201 import plan_network

        images = (in_channels, image_size)
        return plan_network(
            self._edges(arch), scale.channels, scale.repeats, num_classes, images, scale.stem_stride
        )

    def count(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Size:
        """Return parameters and MACs in closed form, without building the network."""
        from nascast.networks.counts import Size

        kernels = [_KERNELS[op] ** 2 for op in self.genotype(arch) if op in _KERNELS]
        side = -(-image_size // scale.stem_stride)
        width = scale.channels
        params = 9 * in_channels * width + 2 * width
        macs = 9 * in_channels * width * side**2
        for stage in range(3):
            if stage:
                half = -(-side // 2)
                conv_weights = 9 * width * 2 * width + 9 * (2 * width) ** 2
                params += conv_weights + width * 2 * width + 2 * 2 * (2 * width)
                macs += conv_weights * half**2 + width * 2 * width * (side // 2) ** 2
                side, width = half, 2 * width
            cell_weights = sum(kernels) * width**2
            params += scale.repeats * (cell_weights + 2 * width * len(kernels))
            macs += scale.repeats * cell_weights * side**2
        params += 2 * width + (width + 1) * num_classes
        macs += width * num_classes
        return Size(params, macs)

    def build(
        self, arch: Architecture, scale: NetworkScale, num_classes: int, in_channels: int = 3
    ) -> nn.Module:
        """Build the network; the published one is ``NetworkScale(channels=16, repeats=5)``."""
        from nascast.networks.nasbench201 import NASBench201Network

        return NASBench201Network(
            self._edges(arch),
            scale.channels,
            scale.repeats,
            num_classes,
            in_channels,
            scale.stem_stride,
        )

    def _edges(self, arch: Architecture) -> list[tuple[int, int, str]]:
        return [(s, t, op) for (s, t), op in zip(EDGES, self.genotype(arch), strict=True)]


def format_genotype(genotype: Genotype) -> str:
    """Return the benchmark's string form of six edge operations."""
    nodes = []
    for node in range(1, OUTPUT_NODE + 1):
        incoming = [
            f"{op}~{source}"
            for (source, target), op in zip(EDGES, genotype, strict=True)
            if target == node
        ]
        nodes.append(f"|{'|'.join(incoming)}|")
    return "+".join(nodes)


def _parse_genotype(spec: str) -> Genotype:
    nodes = spec.split("+")
    if len(nodes) != OUTPUT_NODE:
        raise ValueError(
            f"NAS-Bench-201 spec {spec!r} has {len(nodes)} nodes joined by '+', expected 3"
        )
    genotype: list[str] = []
    for number, node in enumerate(nodes, start=1):
        if len(node) < 2 or node[0] != "|" or node[-1] != "|":
            raise ValueError(f"node {number} of spec {spec!r} must stand between bars: {node!r}")
        tokens = node[1:-1].split("|")
        if len(tokens) != number:
            raise ValueError(
                f"node {number} of spec {spec!r} has {len(tokens)} incoming edges, "
                f"expected {number}"
            )
        for source, token in enumerate(tokens):
            match = _TOKEN.fullmatch(token)
            if match is None or match[2] != str(source):
                raise ValueError(
                    f"edge {source}->{number} of spec {spec!r} reads {token!r}, "
                    f"expected 'operation~{source}'"
                )
            if match[1] not in OPERATIONS:
                raise ValueError(
                    f"unknown operation {match[1]!r} on edge {source}->{number} of spec {spec!r}; "
                    f"choose one of {', '.join(OPERATIONS)}"
                )
            genotype.append(match[1])
    return tuple(genotype)


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


def _canonical_form(genotype: Genotype) -> str:
    """Return the form that isomorphic cells share: NATS-Bench's unique string (6,466 of them).

    Every node is the sorted sum of its incoming terms; a skip stands for its source, ``#`` for
    ``none`` and for any operation on a node that is just ``#``.
    """
    nodes = ["0"]
    for node in range(1, OUTPUT_NODE + 1):
        terms: list[str] = []
        for (source, target), op in zip(EDGES, genotype, strict=True):
            if target != node:
                continue
            if op == "none" or nodes[source] == "#":
                terms.append("#")
            elif op == "skip_connect":
                terms.append(nodes[source])
            else:
                terms.append(f"({nodes[source]})@{op}")
        nodes.append("+".join(sorted(terms)))
    return nodes[OUTPUT_NODE]
