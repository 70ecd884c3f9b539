"""Networks that a predictor chooses among: mutations of the best ones that were trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nascast.search.problem import SearchProblem
from nascast.search.trainings import Trainings


@dataclass(frozen=True)
class Mutants:
    """How candidates are drawn.

    Attributes:
        count: mutations that are drawn; those that were drawn or trained before are dropped.
        parents: how many of the best trained networks mutate, equally often and once each time.
    """

    count: int = 200
    parents: int = 5

    def draw(
        self, problem: SearchProblem, trainings: Trainings, least: int, rng: np.random.Generator
    ) -> list[str]:
        """Return networks that are not trained, none twice, at least ``least`` of them.

        As long as there are fewer, the next best networks mutate as well; after all have, random
        networks join.
        """
        found: dict[str, None] = {}
        for place, parent in enumerate(trainings.best_first()):
            if place >= self.parents and len(found) >= least:
                break
            for _ in range(max(self.count // self.parents, 1)):
                mutant = problem.mutate(parent, rng)
                if mutant not in trainings:
                    found[mutant] = None
        if len(found) < least:
            others = [n for n in problem.names if n not in trainings and n not in found]
            drawn = rng.choice(len(others), least - len(found), replace=False)
            found |= dict.fromkeys(others[i] for i in drawn)
        return list(found)
