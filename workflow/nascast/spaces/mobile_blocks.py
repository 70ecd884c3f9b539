"""Spaces of mobile networks: stages of inverted residuals, each with its own kernel and expansion.

Source: Cai et al. 2020, "Once-for-All", section 3.2. A spec lists the blocks that a network has,
stage by stage: kernels, expansion ratios, blocks in each stage and the resolution, for example
``ks=3,5,7,3,3,5,7,7,3,5;e=3,4,6,6,3,3,4,4,6,3;d=2,2,2,2,2;r=192`` for five stages of two blocks.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain as flatten
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from nascast.networks.mobile_blocks import inverted_residual
from nascast.networks.widths import Widths
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.choices import draw, one_step, replaced, split_stages, stage_steps
from nascast.spaces.elastic import NEXT_STAGE, ElasticSpace, chain
from nascast.spaces.fields import check_length, format_fields, read_choices, read_fields

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

KERNELS = (3, 5, 7)
EXPANSIONS = (3, 4, 6)
# Channels of a gate's input for each of its hidden layer.
_SQUEEZE = 4


class Block(NamedTuple):
    """One searched block: side of its depthwise kernel, and hidden channels an input channel."""

    kernel: int
    expansion: int

    @property
    def name(self) -> str:
        """Name of the operation, e.g. ``mbconv-e3-k5``."""
        return f"mbconv-e{self.expansion}-k{self.kernel}"


BLOCKS = tuple(Block(kernel, expansion) for expansion in EXPANSIONS for kernel in KERNELS)


class Stage(NamedTuple):
    """What is not searched in a stage.

    Attributes:
        width: channels of its blocks in the published network.
        stride: of its first block.
        activation: inside its blocks.
        gated: whether its blocks have squeeze-and-excite.
        depths: how many blocks it may have, ascending, one apart.
    """

    width: int
    stride: int
    activation: str
    gated: bool = False
    depths: tuple[int, ...] = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Genotype:
    """The choices of one network: the blocks of every stage and the side of the images."""

    stages: tuple[tuple[Block, ...], ...]
    resolution: int


class MobileSpace(ElasticSpace):
    """Base of ProxylessNAS and MobileNetV3 as once-for-all families.

    Attributes:
        stages: what is fixed in each searched stage.
        first_stage: the one block between stem and searched stages, without expansion.
        stem_activation: behind the first convolution.
        eps: of the batch norms.
    """

    operations: tuple[str, ...] = (*(block.name for block in BLOCKS), NEXT_STAGE)
    published_image_size: int = 224
    stages: tuple[Stage, ...]
    first_stage: Stage
    stem_activation: str
    eps: float

    @property
    def size(self) -> int:
        """Number of architectures, resolutions included."""
        ways: list[int] = [
            sum(len(BLOCKS) ** depth for depth in stage.depths) for stage in self.stages
        ]
        return prod(ways) * len(self.resolutions)

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw every depth, kernel, expansion ratio and the resolution uniformly."""
        stages = tuple(
            tuple(draw(BLOCKS, rng) for _ in range(draw(stage.depths, rng)))
            for stage in self.stages
        )
        return self.from_genotype(Genotype(stages, draw(self.resolutions, rng)))

    def parse(self, spec: str) -> Architecture:
        """Read a spec.

        Raises:
            ValueError: names the field and the entry that is wrong and what was expected there.
        """
        return self.from_genotype(self._read(spec))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with these choices.

        Raises:
            ValueError: names the field and the entry that is none of the space's choices.
        """
        blocks = tuple(flatten.from_iterable(genotype.stages))
        spec = format_fields(
            ks=[block.kernel for block in blocks],
            e=[block.expansion for block in blocks],
            d=[len(stage) for stage in genotype.stages],
            r=[genotype.resolution],
        )
        self._read(spec)
        return Architecture(self.name, spec, spec)

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the choices of an architecture."""
        check_space(self, arch)
        return self._read(arch.spec)

    def resolution(self, arch: Architecture) -> int:
        """Return the searched side, one of ``resolutions``."""
        return self.genotype(arch).resolution

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield what differs in one kernel or expansion ratio, or by a step in depth or resolution.

        A stage that grows gets any block as its last.
        """
        genotype = self.genotype(arch)
        for stages in self._neighbouring_stages(genotype.stages):
            yield self.from_genotype(Genotype(stages, genotype.resolution))
        for resolution in one_step(self.resolutions, genotype.resolution):
            yield self.from_genotype(Genotype(genotype.stages, resolution))

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the searched blocks as a chain, ``next-stage`` between the stages."""
        return chain([[block.name for block in stage] for stage in self.genotype(arch).stages])

    @abstractmethod
    def head(self, plan: Plan, features: int, widths: Widths) -> int:
        """Append what stands between the last stage and the global pool."""

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append stem, first block, searched stages and head; ``scale.repeats`` has no meaning."""
        widths = Widths(scale.channels, self.published.channels)
        stem = widths.scale(self.published.channels)
        x = plan.conv_bn(images, stem, 3, scale.stem_stride, self.stem_activation, eps=self.eps)
        first = self.first_stage
        x = inverted_residual(
            plan, x, widths.scale(first.width), 3, first.stride,
            activation=first.activation, eps=self.eps,
        )  # fmt: skip
        for stage, blocks in zip(self.stages, self.genotype(arch).stages, strict=True):
            for position, block in enumerate(blocks):
                x = self._block(plan, x, block, stage, stage.stride if not position else 1, widths)
        return self.head(plan, x, widths)

    def _block(
        self, plan: Plan, x: int, block: Block, stage: Stage, stride: int, widths: Widths
    ) -> int:
        hidden = widths.round(plan.channels(x) * block.expansion)
        return inverted_residual(
            plan, x, widths.scale(stage.width), block.kernel, stride,
            hidden=hidden,
            squeezed=widths.round(hidden // _SQUEEZE) if stage.gated else None,
            activation=stage.activation,
            eps=self.eps,
        )  # fmt: skip

    def _neighbouring_stages(
        self, stages: tuple[tuple[Block, ...], ...]
    ) -> Iterator[tuple[tuple[Block, ...], ...]]:
        for number, blocks in enumerate(stages):
            for position, block in enumerate(blocks):
                # Exactly one of the two differs.
                for other in BLOCKS:
                    if (other.kernel == block.kernel) != (other.expansion == block.expansion):
                        yield replaced(stages, number, replaced(blocks, position, other))
            yield from stage_steps(stages, number, self.stages[number].depths, BLOCKS)

    def _read(self, spec: str) -> Genotype:
        kernels, expansions, depths, resolution = read_fields(spec, ("ks", "e", "d", "r"))
        check_length("d", depths, len(self.stages), "stages")
        counts = tuple(
            read_choices("d", [depth], stage.depths, position)[0]
            for position, (depth, stage) in enumerate(zip(depths, self.stages, strict=True), 1)
        )
        check_length("ks", kernels, sum(counts), "blocks that 'd' counts")
        check_length("e", expansions, sum(counts), "blocks that 'd' counts")
        check_length("r", resolution, 1, "network")
        pairs = zip(
            read_choices("ks", kernels, KERNELS), read_choices("e", expansions, EXPANSIONS),
            strict=True,
        )  # fmt: skip
        blocks = [Block(kernel, expansion) for kernel, expansion in pairs]
        return Genotype(
            split_stages(blocks, counts), read_choices("r", resolution, self.resolutions)[0]
        )
