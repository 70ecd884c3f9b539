"""NAS-Bench-201: five operations on the six edges of a four-node cell.

Source: Dong & Yang 2020, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture
Search", section 2. A spec is the benchmark's own string, for example
``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.four_node_cells import EDGES, OUTPUT_NODE, FourNodeCells, Genotype

if TYPE_CHECKING:
    from torch import nn

    from nascast.networks.counts import Size
    from nascast.networks.plan import Plan

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
_KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}
_TOKEN = re.compile(r"([a-z0-9_]+)~([0-9]+)")


class NASBench201(FourNodeCells):
    """The topology space of NAS-Bench-201: 15,625 cells, 6,466 of them not isomorphic."""

    name: str = "nasbench201"
    operations: tuple[str, ...] = OPERATIONS
    convolutions: tuple[str, ...] = tuple(_KERNELS)
    size: int = len(OPERATIONS) ** len(EDGES)
    published: NetworkScale = NetworkScale(channels=16, repeats=5)
    published_image_size: int = 32

    def read(self, spec: str) -> Genotype:
        """Return the operations that the benchmark's string form names.

        Raises:
            ValueError: names the node or edge that is wrong and what was expected there.
        """
        nodes = spec.split("+")
        if len(nodes) != OUTPUT_NODE:
            raise ValueError(
                f"NAS-Bench-201 spec {spec!r} has {len(nodes)} nodes joined by '+', expected 3"
            )
        genotype: list[str] = []
        for number, node in enumerate(nodes, start=1):
            genotype.extend(_read_node(spec, number, node))
        return tuple(genotype)

    def write(self, genotype: Genotype) -> str:
        """Return the benchmark's string form of six edge operations."""
        return format_genotype(genotype)

    def canonical_form(self, genotype: Genotype) -> str:
        """Return NATS-Bench's unique string, of which the 15,625 cells have 6,466.

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

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append the network up to the classifier; dead edges are left in."""
        from nascast.networks.nasbench201 import plan_backbone

        return plan_backbone(
            plan, images, self.edges(arch), scale.channels, scale.repeats, scale.stem_stride
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
            self.edges(arch),
            scale.channels,
            scale.repeats,
            num_classes,
            in_channels,
            scale.stem_stride,
        )


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


def _read_node(spec: str, number: int, node: str) -> list[str]:
    """Return the operations on the edges into a node, from node 0 on."""
    if len(node) < 2 or node[0] != "|" or node[-1] != "|":
        raise ValueError(f"node {number} of spec {spec!r} must stand between bars: {node!r}")
    tokens = node[1:-1].split("|")
    if len(tokens) != number:
        raise ValueError(
            f"node {number} of spec {spec!r} has {len(tokens)} incoming edges, expected {number}"
        )
    operations: list[str] = []
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
        operations.append(match[1])
    return operations
