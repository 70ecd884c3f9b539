from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from nascast.search.algorithms import ALGORITHMS
from nascast.search_sections import GUIDED, Algorithm, Search

LEAST: dict[str, Any] = {
    "title": "t", "tasks": ["cells-discs"], "algorithms": ["random search"], "show": [10, 150]
}  # fmt: skip
GUIDES = {"algorithms": ["random search", *GUIDED], "predictors": ["GP", "GCN (White)"]}


def test_the_algorithms_are_those_that_there_are() -> None:
    assert get_args(Algorithm) == tuple(ALGORITHMS)
    assert set(GUIDED) == {name for name, algorithm in ALGORITHMS.items() if algorithm.guided}


def test_each_predictor_guides_each_guided_search() -> None:
    assert Search(**LEAST).methods == {"random-search": ("random search", "")}
    assert Search(**LEAST | GUIDES).methods == {
        "random-search": ("random search", ""),
        "guided-evolution-gp": ("guided evolution", "GP"),
        "guided-evolution-gcn-white": ("guided evolution", "GCN (White)"),
        "bayesian-optimisation-gp": ("Bayesian optimisation", "GP"),
        "bayesian-optimisation-gcn-white": ("Bayesian optimisation", "GCN (White)"),
    }


def test_jobs_share_out_the_seeds() -> None:
    parts = Search(**LEAST, seeds=3, seeds_per_job=2).parts
    assert {part: list(seeds) for part, seeds in parts.items()} == {0: [0, 1], 1: [2]}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"algorithms": ["random search"] * 2}, "algorithms names something twice"),
        ({"algorithms": ["local search"]}, "Input should be 'random search', "),
        (GUIDES | {"predictors": ["GP", "GP"]}, "predictors names something twice"),
        (GUIDES | {"predictors": ["GP", "G.P.", "g p"]}, r"the same name: \['G.P.', 'g p'\]"),
        (GUIDES | {"predictors": []}, "predictors guide guided evolution, .* give both or neither"),
        ({"predictors": ["GP"]}, "predictors guide .* give both or neither"),
        ({"show": [20, 10]}, r"show must grow up to the 150 queries .* got \[20, 10\]"),
        ({"show": [10, 10]}, "show must grow"),
        ({"show": [20, 151]}, "show must grow up to the 150 queries"),
        ({"show": []}, "show"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Search(**{**LEAST, **wrong})
