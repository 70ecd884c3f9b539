"""OMNI against the best single predictor of each cell: counts by hand, and what is claimed."""

from __future__ import annotations

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from tests.tables.scored import C10, MINI, grid_of, run_of

from nascast.tables import omni, tidy

# By cell, in the order (10, 1), (10, 12), (100, 1), (100, 12).
CELLS = [(10, 1), (10, 12), (100, 1), (100, 12)]
RF = {10: 0.2, 100: 0.6}
SOTL = {1: 0.3, 12: 0.5}
OMNI = dict(zip(CELLS, (0.4, 0.45, 0.5, 0.7), strict=True))
TAUS = {
    "RF": lambda size, budget: RF[size],
    "SoTL": lambda size, budget: SOTL[budget],
    "OMNI": lambda size, budget: OMNI[size, budget],
    "OMNI (no curve)": lambda size, budget: 0.1,
}
SHOW = [[10, 1], [100, 12]]


def summaries(table, row: str) -> dict[str, float]:
    found = table[(table["row"] == row) & (table["metric"] != omni.METRIC)]
    return dict(zip(found["metric"], found["value"], strict=True))


def test_the_oracle_is_the_best_single_predictor_of_each_cell() -> None:
    standing = omni.standing_of(C10, grid_of(TAUS))
    assert standing.singles == ("RF", "SoTL")
    assert standing.picked.tolist() == ["SoTL", "SoTL", "RF", "RF"]
    assert standing.oracle.tolist() == [0.3, 0.5, 0.6, 0.6]
    assert standing.single in ("RF", "SoTL")  # both have a mean of 0.4
    assert standing.gaps("OMNI").tolist() == pytest.approx([-0.1, 0.05, 0.1, -0.1])


def test_numbers_over_all_cells_by_hand() -> None:
    table = omni.build_table(run_of(grid_of(TAUS, seeds=6)))
    found = summaries(table, "OMNI")
    assert found == pytest.approx(
        {
            "cells_best": 2,
            "cells_ahead": 2,
            "cells_behind": 2,
            "mean_over_cells": 0.5125,
            "mean_gap": -0.0125,
            "largest_gap": 0.1,
        }
    )
    assert summaries(table, "OMNI (no curve)")["cells_best"] == 0
    assert summaries(table, omni.SINGLE) == pytest.approx(
        {"cells_best": 2, "mean_over_cells": 0.4, "mean_gap": 0.1, "largest_gap": 0.3}
    )
    oracle = table[table["row"] == omni.ORACLE]
    places = zip(oracle["train_size"], oracle["budget"], strict=True)
    assert dict(zip(places, oracle["value"], strict=True)) == dict(
        zip(CELLS, (0.3, 0.5, 0.6, 0.6), strict=True)
    )
    assert oracle["ci_low"].isna().all()
    assert_frame_equal(tidy.table_from_csv(tidy.table_to_csv(table)), table)


def test_few_seeds_find_nothing_beyond_chance_and_say_so() -> None:
    run = run_of(grid_of(TAUS, seeds=3))
    table = omni.build_table(run)
    found = summaries(table, "OMNI")
    assert (found["cells_ahead"], found["cells_behind"]) == (0, 0)
    (layout,) = omni.lay_out_table(table, run, "T", SHOW)
    assert "3 seeds are too few to tell this from chance." in layout.takeaway
    assert any("The smallest p-value of 3 seeds is 0.25." in text for _, text in layout.notes)


def test_seeds_that_disagree_are_not_beyond_chance() -> None:
    ups_and_downs = {"OMNI": [0.4, -0.4, 0.4, -0.4, 0.4, -0.4]}
    grid = grid_of(
        TAUS, seeds=6, spread=lambda name, seed: ups_and_downs.get(name, [0.0] * 6)[seed]
    )
    found = summaries(omni.build_table(run_of(grid)), "OMNI")
    assert (found["cells_best"], found["cells_ahead"], found["cells_behind"]) == (2, 0, 0)


