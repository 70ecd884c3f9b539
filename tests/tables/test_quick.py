"""Quick beside published settings: both on their own grid, gaps honest, differences right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.tables.scored import grid_of, run_of

from nascast.tables import quick, render, tidy
from nascast.tables.grid_run import GridRun

ROWS = ["XGBoost", "RF", "GP"]


def both() -> GridRun:
    """XGBoost with both settings, the forest with published ones alone."""
    how = {"sizes": (100,), "budgets": ()}
    published = grid_of(
        {"XGBoost": lambda s, b: 0.6, "RF": lambda s, b: 0.5},
        name="published",
        settings="published",
        **how,
    )
    cheap = grid_of({"XGBoost": lambda s, b: 0.55}, name="quick", settings="quick", **how)
    return run_of(published, cheap)


def test_both_settings_stand_in_the_tidy_table() -> None:
    table = quick.build_table(ROWS, both())
    found = {(r.row, r.settings): r.value for r in table.itertuples() if pd.notna(r.value)}
    assert found == {
        ("XGBoost", "published"): pytest.approx(0.6),
        ("XGBoost", "quick"): pytest.approx(0.55),
        ("RF", "published"): pytest.approx(0.5),
    }
    gp = table[table["row"] == "GP"]
    assert gp["source"].tolist() == ["missing: this predictor in the grid of this task"]
    pd.testing.assert_frame_equal(tidy.table_from_csv(tidy.table_to_csv(table)), table)


def test_the_layout_shows_the_difference() -> None:
    run = both()
    (layout,) = quick.lay_out_table(quick.build_table(ROWS, run), run, "T", [[100, 0]])
    assert layout.title == "T: NAS-Bench-201, cifar10, 100 networks, no curve"
    assert [head[0] for head in layout.columns] == ["published", "quick", "quick - published"]
    lines = {line.headers[0]: [c.value for c in line.cells] for line in layout.lines}
    assert list(lines) == ROWS
    assert lines["XGBoost"] == pytest.approx([0.6, 0.55, -0.05])
    assert lines["RF"] == pytest.approx([0.5, np.nan, np.nan], nan_ok=True)
    assert np.isnan(lines["GP"]).all()
    assert "quick settings" not in [text for _, text in layout.notes]
    assert "XGBoost" in render.to_html(layout, "t")


def test_changed_settings_are_named() -> None:
    run = both()
    changed = run.grids[0].scores.assign(settings="published (trials 1)")
    run = replace(run, grids=[replace(run.grids[0], scores=changed), run.grids[1]])
    table = quick.build_table(ROWS, run)
    (layout,) = quick.lay_out_table(table, run, "T", [[100, 0]])
    assert "published (trials 1) settings" in [text for _, text in layout.notes]
    assert layout.lines[0].cells[2].value == pytest.approx(-0.05)


def test_one_kind_of_settings_is_no_comparison() -> None:
    run = both()
    with pytest.raises(tidy.TableError, match="needs a grid with quick settings; there are publis"):
        quick.build_table(ROWS, replace(run, grids=run.grids[:1]))
