"""What the tiers share about architecture searches: those that predictors guide, and the others."""

from __future__ import annotations

from collections.abc import Sequence

from nascast.search_sections import Search

ALGORITHMS = [
    "random search", "regularised evolution", "guided evolution", "Bayesian optimisation",
]  # fmt: skip
_TITLE = "Searches guided by predictors: regret by trained networks"


def mini_searches(tasks: Sequence[str]) -> dict[str, Search]:
    """Return the searches of the mini tier, whose labelled networks are a sample of 250.

    They train fewer networks, in steps that are smaller in proportion; the predictors are the
    cheapest ones.
    """
    search = Search(
        title=_TITLE,
        tasks=list(tasks),
        algorithms=ALGORITHMS,
        predictors=["XGBoost", "RF"],
        queries=60,
        show=[20, 40, 60],
        seeds=5,
        seeds_per_job=5,
        neighbours=20,
        population=12,
        sample=4,
        initial=10,
        batch=10,
        candidates=100,
        settings="quick",
    )
    return {"white_nas": search}


def tabular_searches(tasks: Sequence[str]) -> dict[str, Search]:
    """Return the searches of a whole space, with the settings of White et al.'s public code."""
    search = Search(
        title=_TITLE,
        tasks=list(tasks),
        algorithms=ALGORITHMS,
        predictors=["XGBoost", "NGBoost", "GP", "BANANAS"],
        show=[20, 50, 100, 150],
        seeds_per_job=5,
    )
    return {"white_nas": search}
