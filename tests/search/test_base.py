"""What every search algorithm keeps to, whatever it chooses."""

from __future__ import annotations

import numpy as np
import pytest
from tests.search.made import LABELS, NAMES, PROBLEM, SETTINGS, Hidden, Linear

from nascast.search.algorithms import ALGORITHMS, create
from nascast.search.base import Algorithm, run_search, train_first
from nascast.search.trainings import Trainings

every_algorithm = pytest.mark.parametrize("name", ALGORITHMS)


def made(name: str) -> Algorithm:
    return create(name, SETTINGS, Linear if ALGORITHMS[name].guided else None)


@every_algorithm
@pytest.mark.parametrize("queries", [1, 5, 30, len(NAMES)])
def test_all_trainings_are_spent_each_on_another_network(name: str, queries: int) -> None:
    found = run_search(made(name), PROBLEM, LABELS, queries, seed=0)
    assert len(found) == queries
    assert found.revealed == {n: LABELS[n] for n in found.revealed}
    assert len(found.seconds) == queries
    assert found.seconds == sorted(found.seconds)


@every_algorithm
def test_the_seed_decides_everything(name: str) -> None:
    first, second, other = (
        list(run_search(made(name), PROBLEM, LABELS, 25, seed).revealed) for seed in (3, 3, 4)
    )
    assert first == second
    assert first != other


@every_algorithm
def test_nothing_but_trained_labels_is_looked_up(name: str) -> None:
    hidden = Hidden()
    found = run_search(made(name), PROBLEM, hidden, 25, seed=0)
    assert hidden.seen == list(found.revealed)


@every_algorithm
def test_labels_of_networks_that_were_not_trained_change_nothing(name: str) -> None:
    Linear.forget()
    found = list(run_search(made(name), PROBLEM, LABELS, 25, seed=0).revealed)
    poisoned = {n: LABELS[n] if n in found else np.inf for n in NAMES}
    assert list(run_search(made(name), PROBLEM, poisoned, 25, seed=0).revealed) == found
    for shown in Linear.shown:
        assert shown.require_labels().tolist() == [LABELS[n] for n in shown.arch_ids]
        assert set(shown.arch_ids) <= set(found)
    assert all(query.labels is None for query in Linear.asked)


@every_algorithm
def test_all_begin_with_the_same_networks(name: str) -> None:
    found = list(run_search(made(name), PROBLEM, LABELS, 20, seed=5).revealed)
    assert found[:6] == PROBLEM.in_random_order(5)[:6]


@every_algorithm
def test_too_few_networks_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"only 64 networks .* is to train 65: label"):
        run_search(made(name), PROBLEM, LABELS, 65, seed=0)


def test_the_first_networks_are_no_more_than_may_be_trained() -> None:
    trainings = Trainings(LABELS, 3)
    assert train_first(PROBLEM, trainings, 10, seed=0) == PROBLEM.in_random_order(0)[:3]
    assert not trainings.left
