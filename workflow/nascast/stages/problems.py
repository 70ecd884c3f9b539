"""Makes a search problem of the labelled networks of a space."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import numpy as np
import pandas as pd

from nascast.predictors.base import Observations
from nascast.search.neighbourhood import nearest
from nascast.search.problem import Neighbours, SearchProblem
from nascast.spaces.base import Architecture, SearchSpace
from nascast.stages.grids import structure


def search_problem(
    space: SearchSpace,
    networks: pd.DataFrame,
    needs: Collection[str],
    neighbours: int | None = None,
) -> SearchProblem:
    """Return the problem of finding the best of some networks.

    Args:
        space: their search space.
        networks: ``arch_id``, ``canonical_id`` and ``spec`` of each.
        needs: features that predictors look at: those of a network's structure.
        neighbours: how many of the nearest networks lie beside each; None for those that one
            mutation makes.

    Raises:
        ValueError: there is no network, or a feature is not known before one is trained.
    """
    if networks.empty:
        raise ValueError(f"no network of {space.name} has a label: there is nothing to search")
    unique = networks.drop_duplicates("arch_id").sort_values("arch_id")
    names = tuple(unique["arch_id"].astype(str))
    specs = dict(zip(names, unique["spec"].astype(str), strict=True))

    def architectures(chosen: Sequence[str]) -> list[Architecture]:
        return [space.parse(specs[name]) for name in chosen]

    def observe(chosen: Sequence[str]) -> Observations:
        return Observations(tuple(chosen), 0, structure(space, architectures(chosen), needs))

    lacking = set(needs) - set(structure(space, architectures(names[:1]), needs))
    if lacking:
        raise ValueError(
            f"{', '.join(sorted(lacking))} of a network cannot be seen in a search, only its "
            "structure: leave out predictors that need more"
        )
    if neighbours is None:
        forms = dict(zip(unique["canonical_id"].astype(str), names, strict=True))
        return SearchProblem(names, by_mutation(space, specs, forms), observe)
    vectors = structure(space, architectures(names), {"adjacency"})["adjacency"]
    return SearchProblem(names, nearest(names, np.asarray(vectors), neighbours), observe)


def by_mutation(space: SearchSpace, specs: dict[str, str], forms: dict[str, str]) -> Neighbours:
    """Return the neighbourhood of one mutation, as far as its networks are known.

    Args:
        space: the search space.
        specs: spec of every known network by ``arch_id``.
        forms: ``arch_id`` of a known network by ``canonical_id``: it stands for isomorphic ones
            that are not known by themselves.
    """

    @cache
    def beside(name: str) -> Sequence[str]:
        made = space.neighbours(space.parse(specs[name]))
        known = (a.arch_id if a.arch_id in specs else forms.get(a.canonical_id) for a in made)
        return tuple(dict.fromkeys(other for other in known if other not in (None, name)))

    return beside
