"""What a table of grids is filled from: which grid shows a task, and what cells are called."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.tables.scored import C10, MINI, grid_of, run_of

from nascast.tables.grid_run import cell_headers, counted, with_headers

FIRST = grid_of({"params": lambda s, b: 0.5}, (MINI,), name="first")
SECOND = grid_of({"RF": lambda s, b: 0.4, "params": lambda s, b: 0.3}, (C10, MINI), name="second")


def test_the_first_grid_that_has_a_task_shows_it() -> None:
    run = run_of(FIRST, SECOND)
    assert {task: grid.name for task, grid in run.by_task().items()} == {
        MINI: "first",
        C10: "second",
    }
    assert run.predictors() == ["params", "RF"]


def test_a_stand_in_is_called_by_both_names() -> None:
    run = run_of(FIRST, stands_for={MINI: C10})
    assert run.title_of(MINI) == "scenes10 for cifar10"
    assert run.title_of(C10) == "cifar10"


def test_numbers_are_those_of_one_task_and_metric() -> None:
    grid = grid_of(
        {"RF": lambda s, b: s / 1000}, (C10, MINI), metrics=("kendall_tau", "spearman"), seeds=2
    )
    numbers = grid.numbers(C10, "spearman")
    assert set(numbers["column"]) == {C10}
    assert set(numbers["metric"]) == {"spearman"}
    assert numbers["value"].tolist() == [0.01, 0.1]
    seeds = grid.seed_numbers(C10)
    assert seeds["value"].tolist() == [0.01, 0.01, 0.1, 0.1]
    assert seeds["seed"].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("cell", "unit", "expected"),
    [
        ((100, 12), "epoch", ("100 networks", "12 epochs")),
        ((5, 1), "epoch", ("5 networks", "1 epoch")),
        ((0, 30), "mini-batch", ("no networks", "30 mini-batches")),
        ((20, 0), "epoch", ("20 networks", "no curve")),
    ],
)
def test_cells_are_called_by_their_budgets(
    cell: tuple[int, int], unit: str, expected: tuple[str, str]
) -> None:
    assert cell_headers(cell, unit) == expected
    rows = with_headers(pd.DataFrame([cell], columns=["train_size", "budget"]), unit)
    assert tuple(rows.loc[0, ["networks", "queried"]]) == expected


def test_units_have_plurals() -> None:
    assert [counted("epoch"), counted("mini-batch")] == ["epochs", "mini-batches"]
    assert counted("mini-batch", 1) == "mini-batch"
