from __future__ import annotations

import numpy as np
from tests.search.made import LABELS, NAMES, PROBLEM, flips, observe

from nascast.search.candidates import Mutants
from nascast.search.problem import SearchProblem
from nascast.search.trainings import Trainings


def trained(*names: str) -> Trainings:
    trainings = Trainings(LABELS, len(NAMES))
    for name in names:
        trainings.train(name)
    return trainings


def drawn(trainings: Trainings, mutants: Mutants, least: int = 1) -> list[str]:
    return mutants.draw(PROBLEM, trainings, least, np.random.default_rng(0))


def test_the_best_networks_mutate_once() -> None:
    trainings = trained("000000", "111111", "111110", "000001")
    found = drawn(trainings, Mutants(count=400, parents=2))
    assert set(found) == {*flips("111111"), *flips("111110")} - set(trainings.revealed)
    assert len(found) == len(set(found))


def test_each_parent_mutates_equally_often() -> None:
    assert len(drawn(trained("000000", "111111"), Mutants(count=2, parents=2))) == 2
    only = drawn(trained("000000", "111111"), Mutants(count=1, parents=1))
    assert only[0] in flips("111111")
    assert len(drawn(trained("111111", "000000"), Mutants(count=1, parents=4))) <= 2


def test_where_too_few_are_new_the_next_best_mutate() -> None:
    trainings = trained("111111", *flips("111111"), "000000")
    found = drawn(trainings, Mutants(count=100, parents=1), least=3)
    second = trainings.best_first()[1]
    assert set(found) <= set(flips(second))
    assert len(found) >= 3


def test_where_no_mutation_is_new_random_networks_join() -> None:
    alone = SearchProblem(NAMES, lambda name: (), observe)
    trainings = trained("111111", "000000")
    found = Mutants().draw(alone, trainings, 10, np.random.default_rng(0))
    assert len(set(found)) == 10
    assert not set(found) & set(trainings.revealed)
