"""Regularised evolution: the best of a few mutates, the oldest of all dies.

Source: Real et al. 2019, "Regularized Evolution for Image Classifier Architecture Search",
Algorithm 1.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.search.base import Algorithm, train_first
from nascast.search.problem import SearchProblem
from nascast.search.trainings import Trainings
from nascast.seeds import derive_seed

# Mutations in a row after which a network that was not trained yet is drawn from all.
_PATIENCE = 100


@dataclass(frozen=True)
class RegularisedEvolution(Algorithm):
    """Evolution with ageing. A child that was trained before mutates on until it is a new one.

    Attributes:
        population: networks that live, the last ones trained.
        sample: how many of them are drawn, with replacement, to find a parent: the best of them.
    """

    population: int = 30
    sample: int = 10

    name: ClassVar[str] = "regularised evolution"
    guided: ClassVar[bool] = False
    reference: ClassVar[str] = "Real et al. 2019, Regularized Evolution for Image Classifiers"

    def run(self, problem: SearchProblem, trainings: Trainings, seed: int) -> None:
        """Train a random population, then one child after the other."""
        rng = np.random.default_rng(derive_seed("search", self.name, seed))
        first = train_first(problem, trainings, self.population, seed)
        living = deque(first, maxlen=self.population)
        while trainings.left:
            drawn = [living[i] for i in rng.integers(len(living), size=self.sample)]
            parent = max(drawn, key=lambda name: trainings.revealed[name])
            child = _child(problem, trainings, parent, rng)
            trainings.train(child)
            living.append(child)


def _child(
    problem: SearchProblem, trainings: Trainings, parent: str, rng: np.random.Generator
) -> str:
    child = parent
    for _ in range(_PATIENCE):
        child = problem.mutate(child, rng)
        if child not in trainings:
            return child
    others = [name for name in problem.names if name not in trainings]
    return others[int(rng.integers(len(others)))]
