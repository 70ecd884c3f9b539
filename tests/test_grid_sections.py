from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nascast.grid_sections import Grid

LEAST: dict[str, Any] = {"tasks": ["cells-discs"], "predictors": ["params"]}


def test_jobs_share_out_the_seeds() -> None:
    parts = Grid(**LEAST, seeds=5, seeds_per_job=2).parts
    assert {part: list(seeds) for part, seeds in parts.items()} == {0: [0, 1], 1: [2, 3], 2: [4]}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"train_sizes": [10, 5]}, r"train_sizes must grow and repeat nothing, got \[10, 5\]"),
        ({"budgets": [1, 1], "curves": "labels"}, "budgets must grow and repeat nothing"),
        ({"predictors": ["params", "params"]}, "predictors names something twice"),
        ({"budgets": [1]}, "budgets are points of curves: give both or neither"),
        ({"curves": "labels"}, "budgets are points of curves: give both or neither"),
        ({"curves": "traces", "budgets": [1]}, "`protocol` belongs to `curves: traces`"),
        ({"protocol": "sgd"}, "`protocol` belongs to `curves: traces`"),
        ({"shipped": True}, "`shipped` belongs to `curves: traces`"),
        ({"curves": "epoch12", "budgets": [3, 12]}, "`curves: epoch12` has the one budget 12"),
        ({"changes": {"GP": {"steps": 1}}}, "changes names 'GP', which is not among params"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Grid(**{**LEAST, **wrong})


def test_cells_are_all_pairs_and_an_axis_that_is_not_there_is_zero() -> None:
    both = Grid(**LEAST, train_sizes=[5, 10], budgets=[1, 12], curves="labels")
    assert both.cells == [(5, 1), (5, 12), (10, 1), (10, 12)]
    assert Grid(**LEAST, train_sizes=[5, 10]).cells == [(5, 0), (10, 0)]
    assert Grid(**LEAST).cells == [(0, 0)]
