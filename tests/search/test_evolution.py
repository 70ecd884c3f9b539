from __future__ import annotations

from itertools import pairwise

from tests.search.made import LABELS, NAMES, PROBLEM, flips, observe

from nascast.search.base import run_search
from nascast.search.evolution import RegularisedEvolution
from nascast.search.problem import SearchProblem

SEEDS = range(30)


def test_children_lie_beside_a_living_parent() -> None:
    # The whole population is looked at, so the best living network is the parent; with a sample of
    # 60 out of 4 the chance to miss it is below 1e-7.
    algorithm = RegularisedEvolution(population=4, sample=60)
    trained = list(run_search(algorithm, PROBLEM, LABELS, 12, seed=1).revealed)
    for place in range(4, 12):
        parent = max(trained[place - 4 : place], key=lambda name: LABELS[name])
        free = [name for name in flips(parent) if name not in trained[:place]]
        if len(free) == len(flips(parent)):
            assert trained[place] in free


def test_the_oldest_dies_however_good_it_is() -> None:
    """With one living network every child descends from the one before, a step away."""
    algorithm = RegularisedEvolution(population=1, sample=1)
    trained = list(run_search(algorithm, PROBLEM, LABELS, 10, seed=0).revealed)
    first_steps = [child in flips(parent) for parent, child in pairwise(trained)]
    # A child that was trained before mutates on, so that a few are further away.
    assert sum(first_steps) >= 6


def test_it_finds_better_networks_than_random_ones() -> None:
    def best(population: int) -> float:
        algorithm = RegularisedEvolution(population=population, sample=5)
        runs = [run_search(algorithm, PROBLEM, LABELS, 24, seed).revealed for seed in SEEDS]
        return sum(max(run.values()) for run in runs) / len(runs)

    assert best(8) > best(24) + 0.02, "a population of all that is trained is random"


def test_without_neighbours_it_draws_from_all() -> None:
    alone = SearchProblem(NAMES, lambda name: (), observe)
    algorithm = RegularisedEvolution(population=4, sample=2)
    assert len(run_search(algorithm, alone, LABELS, len(NAMES), seed=0)) == len(NAMES)
