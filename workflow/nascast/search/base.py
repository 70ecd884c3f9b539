"""The contract of a search algorithm, and how one is run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from nascast.search.problem import SearchProblem
from nascast.search.trainings import Trainings


class Algorithm(ABC):
    """Chooses which networks to train.

    Class attributes:
        name: its name in every table.
        guided: whether a predictor chooses among candidates.
        reference: the work that it implements.
    """

    name: ClassVar[str]
    guided: ClassVar[bool]
    reference: ClassVar[str]

    @abstractmethod
    def run(self, problem: SearchProblem, trainings: Trainings, seed: int) -> None:
        """Spend all trainings; ``seed`` decides everything.

        All algorithms begin with the same networks, the first of the problem's random order.
        """


def run_search(
    algorithm: Algorithm,
    problem: SearchProblem,
    labels: Mapping[str, float],
    queries: int,
    seed: int,
) -> Trainings:
    """Return the trainings of one search.

    Args:
        algorithm: chooses the networks.
        problem: the networks.
        labels: label of each of them by ``arch_id``, higher is better; only those of the networks
            that the algorithm trains are looked up.
        queries: how many it trains.
        seed: decides everything.

    Raises:
        ValueError: there are fewer networks than queries.
    """
    if len(problem.names) < queries:
        raise ValueError(
            f"only {len(problem.names)} networks have a label, and a search is to train {queries}: "
            "label more networks or lower `queries`"
        )
    trainings = Trainings(labels, queries)
    algorithm.run(problem, trainings, seed)
    return trainings


def train_first(problem: SearchProblem, trainings: Trainings, count: int, seed: int) -> list[str]:
    """Train the first ``count`` networks of the random order, or as many as may be; return them."""
    first = problem.in_random_order(seed)[: min(count, trainings.left)]
    for name in first:
        trainings.train(name)
    return first
