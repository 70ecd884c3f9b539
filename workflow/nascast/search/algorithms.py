"""Every search algorithm by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from nascast.errors import NascastError
from nascast.predictors.base import Predictor
from nascast.search.base import Algorithm
from nascast.search.bayesian_optimisation import BayesianOptimisation
from nascast.search.candidates import Mutants
from nascast.search.evolution import RegularisedEvolution
from nascast.search.guided_evolution import GuidedEvolution
from nascast.search.random_search import RandomSearch

ALGORITHMS: Final[Mapping[str, type[Algorithm]]] = {
    algorithm.name: algorithm
    for algorithm in (RandomSearch, RegularisedEvolution, GuidedEvolution, BayesianOptimisation)
}
"""In the order in which tables list them."""


class SearchError(NascastError):
    """A search algorithm that is unknown or lacks its predictor."""


def create(
    name: str, settings: Mapping[str, int], make: Callable[[int], Predictor] | None = None
) -> Algorithm:
    """Return an algorithm.

    Args:
        name: one of :data:`ALGORITHMS`.
        settings: ``population`` and ``sample`` of the evolution; ``initial``, ``batch``,
            ``candidates``, ``parents`` and ``ensemble`` of guided ones. Others are not looked at.
        make: returns a new predictor for a seed; guided ones need it, the others take none.

    Raises:
        SearchError: the algorithm is unknown, or a predictor is missing or of no use.
    """
    if name not in ALGORITHMS:
        raise SearchError(f"unknown search {name!r}: choose one of {', '.join(ALGORITHMS)}")
    if ALGORITHMS[name].guided != (make is not None):
        needs = "needs a predictor" if make is None else "takes no predictor"
        raise SearchError(f"the search {name!r} {needs}")
    if make is None:
        if name == RegularisedEvolution.name:
            return RegularisedEvolution(settings["population"], settings["sample"])
        return RandomSearch()
    mutants = Mutants(settings["candidates"], settings["parents"])
    sizes = {key: settings[key] for key in ("initial", "batch")}
    if name == GuidedEvolution.name:
        return GuidedEvolution(make, mutants=mutants, **sizes)
    return BayesianOptimisation(make, members=settings["ensemble"], mutants=mutants, **sizes)
