"""TransNAS-Bench-101, cell-level search space: four operations on the six edges of a cell.

Source: Duan et al. 2021, "TransNAS-Bench-101: Improving Transferability and Generalizability of
Cross-Task Neural Architecture Search", section 3.2. A spec is the benchmark's own string, for
example ``64-41414-1_02_333``: base channels, the five modules, then the operations on the edges
into node 1, node 2 and node 3 as digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from nascast.networks.transnas import plan_cell, plan_skeleton
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.four_node_cells import EDGES, OUTPUT_NODE, FourNodeCells, Genotype

if TYPE_CHECKING:
    from nascast.networks.plan import Plan

# In the order of the benchmark's digits.
OPERATIONS = ("none", "skip_connect", "conv1x1", "conv3x3")
MODULES = "41414"
_PREFIX = f"64-{MODULES}-"


class TransNASMicro(FourNodeCells):
    """The micro space of TransNAS-Bench-101: 4,096 cells, 1,376 of them not isomorphic.

    Three of the five modules double the channels and halve the resolution in their first cell.
    There, a skip from the cell's input is a factorised reduction.
    """

    name: str = "transnas_micro"
    operations: tuple[str, ...] = OPERATIONS
    convolutions: tuple[str, ...] = ("conv1x1", "conv3x3")
    size: int = len(OPERATIONS) ** len(EDGES)
    published: NetworkScale = NetworkScale(channels=64, repeats=2, stem_stride=2)
    published_image_size: int = 256

    def read(self, spec: str) -> Genotype:
        """Return the operations that the benchmark's string names.

        Raises:
            ValueError: names the part or the node that is wrong and what was expected there.
        """
        if not spec.startswith(_PREFIX):
            raise ValueError(
                f"TransNAS micro spec {spec!r} must begin with {_PREFIX!r}: base channels, modules"
            )
        nodes = spec.removeprefix(_PREFIX).split("_")
        if len(nodes) != OUTPUT_NODE:
            raise ValueError(
                f"TransNAS micro spec {spec!r} has {len(nodes)} nodes joined by '_', expected 3"
            )
        for number, digits in enumerate(nodes, start=1):
            if not re.fullmatch(f"[0-3]{{{number}}}", digits):
                raise ValueError(
                    f"node {number} of TransNAS micro spec {spec!r} reads {digits!r}, expected "
                    f"{number} of the digits 0 to 3: {', '.join(OPERATIONS)}"
                )
        return tuple(OPERATIONS[int(digit)] for digits in nodes for digit in digits)

    def write(self, genotype: Genotype) -> str:
        """Return the benchmark's string of six edge operations."""
        digits = "".join(str(OPERATIONS.index(operation)) for operation in genotype)
        return f"{_PREFIX}{digits[0]}_{digits[1:3]}_{digits[3:]}"

    def canonical_form(self, genotype: Genotype) -> str:
        """Return the output as an expression, and every live operation as one.

        ``none`` and what is computed from an empty node are left out, and a skip stands for its
        source, except from the cell's input, where it may change the shape. The list of operations
        tells one whose result is used twice from two alike.
        """
        nodes: list[tuple[int, ...]] = [()]
        names: dict[int, str] = {}
        needs: dict[int, set[int]] = {}
        for target in range(1, OUTPUT_NODE + 1):
            terms: list[int] = []
            for edge, (source, end) in enumerate(EDGES):
                operation = genotype[edge]
                if end != target or operation == "none":
                    continue
                read = nodes[source]
                if source and operation == "skip_connect":
                    terms.extend(read)
                elif read or not source:
                    names[edge] = f"{operation}({_sum(names, read) or 'input'})"
                    needs[edge] = {edge}.union(*(needs[other] for other in read))
                    terms.append(edge)
            nodes.append(tuple(terms))
        output = nodes[OUTPUT_NODE]
        live = set[int]().union(*(needs[edge] for edge in output))
        return f"{_sum(names, output) or 'nothing'} of {_sum(names, live)}"

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append stem and modules; ``stem_stride`` is that of both convolutions of the stem."""
        block = partial(plan_cell, edges=self.edges(arch))
        return plan_skeleton(
            plan, images, MODULES, block, scale.channels, scale.repeats, scale.stem_stride
        )


def _sum(names: dict[int, str], edges: Iterable[int]) -> str:
    return "+".join(sorted(names[edge] for edge in edges))
