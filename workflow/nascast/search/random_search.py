"""Random search: networks drawn uniformly, none twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nascast.search.base import Algorithm, train_first
from nascast.search.problem import SearchProblem
from nascast.search.trainings import Trainings


@dataclass(frozen=True)
class RandomSearch(Algorithm):
    """Trains networks in random order."""

    name: ClassVar[str] = "random search"
    guided: ClassVar[bool] = False
    reference: ClassVar[str] = "Li and Talwalkar 2019, Random Search and Reproducibility for NAS"

    def run(self, problem: SearchProblem, trainings: Trainings, seed: int) -> None:
        """Train the first networks of the random order."""
        train_first(problem, trainings, trainings.left, seed)
