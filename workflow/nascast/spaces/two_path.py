"""Two-Path: two branches of two to four blocks, each block a chain of one to three operators.

Source: Mills et al. 2023 (GENNAPE), "Introduced NAS Benchmark Families" and supplementary
"Introduced Neural Network Benchmarks"; probabilities and layers follow the released generator.

A spec lists the operators of a block joined by ``+``, with ``/2`` behind them where the block
halves the image and doubles the channels, the blocks of a path joined by ``,`` and the two paths
joined by ``|``, for example
``conv3x3+maxpool3x3/2,inception_s5x5,double3x3/2|conv5x5/2,bottleneck-r2-k3/2``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nascast.networks.gennape_blocks import OPERATORS, Style
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.gennape import SEPARATOR, Chain, ChainRule, each_once
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

RULE = ChainRule(
    convolutions=(
        "conv3x3", "double3x3", "conv5x5", "bottleneck-r2-k3", "bottleneck-r4-k3",
        "bottleneck-e2-k3", "inception_s3x3", "inception_s5x5",
    ),
    supplements=("conv1x1", "bottleneck-r2-k1", "bottleneck-e2-k1", "avgpool3x3", "maxpool3x3"),
)  # fmt: skip
STYLE = Style(momentum=0.1, bias=False, strides_by_axis=False)
FEWEST_BLOCKS, MOST_BLOCKS = 2, 4
MOST_OPERATIONS = 3
REDUCTIONS = 2
# Channels of the last convolution, in widths of the stem: 512 of 32.
HEAD_WIDTH = 16
_REDUCES = "/2"


@dataclass(frozen=True, slots=True)
class Block:
    """A chain of operators, and whether it halves the image and doubles the channels."""

    operations: Chain
    reduces: bool

    def __str__(self) -> str:
        return SEPARATOR.join(self.operations) + _REDUCES * self.reduces


Path = tuple[Block, ...]
Genotype = tuple[Path, ...]


class TwoPath(PlannedSpace):
    """The networks of Two-Path; ``NetworkScale.repeats`` multiplies nothing, depth is searched."""

    name = "two_path"
    operations = RULE.operations + tuple(op + _REDUCES for op in RULE.convolutions)
    published = NetworkScale(channels=32, repeats=1)
    published_image_size = 32

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw both paths independently.

        Uniform are the number of blocks (2 to 4), the two of them that reduce and the number of
        operators of each (1 to 3); for these see :meth:`ChainRule.sample`.
        """
        return self.from_genotype((_sample_path(rng), _sample_path(rng)))

    def parse(self, spec: str) -> Architecture:
        """Read the form that the module describes.

        Raises:
            ValueError: names the path and block that is wrong and what was expected there.
        """
        return self.from_genotype(_read(spec))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture with two paths of blocks; ValueError as for a spec."""
        spec = "|".join(",".join(map(str, path)) for path in genotype)
        _check(genotype, f"Two-Path spec {spec!r}")
        return Architecture(self.name, spec, "|".join(sorted(map(_canonical_form, genotype))))

    def genotype(self, arch: Architecture) -> Genotype:
        """Return the blocks of both paths."""
        check_space(self, arch)
        return _read(arch.spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield every network with one change that is not isomorphic to ``arch``.

        A change replaces, adds or removes one operator of a block, moves a reduction to another
        block of its path, or adds or removes a block of one convolution that does not reduce.
        """
        first, second = self.genotype(arch)
        genotypes = [(changed, second) for changed in _path_changes(first)]
        genotypes += [(first, changed) for changed in _path_changes(second)]
        return each_once(map(self.from_genotype, genotypes), arch)

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the operators of both paths; one that strides ends in ``/2``.

        Residual connections are edges: what a block reads also goes wherever its output goes.
        """
        operations, edges, ends = ["input"], [], []
        for path in self.genotype(arch):
            sources = [0]
            for block in path:
                strided = RULE.first_convolution(block.operations) if block.reduces else None
                incoming = sources
                for i, op in enumerate(block.operations):
                    edges += [(source, len(operations)) for source in incoming]
                    incoming = [len(operations)]
                    operations.append(op + _REDUCES * (i == strided))
                sources = incoming if block.reduces else [*sources, *incoming]
            ends += sources
        edges += [(source, len(operations)) for source in ends]
        return CellGraph((*operations, "output"), tuple(sorted(edges)))

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append two stem convolutions, both paths and a convolution over their concatenation."""
        x = STYLE.conv_bn(plan, images, scale.channels, 3, scale.stem_stride)
        x = STYLE.conv_bn(plan, x, scale.channels, 3, 2)
        ends = []
        for path in self.genotype(arch):
            end = x
            for block in path:
                end = _append_block(plan, end, block)
            ends.append(end)
        return STYLE.conv_bn(plan, plan.concat(*ends), HEAD_WIDTH * scale.channels, 3)


