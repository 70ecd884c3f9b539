"""What a search is given: which networks there are, which lie beside each other, how they look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nascast.predictors.base import Observations
from nascast.seeds import derive_seed

Neighbours = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class SearchProblem:
    """Networks that can be trained, without their labels.

    Attributes:
        names: ``arch_id`` of every network, sorted, none twice.
        neighbours: returns the networks that one mutation may make of a network, all of them among
            ``names``; it may be none.
        observe: returns what a predictor may look at of some networks, in their order, unlabelled.
    """

    names: tuple[str, ...]
    neighbours: Neighbours
    observe: Callable[[Sequence[str]], Observations]

    def __post_init__(self) -> None:
        if list(self.names) != sorted(set(self.names)):
            raise ValueError("the names of a search problem must be sorted, and none stand twice")

    def in_random_order(self, seed: int) -> list[str]:
        """Return all networks, ordered by a hash of their identity.

        What is labelled beside them moves none of two networks past the other.
        """
        return sorted(self.names, key=lambda name: (derive_seed("search", seed, name), name))

    def mutate(self, name: str, rng: np.random.Generator) -> str:
        """Return a neighbour, each as likely as the others; of a network without any, itself."""
        near = self.neighbours(name)
        return near[int(rng.integers(len(near)))] if near else name
