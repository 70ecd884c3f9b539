"""Inception: four stages of a repeated block, each block one to four parallel chains of operators.

Source: Mills et al. 2023 (GENNAPE), "Introduced NAS Benchmark Families" and supplementary
"Introduced Neural Network Benchmarks". Where the paper and its released generator disagree, the
generator is followed: see :data:`RELEASED` and :data:`PAPER`.

A spec lists the stages joined by ``/``. A stage is the number of its blocks, ``*`` and the paths of
the block joined by ``|``. A path is its operators joined by ``+``, ``:`` and its channels in the
published network, those inside the path in front if they differ. Two stages, for example:
``2*conv3x3:32/3*conv3x3+maxpool3x3:32|depthwise5x5+conv1x1:16>32``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nascast.networks.gennape_blocks import OPERATORS, Style
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.gennape import each_once
from nascast.spaces.inception_blocks import (
    RULE,
    Block,
    Path,
    block_changes,
    changing,
    check_block,
    read_path,
    sample_block,
)
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

STYLE = Style(momentum=0.01, bias=True, strides_by_axis=True)
STEM_CHANNELS = 32
# Channels of the last convolution, in widths of the stem: 512 of 32.
HEAD_WIDTH = 16
FEWEST_BLOCKS = 2
_STAGE = re.compile(r"([1-9][0-9]?)\*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """The stages of a network.

    Attributes:
        reduces: for each stage whether its first block halves the image and doubles the channels.
        most_blocks: how often a block is repeated at most; at least twice.
    """

    reduces: tuple[bool, ...]
    most_blocks: int

    def channels(self, stage: int) -> int:
        """Return the channels of a stage of the published network."""
        doublings: int = sum(self.reduces[: stage + 1])
        return STEM_CHANNELS << doublings


RELEASED = Layout(reduces=(False, True, True, True), most_blocks=6)
PAPER = Layout(reduces=(True, True, True), most_blocks=4)


@dataclass(frozen=True, slots=True)
class Stage:
    """How often a block is repeated, and the block."""

    repeats: int
    block: Block

    def __str__(self) -> str:
        return f"{self.repeats}*{'|'.join(map(str, self.block))}"


Genotype = tuple[Stage, ...]


class Inception(PlannedSpace):
    """The networks of Inception; ``NetworkScale.repeats`` multiplies nothing, depth is searched.

    Args:
        layout: the stages; those of the released generator unless given.
    """

    name = "inception"
    published = NetworkScale(channels=STEM_CHANNELS, repeats=1)
    published_image_size = 32

    def __init__(self, layout: Layout = RELEASED) -> None:
        self.layout = layout
        self.operations = RULE.operations + tuple(map(_repeated, self._depths()))

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw every stage independently: uniformly how often its block is repeated, its block."""
        stages = []
        for number in range(len(self.layout.reduces)):
            repeats = int(rng.integers(FEWEST_BLOCKS, self.layout.most_blocks + 1))
            stages.append(Stage(repeats, sample_block(self.layout.channels(number), rng)))
        return self.from_genotype(tuple(stages))

    def parse(self, spec: str) -> Architecture:
        """Read the form that the module describes.

        Raises:
            ValueError: names the stage and path that is wrong and what was expected there.
        """
        return self.from_genotype(_read(spec))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with the given stages; ValueError as for a spec."""
        spec = "/".join(map(str, genotype))
        self._check(genotype, f"Inception spec {spec!r}")
        sorted_paths = [Stage(s.repeats, tuple(sorted(s.block, key=str))) for s in genotype]
        return Architecture(self.name, spec, "/".join(map(str, sorted_paths)))

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the stages."""
        check_space(self, arch)
        return _read(arch.spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield every network with one change that is not isomorphic to ``arch``.

        A change repeats the block of one stage another number of times, or is one of
        :func:`nascast.spaces.inception_blocks.block_changes`.
        """
        genotype = self.genotype(arch)
        genotypes = (
            (*genotype[:number], changed, *genotype[number + 1 :])
            for number, stage in enumerate(genotype)
            for changed in self._stage_changes(stage, self.layout.channels(number))
        )
        return each_once(map(self.from_genotype, genotypes), arch)

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the block of every stage once, its paths side by side.

        Behind the paths of a stage stands a node that says how often the block is repeated.
        Channels and residual connections are not in the graph.
        """
        operations, edges, end = ["input"], [], 0
        for stage in self.genotype(arch):
            ends = []
            for path in stage.block:
                source = end
                for op in path.operations:
                    edges.append((source, len(operations)))
                    source = len(operations)
                    operations.append(op)
                ends.append(source)
            end = len(operations)
            edges += [(source, end) for source in ends]
            operations.append(_repeated(stage.repeats))
        edges.append((end, len(operations)))
        return CellGraph((*operations, "output"), tuple(sorted(edges)))

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append the stem, the stages and the last convolution.

        Raises:
            ValueError: the scale's channels are not even or fewer than 4, so that paths cannot
                share them.
        """
        # The narrowest path has half of the stem's channels, and half of them in inception_p.
        if scale.channels % 2 or scale.channels < 4:
            raise ValueError(
                f"Inception needs an even number of channels, at least 4, got {scale.channels}; "
                "choose another NetworkScale.channels"
            )
        x = STYLE.conv_bn(plan, images, scale.channels, 3, scale.stem_stride)
        for number, stage in enumerate(self.genotype(arch)):
            channels = _scaled(self.layout.channels(number), scale)
            for repeat in range(stage.repeats):
                stride = 2 if self.layout.reduces[number] and repeat == 0 else 1
                x = _append_block(plan, x, stage.block, channels, stride, scale)
        return STYLE.conv_bn(plan, x, HEAD_WIDTH * scale.channels, 3)

    def _depths(self) -> range:
        return range(FEWEST_BLOCKS, self.layout.most_blocks + 1)

    def _stage_changes(self, stage: Stage, channels: int) -> Iterator[Stage]:
        yield from (Stage(n, stage.block) for n in self._depths() if n != stage.repeats)
        yield from (Stage(stage.repeats, block) for block in block_changes(stage.block, channels))

    def _check(self, genotype: Genotype, spec: str) -> None:
        expected = len(self.layout.reduces)
        if len(genotype) != expected:
            raise ValueError(
                f"{spec} has {len(genotype)} stages joined by '/', expected {expected}"
            )
        for number, stage in enumerate(genotype):
            where = f"stage {number + 1} of {spec}"
            if stage.repeats not in self._depths():
                raise ValueError(
                    f"{where} has {stage.repeats} blocks, expected {FEWEST_BLOCKS} to "
                    f"{self.layout.most_blocks}"
                )
            check_block(stage.block, self.layout.channels(number), where)


def _repeated(times: int) -> str:
    return f"repeat{times}"


def _read(spec: str) -> Genotype:
    stages = []
    for number, text in enumerate(spec.split("/"), start=1):
        where = f"stage {number} of Inception spec {spec!r}"
        match = _STAGE.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{where} reads {text!r}, expected the number of its blocks, '*' and their paths"
            )
        paths = enumerate(match[2].split("|"), start=1)
        block = tuple(read_path(path, f"path {i} of {where}") for i, path in paths)
        stages.append(Stage(int(match[1]), block))
    return tuple(stages)


def _scaled(channels: int, scale: NetworkScale) -> int:
    """Return published channels at a scale; an even scale divides all of them exactly."""
    return channels * scale.channels // STEM_CHANNELS


def _append_block(
    plan: Plan, x: int, block: Block, channels: int, stride: int, scale: NetworkScale
) -> int:
    ends = [_append_path(plan, x, path, stride, scale) for path in block]
    end = plan.concat(*ends)
    if plan.channels(end) != channels:
        end = STYLE.conv_bn(plan, end, channels, 1, activation=None)
    return plan.add(end, x) if stride == 1 and plan.channels(x) == channels else end


def _append_path(plan: Plan, x: int, path: Path, stride: int, scale: NetworkScale) -> int:
    first, last = changing(path.operations)
    strided = RULE.first_convolution(path.operations)
    for i, op in enumerate(path.operations):
        width = plan.channels(x)
        if i == first:
            width = _scaled(path.inner, scale)
        elif i == last:
            width = _scaled(path.outer, scale)
        x = OPERATORS[op](plan, STYLE, x, width, stride if i == strided else 1)
    return x
