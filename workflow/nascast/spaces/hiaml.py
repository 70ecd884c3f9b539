"""HiAML: four stages, each of one of fourteen blocks that GA-NAS found.

Source: Mills et al. 2023 (GENNAPE), "Introduced NAS Benchmark Families" and supplementary
"Introduced Neural Network Benchmarks". A spec names the block of every stage, for example
``z-a22-b23-j30``. Stages 2 and 4 halve the image and double the channels in their first block.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nascast.networks.hiaml import BLOCKS, STYLE, append_block
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

STAGES = 4
REDUCING_STAGES = (1, 3)

Genotype = tuple[str, ...]


class HiAML(PlannedSpace):
    """The 14^4 = 38,416 networks of HiAML, no two of them isomorphic."""

    name = "hiaml"
    operations = tuple(BLOCKS)
    size: int = len(BLOCKS) ** STAGES
    published = NetworkScale(channels=64, repeats=2, stem_stride=2)
    published_image_size = 32

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw the block of every stage uniformly and independently."""
        drawn = rng.integers(len(self.operations), size=STAGES)
        return self.from_genotype(tuple(self.operations[i] for i in drawn))

    def enumerate(self) -> Iterator[Architecture]:
        """Yield all 38,416 networks, the last stage varying fastest."""
        for genotype in itertools.product(self.operations, repeat=STAGES):
            yield self.from_genotype(genotype)

    def parse(self, spec: str) -> Architecture:
        """Read four names of blocks joined by hyphens.

        Raises:
            ValueError: names the stage that is wrong and the blocks that exist.
        """
        return self.from_genotype(tuple(spec.split("-")))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with one block a stage."""
        spec = "-".join(genotype)
        if len(genotype) != STAGES:
            raise ValueError(
                f"HiAML spec {spec!r} has {len(genotype)} blocks joined by '-', expected {STAGES}"
            )
        for stage, block in enumerate(genotype, start=1):
            if block not in BLOCKS:
                raise ValueError(
                    f"unknown block {block!r} in stage {stage} of HiAML spec {spec!r}; "
                    f"choose one of {', '.join(BLOCKS)}"
                )
        return Architecture(self.name, spec, spec)

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the block of every stage."""
        check_space(self, arch)
        return tuple(arch.spec.split("-"))

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield the 52 networks that differ in the block of one stage."""
        genotype = self.genotype(arch)
        for stage, current in enumerate(genotype):
            for block in self.operations:
                if block != current:
                    yield self.from_genotype((*genotype[:stage], block, *genotype[stage + 1 :]))

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the chain of the four stages, each a node named after its block."""
        operations = ("input", *self.genotype(arch), "output")
        return CellGraph(operations, tuple(itertools.pairwise(range(len(operations)))))

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append the stem and ``scale.repeats`` identical blocks a stage."""
        channels = scale.channels
        x = STYLE.conv_bn(plan, images, channels, 3, scale.stem_stride, "relu")
        for stage, block in enumerate(self.genotype(arch)):
            stride = 2 if stage in REDUCING_STAGES else 1
            channels *= stride
            for repeat in range(scale.repeats):
                x = append_block(plan, x, block, channels, 1 if repeat else stride)
        return x