def _append_block(plan: Plan, x: int, block: Block) -> int:
    strided = RULE.first_convolution(block.operations)
    end = x
    for i, op in enumerate(block.operations):
        stride = 2 if block.reduces and i == strided else 1
        end = OPERATORS[op](plan, STYLE, end, stride * plan.channels(end), stride)
    return end if block.reduces else plan.add(end, x)


def _sample_path(rng: np.random.Generator) -> Path:
    length = int(rng.integers(FEWEST_BLOCKS, MOST_BLOCKS + 1))
    reducing = rng.choice(length, REDUCTIONS, replace=False)
    chains = [RULE.sample(int(rng.integers(1, MOST_OPERATIONS + 1)), rng) for _ in range(length)]
    return tuple(Block(chain, i in reducing) for i, chain in enumerate(chains))


def _read(spec: str) -> Genotype:
    return tuple(tuple(map(_read_block, path.split(","))) for path in spec.split("|"))


def _read_block(text: str) -> Block:
    operations = text.removesuffix(_REDUCES)
    return Block(tuple(operations.split(SEPARATOR)), operations != text)


def _check(genotype: Genotype, spec: str) -> None:
    if len(genotype) != 2:
        raise ValueError(f"{spec} has {len(genotype)} paths joined by '|', expected 2")
    for number, path in enumerate(genotype, start=1):
        where = f"path {number} of {spec}"
        if not FEWEST_BLOCKS <= len(path) <= MOST_BLOCKS:
            raise ValueError(
                f"{where} has {len(path)} blocks joined by ',', expected {FEWEST_BLOCKS} to "
                f"{MOST_BLOCKS}"
            )
        for i, block in enumerate(path, start=1):
            RULE.check(block.operations, f"block {i} of {where}")
            if len(block.operations) > MOST_OPERATIONS:
                raise ValueError(
                    f"block {i} of {where} has {len(block.operations)} operations, "
                    f"expected at most {MOST_OPERATIONS}"
                )
        reductions = sum(block.reduces for block in path)
        if reductions != REDUCTIONS:
            raise ValueError(
                f"{where} has {reductions} blocks that reduce ({_REDUCES!r} behind their "
                f"operations), expected {REDUCTIONS}"
            )


def _path_changes(path: Path) -> Iterator[Path]:
    for i, block in enumerate(path):
        for chain in RULE.changes(block.operations, 1, MOST_OPERATIONS):
            yield _replaced(path, i, Block(chain, block.reduces))
        for j, other in enumerate(path):
            if block.reduces and not other.reduces:
                moved = _replaced(path, i, Block(block.operations, False))
                yield _replaced(moved, j, Block(other.operations, True))
        if not block.reduces and len(block.operations) == 1 and len(path) > FEWEST_BLOCKS:
            yield path[:i] + path[i + 1 :]
    if len(path) < MOST_BLOCKS:
        for i in range(len(path) + 1):
            for op in RULE.convolutions:
                yield (*path[:i], Block((op,), False), *path[i:])


def _replaced(path: Path, position: int, block: Block) -> Path:
    return (*path[:position], block, *path[position + 1 :])


def _canonical_form(path: Path) -> str:
    """Return the form that paths share if they are the same network.

    Residual blocks stand in brackets, others without, since an operator between two strides
    belongs to either block; two 3 x 3 convolutions in a row are the same as the double one.
    """
    blocks = []
    for block in path:
        strided = RULE.first_convolution(block.operations) if block.reduces else None
        terms = []
        for i, op in enumerate(block.operations):
            if i == strided:
                terms.append(op + _REDUCES)
            else:
                terms += ["conv3x3"] * 2 if op == "double3x3" else [op]
        chain = SEPARATOR.join(terms)
        blocks.append(chain if block.reduces else f"({chain})")
    return SEPARATOR.join(blocks)
