"""What predictors see of a search, and what becomes of what they say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.search.made import BEST, LABELS, NAMES, PROBLEM, Linear

from nascast.predictors.base import Observations
from nascast.search.base import run_search
from nascast.search.bayesian_optimisation import BayesianOptimisation
from nascast.search.candidates import Mutants
from nascast.search.guided_evolution import GuidedEvolution
from nascast.search.guided_search import GuidedSearch
from nascast.search.random_search import RandomSearch

MUTANTS = Mutants(count=12, parents=3)
guided = pytest.mark.parametrize("kind", [GuidedEvolution, BayesianOptimisation])


def search(kind: type[GuidedSearch], members: int = 2, make: type[Linear] = Linear) -> GuidedSearch:
    return kind(make, members=members, initial=8, batch=4, mutants=MUTANTS)


@guided
def test_members_see_all_that_was_trained_and_as_many_others_unlabelled(
    kind: type[GuidedSearch],
) -> None:
    Linear.forget()
    trained = list(run_search(search(kind), PROBLEM, LABELS, 18, seed=0).revealed)
    assert [len(shown) for shown in Linear.shown] == [8, 8, 12, 12, 16, 16]
    for shown, query in zip(Linear.shown, Linear.asked, strict=True):
        known = trained[: len(shown)]
        assert list(shown.arch_ids) == known
        others = {"".join(str(int(bit)) for bit in row) for row in shown.pool["adjacency"]}
        assert len(others) == len(known)
        assert not others & set(known)
        assert not set(query.arch_ids) & set(known)
        # The batch is chosen among the candidates; the last one is cut to what is left.
        batch = trained[len(shown) : len(shown) + 4]
        assert set(batch) <= set(query.arch_ids)
    assert len(set(Linear.seeds)) == len(Linear.seeds) == 6


@guided
def test_a_good_predictor_finds_the_best_network_sooner(kind: type[GuidedSearch]) -> None:
    def reached(algorithm: GuidedSearch | RandomSearch) -> int:
        return sum(
            BEST in run_search(algorithm, PROBLEM, LABELS, 24, s).revealed for s in range(20)
        )

    # 24 of 64 networks at random are 7.5 of 20 searches.
    assert reached(search(kind)) >= 18
    assert reached(RandomSearch()) <= 13


class Ignorant(Linear):
    """Knows nothing of networks whose first switch is on."""

    def predict(self, query: Observations) -> NDArray[np.float64]:
        first = np.asarray(query.feature("adjacency"))[:, 0]
        return np.where(first == 1, np.nan, super().predict(query))


@guided
def test_networks_without_a_prediction_come_last(kind: type[GuidedSearch]) -> None:
    Linear.forget()
    found = run_search(search(kind, 1, Ignorant), PROBLEM, LABELS, 12, seed=0)
    trained = list(found.revealed)
    known = [name for name in Linear.asked[0].arch_ids if name[0] == "0"]
    batch = trained[8:]
    assert known, "the case is there"
    assert sum(name[0] == "0" for name in batch) == min(len(known), len(batch))


def test_the_space_may_be_searched_to_its_end() -> None:
    found = run_search(search(GuidedEvolution), PROBLEM, LABELS, len(NAMES), seed=0)
    assert set(found.revealed) == set(NAMES)
