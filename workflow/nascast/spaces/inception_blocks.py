"""The blocks of Inception: one to four parallel chains of operators that share the channels.

Source: Mills et al. 2023 (GENNAPE), supplementary "Introduced Neural Network Benchmarks"; limits
and probabilities are those of the released generator. All channels are the published network's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from nascast.spaces.gennape import SEPARATOR, Chain, ChainRule

if TYPE_CHECKING:
    import numpy as np

RULE = ChainRule(
    convolutions=(
        "conv3x3", "inception_s3x3", "inception_p3x3", "depthwise3x3",
        "conv5x5", "depthwise5x5", "inception_s5x5", "inception_p5x5",
    ),
    supplements=("conv1x1", "avgpool3x3", "maxpool3x3", "double1x1"),
)  # fmt: skip
_POOLS = ("avgpool3x3", "maxpool3x3")
FEWEST_CHANNELS = 16
MOST_PATHS = 4
# By the number of paths: operators of all paths together at most, and of each path at least.
MOST_OPERATIONS = {1: 3, 2: 4, 3: 8, 4: 10}
FEWEST_OPERATIONS = {1: 1, 2: 1, 3: 2, 4: 2}
# Inner channels are half, all or double the outer ones, with these probabilities.
INNER_PROBABILITIES = (0.3, 0.6, 0.1)
_PATH = re.compile(r"([^:]*):(?:([1-9][0-9]{0,3})>)?([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of operators with its channels.

    Attributes:
        operations: names of the operators.
        inner: channels behind the first operator that can change them.
        outer: channels behind the last one, at the end of the path.
    """

    operations: Chain
    inner: int
    outer: int

    def __str__(self) -> str:
        inner = "" if self.inner == self.outer else f"{self.inner}>"
        return f"{SEPARATOR.join(self.operations)}:{inner}{self.outer}"

    def widened(self, outer: int) -> Path:
        """Return the path with other outer channels and the inner ones in proportion."""
        return Path(self.operations, self.inner * outer // self.outer, outer)


Block = tuple[Path, ...]


def read_path(text: str, where: str) -> Path:
    """Read ``operations:outer`` or ``operations:inner>outer``, e.g. ``conv3x3+conv1x1:8>16``.

    Raises:
        ValueError: names the place and the form expected there.
    """
    match = _PATH.fullmatch(text)
    if match is None or match[2] == match[3]:
        raise ValueError(
            f"{where} reads {text!r}, expected operations joined by {SEPARATOR!r}, a colon and "
            "channels, e.g. 'conv3x3:32' or 'conv3x3+conv1x1:16>32'"
        )
    outer = int(match[3])
    return Path(tuple(match[1].split(SEPARATOR)), int(match[2] or outer), outer)


def changing(operations: Chain) -> tuple[int, int]:
    """Return the positions of the first and the last operator that can change the channels."""
    capable = [i for i, op in enumerate(operations) if op not in _POOLS]
    return capable[0], capable[-1]


def inner_widths(operations: Chain, outer: int) -> tuple[int, ...]:
    """Return the inner channels that a path may have: halved, as they are, doubled.

    Halving ends at 16 channels, so two of them may be equal. A path with a single operator that
    can change channels has only its outer ones.
    """
    first, last = changing(operations)
    return (outer,) if first == last else (max(FEWEST_CHANNELS, outer // 2), outer, 2 * outer)


def shares(paths: int, channels: int) -> tuple[int, ...]:
    """Return the outer channels of a block's paths in falling order.

    Three paths have a half and two quarters of the channels, others the same share each; none has
    less than 16.
    """
    parts = (2, 4, 4) if paths == 3 else (paths,) * paths
    return tuple(max(FEWEST_CHANNELS, channels // part) for part in parts)


def check_block(block: Block, channels: int, where: str) -> None:
    """Raise ValueError, naming the place, unless the generator can draw a block.

    Args:
        block: its paths.
        channels: channels of its stage.
        where: what it is called in messages.
    """
    if len(block) > MOST_PATHS:
        raise ValueError(
            f"{where} has {len(block)} paths joined by '|', expected 1 to {MOST_PATHS}"
        )
    for number, path in enumerate(block, start=1):
        RULE.check(path.operations, f"path {number} of {where}")
    for fault in _faults(block, channels):
        raise ValueError(f"{where} {fault}")


def _faults(block: Block, channels: int) -> Iterator[str]:
    """Yield what is wrong with a block of one to four valid chains."""
    fewest, most = FEWEST_OPERATIONS[len(block)], MOST_OPERATIONS[len(block)]
    lengths = [len(path.operations) for path in block]
    if min(lengths) < fewest or sum(lengths) > most:
        yield (
            f"has paths of {lengths} operations; with {len(block)} paths each needs at least "
            f"{fewest}, and all have at most {most} together"
        )
    outer = sorted((path.outer for path in block), reverse=True)
    expected = shares(len(block), channels)
    if tuple(outer) != expected:
        yield (
            f"has paths of {outer} channels; {len(block)} paths share {channels} channels as "
            f"{list(expected)}, in any order"
        )
    for number, path in enumerate(block, start=1):
        widths = inner_widths(path.operations, path.outer)
        if path.inner not in widths:
            yield (
                f"has {path.inner} inner channels on path {number}, expected one of "
                f"{sorted(set(widths))}"
            )


def sample_block(channels: int, rng: np.random.Generator) -> Block:
    """Draw a block of a stage with the given channels.

    The number of paths is uniform, then the number of operators of one path after the other among
    those that leave enough for the rest. Shares come in random order.
    """
    count = int(rng.integers(1, MOST_PATHS + 1))
    fewest, left = FEWEST_OPERATIONS[count], MOST_OPERATIONS[count]
    widths = rng.permutation(shares(count, channels))
    block = []
    for i, outer in enumerate(map(int, widths)):
        most = left - fewest * (count - i - 1)
        operations = RULE.sample(int(rng.integers(fewest, most + 1)), rng)
        left -= len(operations)
        inner = inner_widths(operations, outer)
        drawn = int(rng.choice(inner, p=INNER_PROBABILITIES)) if len(inner) > 1 else outer
        block.append(Path(operations, drawn, outer))
    return tuple(block)


def block_changes(block: Block, channels: int) -> Iterator[Block]:
    """Yield the blocks that differ in one decision; some come twice.

    A change replaces, adds or removes one operator, draws other inner channels of a path, lets two
    paths exchange their shares, or adds or removes a path of one repeated convolution without
    inner channels. Where shares change, inner channels stay in proportion to them.
    """
    for candidate in _candidates(block, channels):
        if not any(_faults(candidate, channels)):
            yield candidate


def _candidates(block: Block, channels: int) -> Iterator[Block]:
    for i, path in enumerate(block):
        for changed in _path_changes(path):
            yield _replaced(block, i, changed)
        for j, other in enumerate(block[:i]):
            swapped = _replaced(block, i, path.widened(other.outer))
            yield _replaced(swapped, j, other.widened(path.outer))
    if len(block) > 1:
        for i, path in enumerate(block):
            if path == _plain_path(path.operations[0], len(block)).widened(path.outer):
                yield from _shared_out(block[:i] + block[i + 1 :], channels)
    if len(block) < MOST_PATHS:
        for i in range(len(block) + 1):
            for op in RULE.convolutions:
                new = _plain_path(op, len(block) + 1)
                yield from _shared_out((*block[:i], new, *block[i:]), channels)


def _path_changes(path: Path) -> Iterator[Path]:
    length = len(path.operations)
    for chain in RULE.changes(path.operations, max(1, length - 1), length + 1):
        yield Path(chain, path.inner, path.outer)
    for inner in inner_widths(path.operations, path.outer):
        yield Path(path.operations, inner, path.outer)


def _replaced(block: Block, position: int, path: Path) -> Block:
    return (*block[:position], path, *block[position + 1 :])


def _plain_path(operation: str, paths: int) -> Path:
    """Return the shortest path of one repeated operator for a block with so many paths."""
    return Path((operation,) * FEWEST_OPERATIONS[paths], FEWEST_CHANNELS, FEWEST_CHANNELS)


def _shared_out(block: Block, channels: int) -> Iterator[Block]:
    """Yield a block with every order of its shares."""
    for widths in sorted(set(permutations(shares(len(block), channels)))):
        yield tuple(path.widened(outer) for path, outer in zip(block, widths, strict=True))
