"""What a table of grids is filled from: which grid shows a task, and what cells are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.tables.scored import C10, MINI, grid_of, run_of

from nascast.evaluation.winners import pair_p_values
from nascast.tables.grid_run import cell_headers, counted, with_headers
from nascast.tables.tidy import TableError

FIRST = grid_of({"params": lambda s, b: 0.5}, (MINI,), name="first")
SECOND = grid_of({"RF": lambda s, b: 0.4, "params": lambda s, b: 0.3}, (C10, MINI), name="second")


def test_a_task_of_one_grid_is_shown_by_it() -> None:
    run = run_of(FIRST, SECOND)
    assert run.by_task()[C10] is SECOND
    assert run.predictors() == ["params", "RF"]
    assert run.grids_of([C10]) == [SECOND]
    assert run.grids_of([MINI]) == [FIRST, SECOND]


def test_every_predictor_and_cell_is_shown_from_the_first_grid_that_has_it() -> None:
    cheap = grid_of(
        {"RF": lambda s, b: 0.1, "SoTL": lambda s, b: 0.2}, sizes=(10,), name="cheap", seeds=2
    )
    slow = grid_of(
        {"RF": lambda s, b: 0.8, "XGBoost": lambda s, b: 0.9},
        (C10, MINI),
        sizes=(10, 100),
        name="slow",
        lacking=("curves",),
        settings="published",
    )
    grid = run_of(cheap, slow).by_task()[C10]
    numbers = grid.numbers(C10, "kendall_tau")
    found = numbers.set_index(["row", "train_size", "budget"])["value"].round(3).to_dict()
    assert found == {
        ("RF", 10, 0): 0.1,
        ("RF", 100, 0): 0.8,
        ("SoTL", 0, 1): 0.2,
        ("SoTL", 0, 12): 0.2,
        ("XGBoost", 10, 0): 0.9,
        ("XGBoost", 100, 0): 0.9,
    }
    assert set(numbers["column"]) == {C10}
    assert grid.predictors == ("RF", "SoTL", "XGBoost")
    assert grid.cells == ((10, 1), (10, 12), (100, 1), (100, 12))
    assert grid.sees == {"curves", "losses", "proxies", "supernets"}
    assert grid.settings == "quick and published"
    assert [grid.settings_of(name) for name in ("RF", "XGBoost", "GP")] == [
        "quick", "published", "quick and published"
    ]  # fmt: skip
    seeds = grid.seed_numbers(C10)
    assert seeds.groupby(["row", "train_size"])["seed"].nunique()["RF"].to_dict() == {10: 2, 100: 3}


def test_numbers_on_other_networks_are_told_apart() -> None:
    """A seed pairs numbers on the same networks alone."""
    spread = {"spread": lambda name, seed: 0.01 * seed, "seeds": 8}
    one = grid_of({"RF": lambda s, b: 0.1}, name="one", **spread)
    same = grid_of({"XGBoost": lambda s, b: 0.2}, name="same", **spread)
    other = replace(
        grid_of({"SoTL": lambda s, b: 0.3}, name="other", **spread), pool=("published",)
    )
    seeds = run_of(one, same, other).by_task()[C10].seed_numbers(C10)
    assert seeds.groupby("row")["drawn"].unique().map(list).to_dict() == {
        "RF": [0], "XGBoost": [0], "SoTL": [1]
    }  # fmt: skip
    (paired,) = pair_p_values(seeds, [(10, 1)], ["RF"], ["XGBoost"])
    (unpaired,) = pair_p_values(seeds, [(10, 1)], ["RF"], ["SoTL"])
    assert paired == 2 / 2**8
    assert np.isnan(unpaired)


@pytest.mark.parametrize(
    ("changes", "what"), [({"sampling": "mutation"}, "sampling"), ({"unit": "mini-batch"}, "unit")]
)
def test_grids_that_cannot_be_compared_share_no_table(changes: dict[str, str], what: str) -> None:
    run = run_of(SECOND, replace(FIRST, **changes))
    with pytest.raises(TableError, match=f"first of {MINI} cannot share a table: their {what}"):
        run.by_task()


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
