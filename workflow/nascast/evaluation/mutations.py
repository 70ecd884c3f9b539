"""Test and training networks that are close to each other, as late in a search.

Source: White et al. 2021, whose second protocol draws ten networks at random, keeps the best five,
mutates those one to three times for the test set, and mutates the test networks once for the
training set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from nascast.evaluation.grid import Draw
from nascast.seeds import derive_seed

DRAWN, KEPT, MOST_MUTATIONS = 10, 5, 3
# Mutations in a row that bring nothing new before the neighbourhood counts as exhausted.
_PATIENCE = 5_000

Neighbours = Callable[[str], Sequence[str]]


def draw_by_mutation(
    labels: Mapping[str, float], neighbours: Neighbours, test: int, train: int, seed: int
) -> Draw:
    """Draw test and training networks around the best of a few random ones.

    Args:
        labels: label of every network that may be drawn by ``arch_id``, higher is better; only
            those of the ten first ones are looked at.
        neighbours: returns what one mutation may make of a network; what has no label is left out.
        test: size of the test set.
        train: size of the training set, disjoint from it.
        seed: decides everything.

    Raises:
        ValueError: the neighbourhood has too few networks.
    """
    rng = np.random.default_rng(derive_seed("mutations", seed))
    names = sorted(labels)
    first = [names[i] for i in rng.choice(len(names), min(DRAWN, len(names)), replace=False)]
    parents = sorted(first, key=lambda name: -labels[name])[:KEPT]

    def mutated(name: str) -> str:
        near = [other for other in neighbours(name) if other in labels]
        return near[int(rng.integers(len(near)))] if near else name

    def collect(parents: Sequence[str], count: int, most: int, taken: set[str]) -> list[str]:
        found: list[str] = []
        in_vain = 0
        while len(found) < count:
            name = parents[int(rng.integers(len(parents)))]
            for _ in range(int(rng.integers(1, most + 1))):
                name = mutated(name)
            in_vain = in_vain + 1 if name in taken else 0
            if in_vain > _PATIENCE:
                raise ValueError(
                    f"only {len(found)} of {count} labelled networks lie so close to the best; ask "
                    "for fewer networks"
                )
            if name not in taken:
                taken.add(name)
                found.append(name)
        return found

    tested = collect(parents, test, MOST_MUTATIONS, set())
    return Draw(tuple(tested), tuple(collect(tested, train, 1, set(tested))))