def test_the_layout_puts_the_oracle_last_and_out_of_the_contest() -> None:
    run = run_of(grid_of(TAUS, seeds=6), substitutes={C10: "other images"})
    (layout,) = omni.lay_out_table(omni.build_table(run), run, "T", SHOW, {C10: "real labels"})
    assert layout.title == "T: NAS-Bench-201, cifar10"
    assert [line.headers[0] for line in layout.lines] == [
        "OMNI",
        "OMNI (no curve)",
        f"best single predictor ({omni.standing_of(C10, run.grids[0]).single})",
        "oracle",
    ]
    assert layout.columns[:3] == (
        ("10 networks", "1 epoch"),
        ("100 networks", "12 epochs"),
        ("all 4 cells", "best in"),
    )
    own, *_, oracle = layout.lines
    assert [cell.value for cell in own.cells] == pytest.approx(
        [0.4, 0.7, 2, 2, 2, 0.5125, -0.0125, 0.1]
    )
    assert [cell.rank for cell in own.cells[:2]] == ["best", "best"]
    assert [cell.value for cell in oracle.cells[:2]] == [0.3, 0.6]
    assert oracle.cells[5].value == pytest.approx(0.5)
    assert np.isnan([cell.value for cell in (*oracle.cells[2:5], *oracle.cells[6:])]).all()
    assert {cell.rank for cell in oracle.cells} == {""}
    notes = [text for _, text in layout.notes]
    assert "real labels" in notes
    assert "other images" in notes
    assert any("exact sign-flip test over 6 seeds" in text for text in notes)


@pytest.mark.parametrize(
    ("taus", "expected"),
    [
        ((0.4, 0.6, 0.7, 0.7), "best almost everywhere, holds here: it falls up to 0.000 behind"),
        ((0.4, 0.45, 0.5, 0.7), "the most consistent (it falls up to 0.100 behind the oracle, "),
        ((-0.9, 0.6, 0.7, 0.7), "does not hold here: it is not best almost everywhere, and it"),
    ],
)
def test_the_caption_says_whether_the_claim_holds(taus: tuple[float, ...], expected: str) -> None:
    values = dict(zip(CELLS, taus, strict=True))
    grid = grid_of(TAUS | {"OMNI": lambda size, budget: values[size, budget]}, seeds=6)
    text = omni.claim(omni.standing_of(C10, grid))
    best = sum(tau > other for tau, other in zip(taus, (0.3, 0.5, 0.6, 0.6), strict=True))
    assert text.startswith(f"OMNI is best in {best} of 4 cells; the oracle")
    assert expected in text


def test_almost_everywhere_is_not_the_most_consistent() -> None:
    sizes = tuple(range(1, 21))
    steady = {"RF": lambda size, budget: 0.5, "SoTL": lambda size, budget: 0.4}
    omni_tau = {"OMNI": lambda size, budget: 0.1 if size == 1 else 0.6}
    text = omni.claim(omni.standing_of(C10, grid_of(steady | omni_tau, sizes=sizes)))
    assert "OMNI is best in 38 of 40 cells; the oracle" in text
    assert "on average 0.075 behind" in text
    assert "holds only in part: it is best almost everywhere, but it falls up to 0.400" in text
    assert "RF up to 0.000" in text


def test_what_is_missing_is_said() -> None:
    alone = {name: TAUS[name] for name in ("RF", "SoTL")}
    run = run_of(grid_of(alone, (C10, MINI)), sources={C10: "real", MINI: "missing: labels of it"})
    table = omni.build_table(run)
    of_omni = table[(table["row"] == "OMNI") & (table["column"] == C10)]
    assert of_omni["source"].tolist() == ["missing: this predictor in the grid of this task"]
    assert set(table.loc[table["column"] == MINI, "source"]) == {"missing: labels of it"}
    known, unknown = omni.lay_out_table(table, run, "T", SHOW)
    assert known.takeaway == "OMNI has no numbers here yet."
    assert unknown.takeaway == "missing: labels of it"
    assert [line.headers[0] for line in unknown.lines] == ["OMNI", omni.SINGLE, omni.ORACLE]
    assert all(np.isnan(cell.value) for line in unknown.lines for cell in line.cells)


def test_omni_alone_has_nobody_to_be_compared_with() -> None:
    run = run_of(grid_of({"OMNI": TAUS["OMNI"]}))
    table = omni.build_table(run)
    assert summaries(table, "OMNI") == {}
    (layout,) = omni.lay_out_table(table, run, "T", SHOW)
    assert layout.takeaway == "OMNI has no numbers here yet."
    needed = table.loc[table["row"] == omni.ORACLE, "source"].item()
    assert needed == "missing: a single predictor in every cell of this task"


def test_one_cell_shows_nothing_of_a_claim_on_many() -> None:
    grid = grid_of(TAUS | {"OMNI": lambda size, budget: 0.9}, sizes=(10,), budgets=(1,), seeds=6)
    text = omni.claim(omni.standing_of(C10, grid))
    assert text.startswith("OMNI is best in 1 of 1 cells")
    assert text.endswith("One cell cannot show whether the slides' claim holds.")
