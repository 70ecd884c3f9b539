"""Chains of operators: what the blocks of Two-Path and the paths of Inception are made of.

Source: Mills et al. 2023 (GENNAPE), supplementary "Introduced Neural Network Benchmarks"; the
probabilities are those of the released generators.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nascast.spaces.base import Architecture

if TYPE_CHECKING:
    import numpy as np

Chain = tuple[str, ...]
SEPARATOR = "+"


@dataclass(frozen=True, slots=True)
class ChainRule:
    """Which chains exist: at least one convolution and at most one supplementary operator.

    Attributes:
        convolutions: operators with a kernel larger than 1; the first of a chain strides.
        supplements: 1 x 1 convolutions and pools.
    """

    convolutions: Chain
    supplements: Chain

    @property
    def operations(self) -> Chain:
        """Every operator, convolutions first."""
        return self.convolutions + self.supplements

    def sample(self, length: int, rng: np.random.Generator) -> Chain:
        """Draw a chain of a given length.

        One operator is a convolution. Each further one is supplementary with the share that these
        have among all operators, unless the chain has one already. Then the order is shuffled.
        """
        share = len(self.supplements) / len(self.operations)
        kinds = [self.convolutions]
        for _ in range(length - 1):
            supplements = rng.random() < share and self.supplements not in kinds
            kinds.append(self.supplements if supplements else self.convolutions)
        chain = [kind[int(rng.integers(len(kind)))] for kind in kinds]
        return tuple(chain[i] for i in rng.permutation(length))

    def is_valid(self, chain: Chain) -> bool:
        """Return whether a chain of known operators keeps the rule."""
        supplements = sum(op in self.supplements for op in chain)
        return supplements <= 1 and supplements < len(chain)

    def check(self, chain: Chain, where: str) -> None:
        """Raise ValueError, naming the place, on an unknown operator or a broken rule."""
        for op in chain:
            if op not in self.operations:
                raise ValueError(
                    f"unknown operation {op!r} in {where}; "
                    f"choose one of {', '.join(self.operations)}"
                )
        if not self.is_valid(chain):
            raise ValueError(
                f"{where} has the operations {SEPARATOR.join(chain)}; it needs at least one "
                f"convolution ({', '.join(self.convolutions)}) and at most one other operation"
            )

    def first_convolution(self, chain: Chain) -> int:
        """Return the position of the operator that strides."""
        return next(i for i, op in enumerate(chain) if op in self.convolutions)

    def changes(self, chain: Chain, shortest: int, longest: int) -> Iterator[Chain]:
        """Yield the valid chains with one operator replaced, added or removed; some come twice."""
        for candidate in self._candidates(chain):
            if shortest <= len(candidate) <= longest and self.is_valid(candidate):
                yield candidate

    def _candidates(self, chain: Chain) -> Iterator[Chain]:
        for i in range(len(chain)):
            yield chain[:i] + chain[i + 1 :]
            yield from (
                (*chain[:i], op, *chain[i + 1 :]) for op in self.operations if op != chain[i]
            )
        for i in range(len(chain) + 1):
            yield from ((*chain[:i], op, *chain[i:]) for op in self.operations)


def each_once(candidates: Iterable[Architecture], arch: Architecture) -> Iterator[Architecture]:
    """Yield each candidate once, without those that are isomorphic to ``arch``."""
    for candidate in dict.fromkeys(candidates):
        if candidate.canonical_id != arch.canonical_id:
            yield candidate
