from __future__ import annotations

import pytest
from tests.search.made import SETTINGS, Linear

from nascast.search.algorithms import ALGORITHMS, SearchError, create
from nascast.search.bayesian_optimisation import BayesianOptimisation
from nascast.search.candidates import Mutants
from nascast.search.evolution import RegularisedEvolution
from nascast.search.guided_evolution import GuidedEvolution
from nascast.search.random_search import RandomSearch


def test_each_takes_its_settings() -> None:
    assert create("random search", {}) == RandomSearch()
    assert create("regularised evolution", SETTINGS) == RegularisedEvolution(6, 3)
    sizes = {"initial": 8, "batch": 4, "mutants": Mutants(12, 3)}
    evolution = create("guided evolution", SETTINGS, Linear)
    assert evolution == GuidedEvolution(Linear, members=1, **sizes)  # type: ignore[arg-type]
    optimisation = create("Bayesian optimisation", SETTINGS, Linear)
    assert optimisation == BayesianOptimisation(Linear, members=3, **sizes)  # type: ignore[arg-type]


def test_what_cannot_be_run_is_refused() -> None:
    with pytest.raises(SearchError, match="unknown search 'local search': choose one of random se"):
        create("local search", SETTINGS)
    with pytest.raises(SearchError, match="'guided evolution' needs a predictor"):
        create("guided evolution", SETTINGS)
    with pytest.raises(SearchError, match="'random search' takes no predictor"):
        create("random search", SETTINGS, Linear)


def test_all_say_what_they_are() -> None:
    assert all(algorithm.reference for algorithm in ALGORITHMS.values())
    assert [a.guided for a in ALGORITHMS.values()] == [False, False, True, True]
