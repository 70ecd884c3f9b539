"""Tau beside its costs: every known one in the tidy table, none invented, in readable units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.tables.scored import C10, grid_of, run_of

from nascast.tables import costs, render, tidy, white
from nascast.tables.grid_run import GridRun, ScoredGrid

TAUS = {"XGBoost": lambda size, budget: size / 1000, "SoTL": lambda size, budget: budget / 100}
SECONDS = {
    "XGBoost": {"fit_seconds": 2.0, "predict_seconds": 0.0005, "query_seconds": 0.0005},
    "SoTL": {"fit_seconds": 0.0, "predict_seconds": 1e-6, "query_seconds": 3.5},
}


def with_costs(grid: ScoredGrid, trained: bool = True) -> ScoredGrid:
    """The grid with costs in every cell; those of the labelled networks may be unknown."""
    taus = grid.scores[grid.scores["metric"] == "kendall_tau"]
    rows = []
    for record in taus.to_dict("records"):
        known = dict(SECONDS[record["row"]])
        if trained:
            known["train_network_seconds"] = 10.0 * record["train_size"]
            known["initialisation_seconds"] = 10.0 * record["train_size"] + known["fit_seconds"]
        nothing = {"ci_low": np.nan, "ci_high": np.nan}
        rows += [record | nothing | {"metric": m, "value": v} for m, v in known.items()]
    return replace(grid, scores=pd.concat([grid.scores, pd.DataFrame(rows)], ignore_index=True))


def build(run: GridRun) -> pd.DataFrame:
    return costs.build_table(white.rows_of(run, ["XGBoost", "SoTL", "GP"]), run)


def test_every_known_cost_of_every_own_cell_is_in_the_tidy_table() -> None:
    run = run_of(with_costs(grid_of(TAUS, sizes=(10, 100), budgets=(1, 12))))
    table = build(run)
    fits = table[table["metric"] == "initialisation_seconds"]
    found = fits.set_index(["row", "train_size", "budget"])["value"].to_dict()
    assert found == {
        ("XGBoost", 10, 0): 102.0,
        ("XGBoost", 100, 0): 1002.0,
        ("SoTL", 0, 1): 0.0,
        ("SoTL", 0, 12): 0.0,
    }
    assert set(table["metric"]) == {costs.METRIC, *costs.COSTS}
    gp = table[table["row"] == "GP"]
    assert gp["metric"].tolist() == [costs.METRIC]
    assert gp["source"].iloc[0].startswith(tidy.MISSING)
    pd.testing.assert_frame_equal(tidy.table_from_csv(tidy.table_to_csv(table)), table)


def test_a_cell_shows_what_it_costs() -> None:
    run = run_of(with_costs(grid_of(TAUS, sizes=(10, 100), budgets=(1, 12))))
    (layout,) = costs.lay_out_table(build(run), run, "T", [[100, 12]], {C10: "real labels"})
    assert layout.title == "T: NAS-Bench-201, cifar10"
    cell = "100 networks, 12 epochs"
    assert layout.columns == (
        ("100 networks", "12 epochs"),
        (cell, "fit [s]"),
        (cell, "training and fit [s]"),
        (cell, "prediction [ms]"),
        (cell, "partial training and prediction [s]"),
    )
    lines = {line.headers[0]: [c.value for c in line.cells] for line in layout.lines}
    assert lines["XGBoost"] == pytest.approx([0.1, 2.0, 1002.0, 0.5, 0.0005])
    assert lines["SoTL"] == pytest.approx([0.12, 0.0, 0.0, 0.001, 3.5])
    assert np.isnan(lines["GP"]).all()
    assert [cell.rank for cell in layout.lines[0].cells[1:]] == [""] * 4
    assert "real labels" in [text for _, text in layout.notes]
    assert "1002" in render.to_markdown(layout)


def test_training_times_that_no_source_tells_are_absent() -> None:
    run = run_of(with_costs(grid_of(TAUS), trained=False))
    (layout,) = costs.lay_out_table(build(run), run, "T", [[100, 12]])
    assert "training and fit [s]" not in [header for _, header in layout.columns]


def test_without_any_cost_there_is_tau_alone() -> None:
    run = run_of(grid_of(TAUS))
    (layout,) = costs.lay_out_table(build(run), run, "T", [[100, 12]])
    assert layout.columns == (("100 networks", "12 epochs"),)
