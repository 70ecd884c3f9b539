"""Pairs and triplets of descriptions, and the similarity that each pair should have.

Source: SNAP, appendix F: descriptions of one operator 1.0, of two operators of one functional
category 0.7, of two categories 0.0. How many of each the paper does not say: here a third each, and
within each kind all categories alike, so that torch's many losses and activations do not outweigh
its few convolutions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from nascast.text.corpus import Text
from nascast.text.errors import TextError

SAME: Final = 1.0
RELATED: Final = 0.7
UNRELATED: Final = 0.0
TARGETS: Final = (SAME, RELATED, UNRELATED)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two descriptions and the cosine similarity that they should have."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Triplet:
    """A description, another one of its operator, and one of another category."""

    anchor: str
    positive: str
    negative: str


class Sampler:
    """Draws pairs and triplets of a set of descriptions.

    Args:
        texts: descriptions; their order does not matter.

    Raises:
        TextError: no operator has two descriptions, no category two operators, or there is only
            one category.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self._texts: dict[str, dict[str, list[str]]] = {}
        for text in sorted(texts, key=lambda text: (text.category, text.operator, text.text)):
            operators = self._texts.setdefault(text.category, {})
            operators.setdefault(text.operator, []).append(text.text)
        self._several = {
            category: several
            for category, operators in self._texts.items()
            if (several := [name for name, found in operators.items() if len(found) > 1])
        }
        self._mixed = [name for name, operators in self._texts.items() if len(operators) > 1]
        if not self._several or not self._mixed or len(self._texts) < 2:
            raise TextError(
                "pairs need an operator with two descriptions, a category with two operators and "
                f"two categories; there are {len(texts)} descriptions of {sorted(self._texts)}"
            )

    def pairs(self, count: int, rng: np.random.Generator) -> list[Pair]:
        """Return ``count`` pairs: the kinds in turn, so that every batch has all of them."""
        draws = {SAME: self._same, RELATED: self._related, UNRELATED: self._unrelated}
        kinds = [TARGETS[number % len(TARGETS)] for number in range(count)]
        return [Pair(*draws[kind](rng), kind) for kind in kinds]

    def triplets(self, count: int, rng: np.random.Generator) -> list[Triplet]:
        """Return ``count`` triplets."""
        found = []
        for _ in range(count):
            category, (anchor, positive) = self._same_in(rng)
            others = [name for name in self._texts if name != category]
            found.append(Triplet(anchor, positive, self._text_of(_one(others, rng), rng)))
        return found

    def _same(self, rng: np.random.Generator) -> tuple[str, str]:
        return self._same_in(rng)[1]

    def _same_in(self, rng: np.random.Generator) -> tuple[str, tuple[str, str]]:
        category = _one(list(self._several), rng)
        return category, _two(self._texts[category][_one(self._several[category], rng)], rng)

    def _related(self, rng: np.random.Generator) -> tuple[str, str]:
        operators = self._texts[_one(self._mixed, rng)]
        first, second = _two(list(operators), rng)
        return _one(operators[first], rng), _one(operators[second], rng)

    def _unrelated(self, rng: np.random.Generator) -> tuple[str, str]:
        first, second = _two(list(self._texts), rng)
        return self._text_of(first, rng), self._text_of(second, rng)

    def _text_of(self, category: str, rng: np.random.Generator) -> str:
        operators: Mapping[str, list[str]] = self._texts[category]
        return _one(operators[_one(list(operators), rng)], rng)


def held_out_pairs(texts: Sequence[Text]) -> dict[float, list[tuple[str, str]]]:
    """Return pairs that tell how operators fare which fine-tuning has never seen, by similarity.

    Names are compared, not documentation, whose recurring phrases make all classes look alike.

    Returns:
        ``SAME``: a held-out operator's name with each of its other descriptions; ``RELATED``: with
        the name of each other operator of its category; ``UNRELATED``: with the name of each
        operator of another category. Pairs of two held-out operators stand there once.
    """
    names = {text.operator: text for text in reversed(texts) if text.kind == "name"}
    found: dict[float, list[tuple[str, str]]] = {kind: [] for kind in TARGETS}
    for text in texts:
        if text.is_held_out and text.kind != "name":
            found[SAME].append((names[text.operator].text, text.text))
    for first, second in combinations(names.values(), 2):
        if first.is_held_out or second.is_held_out:
            kind = RELATED if first.category == second.category else UNRELATED
            found[kind].append((first.text, second.text))
    return found


def _one(values: Sequence[str], rng: np.random.Generator) -> str:
    return values[int(rng.integers(len(values)))]


def _two(values: Sequence[str], rng: np.random.Generator) -> tuple[str, str]:
    first, second = rng.choice(len(values), size=2, replace=False)
    return values[int(first)], values[int(second)]
