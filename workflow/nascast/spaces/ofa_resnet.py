"""ResNet-50 as a once-for-all family: depth, bottleneck ratios, widths and resolution searched.

Source: the released supernet ``ofa_resnet50`` of Cai et al. 2020, "Once-for-All"; it is the family
OFA-RN of Mills et al. 2021 and of GENNAPE. A spec has the added depths (first the stem's, 0 or 2,
then 0 to 2 blocks a stage), the expansion ratio of every block that the network has, the width
multipliers of the stem's two widths and of the stages, and the resolution. ResNet-50D itself is
``d=2,1,2,2,1;e=0.25,...,0.25;w=1.0,1.0,1.0,1.0,1.0,1.0;r=224`` with 16 ratios.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain as flatten
from math import prod
from typing import TYPE_CHECKING

from nascast.networks.resnet_d import bottleneck, deep_stem
from nascast.networks.widths import Widths, make_divisible
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.choices import draw, one_step, replaced, split_stages, stage_steps
from nascast.spaces.elastic import NEXT_STAGE, ElasticSpace, chain
from nascast.spaces.fields import check_length, format_fields, read_choices, read_fields

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

EXPANSIONS = (0.2, 0.25, 0.35)
MULTIPLIERS = (0.65, 0.8, 1.0)
ADDED_DEPTHS = (0, 1, 2)
STEM_DEPTHS = (0, 2)
BASE_DEPTHS = (2, 2, 4, 2)
STEM_WIDTH = 64
STAGE_WIDTHS = (256, 512, 1024, 2048)
STRIDES = (1, 2, 2, 2)
STEM_RESIDUAL = "stem-residual"


@dataclass(frozen=True, slots=True)
class Genotype:
    """The choices of one network.

    Attributes:
        stem_depth: 2 with the residual convolution in the stem, 0 without.
        stages: expansion ratios of the blocks of every stage.
        multipliers: of the stem's hidden and outer width and of the four stages.
        resolution: side of the images.
    """

    stem_depth: int
    stages: tuple[tuple[float, ...], ...]
    multipliers: tuple[float, ...]
    resolution: int


class OFAResNet(ElasticSpace):
    """A deep stem and four stages of 2 to 4 (the third: 4 to 6) bottlenecks."""

    name: str = "ofa_resnet"
    operations: tuple[str, ...] = (
        *(f"stem-w{multiplier}" for multiplier in MULTIPLIERS),
        STEM_RESIDUAL,
        *(f"bottleneck-e{e}-w{w}" for w in MULTIPLIERS for e in EXPANSIONS),
        NEXT_STAGE,
    )
    published: NetworkScale = NetworkScale(channels=STEM_WIDTH, repeats=1, stem_stride=2)
    published_image_size: int = 224
    resolutions: tuple[int, ...] = tuple(range(128, 225, 4))

    @property
    def size(self) -> int:
        """Number of architectures, resolutions included; two thirds are different networks."""
        ways: list[int] = [
            sum(len(EXPANSIONS) ** (base + added) for added in ADDED_DEPTHS) for base in BASE_DEPTHS
        ]
        widths = len(MULTIPLIERS) ** 6
        return prod(ways) * widths * len(STEM_DEPTHS) * len(self.resolutions)

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw every depth, expansion ratio, width multiplier and the resolution uniformly."""
        stages = tuple(
            tuple(draw(EXPANSIONS, rng) for _ in range(base + draw(ADDED_DEPTHS, rng)))
            for base in BASE_DEPTHS
        )
        multipliers = tuple(draw(MULTIPLIERS, rng) for _ in range(2 + len(BASE_DEPTHS)))
        stem_depth = draw(STEM_DEPTHS, rng)
        return self.from_genotype(
            Genotype(stem_depth, stages, multipliers, draw(self.resolutions, rng))
        )

    def parse(self, spec: str) -> Architecture:
        """Read a spec.

        Raises:
            ValueError: names the field and the entry that is wrong and what was expected there.
        """
        return self.from_genotype(_read(spec, self.resolutions))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with these choices.

        Two multipliers of the stem's hidden width round to the same 24 channels (see
        :func:`hidden_stem_width`): such architectures share their ``canonical_id``.

        Raises:
            ValueError: names the field and the entry that is none of the space's choices.
        """
        spec = _format(genotype)
        _read(spec, self.resolutions)
        first = genotype.multipliers[0]
        same = [w for w in MULTIPLIERS if hidden_stem_width(w) == hidden_stem_width(first)]
        canonical = replace(genotype, multipliers=replaced(genotype.multipliers, 0, same[0]))
        return Architecture(self.name, spec, _format(canonical))

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the choices of an architecture."""
        check_space(self, arch)
        return _read(arch.spec, self.resolutions)

    def resolution(self, arch: Architecture) -> int:
        """Return the searched side, one of ``resolutions``."""
        return self.genotype(arch).resolution

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield what differs in one expansion ratio or, by one step, in another choice.

        A stage that grows gets a block with any ratio as its last.
        """
        genotype = self.genotype(arch)
        for stages in _neighbouring_stages(genotype.stages):
            yield self.from_genotype(replace(genotype, stages=stages))
        for depth in one_step(STEM_DEPTHS, genotype.stem_depth):
            yield self.from_genotype(replace(genotype, stem_depth=depth))
        for position, multiplier in enumerate(genotype.multipliers):
            for step in one_step(MULTIPLIERS, multiplier):
                multipliers = replaced(genotype.multipliers, position, step)
                yield self.from_genotype(replace(genotype, multipliers=multipliers))
        for resolution in one_step(self.resolutions, genotype.resolution):
            yield self.from_genotype(replace(genotype, resolution=resolution))

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return stem and blocks as a chain, ``next-stage`` between the stages."""
        genotype = self.genotype(arch)
        hidden, outer, *multipliers = genotype.multipliers
        residual = [STEM_RESIDUAL] if genotype.stem_depth else []
        stem = [f"stem-w{hidden}", *residual, f"stem-w{outer}"]
        blocks = [
            [f"bottleneck-e{ratio}-w{multiplier}" for ratio in stage]
            for stage, multiplier in zip(genotype.stages, multipliers, strict=True)
        ]
        return chain([stem, *blocks])

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append stem and stages; ``scale.repeats`` has no meaning."""
        genotype = self.genotype(arch)
        widths = Widths(scale.channels, self.published.channels)
        hidden, outer, *multipliers = genotype.multipliers
        x = deep_stem(
            plan, images,
            widths.scale(hidden_stem_width(hidden)), widths.scale(_published(STEM_WIDTH, outer)),
            scale.stem_stride, residual=genotype.stem_depth > 0,
        )  # fmt: skip
        rows = zip(genotype.stages, multipliers, STAGE_WIDTHS, STRIDES, strict=True)
        for ratios, multiplier, base_width, stride in rows:
            width = widths.scale(_published(base_width, multiplier))
            for position, ratio in enumerate(ratios):
                inner = widths.round(round(width * ratio))
                x = bottleneck(plan, x, width, inner, 1 if position else stride)
        return x


def hidden_stem_width(multiplier: float) -> int:
    """Return the published channels of the stem's first convolutions: 24, 24 or 32."""
    return make_divisible(_published(STEM_WIDTH, multiplier) // 2)


def _published(width: int, multiplier: float) -> int:
    return make_divisible(width * multiplier)


def _neighbouring_stages(
    stages: tuple[tuple[float, ...], ...],
) -> Iterator[tuple[tuple[float, ...], ...]]:
    for number, ratios in enumerate(stages):
        for position, ratio in enumerate(ratios):
            for other in EXPANSIONS:
                if other != ratio:
                    yield replaced(stages, number, replaced(ratios, position, other))
        depths = [BASE_DEPTHS[number] + added for added in ADDED_DEPTHS]
        yield from stage_steps(stages, number, depths, EXPANSIONS)


def _format(genotype: Genotype) -> str:
    added = [len(stage) - base for stage, base in zip(genotype.stages, BASE_DEPTHS, strict=True)]
    return format_fields(
        d=[genotype.stem_depth, *added],
        e=list(flatten.from_iterable(genotype.stages)),
        w=genotype.multipliers,
        r=[genotype.resolution],
    )


def _read(spec: str, resolutions: tuple[int, ...]) -> Genotype:
    depths, ratios, multipliers, resolution = read_fields(spec, ("d", "e", "w", "r"))
    check_length("d", depths, 1 + len(BASE_DEPTHS), "stages, the stem among them")
    stem_depth = read_choices("d", depths[:1], STEM_DEPTHS)[0]
    added = read_choices("d", depths[1:], ADDED_DEPTHS, 2)
    counts = [base + more for base, more in zip(BASE_DEPTHS, added, strict=True)]
    check_length("e", ratios, sum(counts), "blocks that 'd' gives")
    check_length("w", multipliers, 2 + len(BASE_DEPTHS), "widths")
    check_length("r", resolution, 1, "network")
    return Genotype(
        stem_depth,
        split_stages(read_choices("e", ratios, EXPANSIONS), counts),
        read_choices("w", multipliers, MULTIPLIERS),
        read_choices("r", resolution, resolutions)[0],
    )
