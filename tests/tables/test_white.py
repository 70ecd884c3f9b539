"""Tables of White et al.: all names of the slides, honest gaps, published numbers on own lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tests.tables.scored import C10, MINI, grid_of, run_of

from nascast.predictors import registry
from nascast.tables import render, tidy, white

TAUS = {
    "XGBoost": lambda size, budget: 0.3 + size / 1000,
    "SoTL-E": lambda size, budget: 0.2 + budget / 100,
    "LcSVR": lambda size, budget: 0.1 + size / 1000 + budget / 100,
    "SynFlow": lambda size, budget: 0.5,
    "mine": lambda size, budget: 0.25,
    "params": lambda size, budget: 0.45,
}
# The list on the slides, as printed; two predictors of weight sharing are missing there.
SLIDES = """
BANANAS|DNGO|GP|MLP|SemiNAS|Var. Sparse GP|Grad Norm|LcSVR
BOHAMIANN|Early Stop (Acc.)|LCE|NAO|SoTL|XGBoost|Grasp|SNIP
BONAS|Early Stop (Loss)|LCE-m|NGBoost|SoTL-E|Fisher|Jacob. Cov.|SynFlow
Bayes. Lin. Reg.|GCN|LGBoost|RF|Sparse GP
"""
OURS = {
    "Early Stop (Acc.)": "Early Stop (acc)",
    "Early Stop (Loss)": "Early Stop (loss)",
    "GCN": "GCN (White)",
}


def build(run, rows=(), metric: str = "kendall_tau") -> pd.DataFrame:
    return white.build_table(white.rows_of(run, rows), metric, run)


def source_of(table: pd.DataFrame, row: str, task: str = C10) -> str:
    found = table[(table["row"] == row) & (table["column"] == task)]
    return str(found["source"].iloc[0])


def lines_of(layout) -> dict[str, list[float]]:
    return {line.headers[0]: [cell.value for cell in line.cells] for line in layout.lines}


def test_every_name_of_the_slides_has_a_row_whether_or_not_it_takes_part() -> None:
    listed = {name for line in SLIDES.split("\n") for name in line.split("|") if name}
    expected = {OURS.get(name, name) for name in listed} | {"OneShot", "RS-WS"}
    names = [name for family in white.SLIDES.values() for name in family]
    assert set(names) == expected
    assert len(names) == 31
    run = run_of(grid_of(TAUS))
    rows = white.rows_of(run)
    assert set(rows) == expected | {"OMNI", "mine", "params"}
    (layout,) = white.lay_out_table(build(run), run, "T")
    assert [line.headers[0] for line in layout.lines] == rows
    families = list(dict.fromkeys(line.family for line in layout.lines))
    assert families == [*white.SLIDES, "combined", "further", "shortcut"]


def test_families_are_those_of_the_predictors_that_exist() -> None:
    for name in set(registry.BUILT_IN) & {n for names in white.SLIDES.values() for n in names}:
        assert registry.get(name).family == white.family_of(name), name
    assert white.family_of("params") == "shortcut"
    assert white.family_of("GRAF + RF") == "further"
    assert white.family_of("OMNI (no curve)") == "combined"
    assert white.competitors(["OMNI", "OMNI-SemiNAS", "RF"]) == ["OMNI", "RF"]


def test_the_tidy_table_holds_every_own_cell_and_the_layout_those_shown() -> None:
    run = run_of(grid_of(TAUS, sizes=(10, 100, 200), budgets=(1, 12)))
    table = build(run)
    places = table.groupby("row").size()
    own = {"XGBoost": 3, "SoTL-E": 2, "LcSVR": 6, "SynFlow": 1, "mine": 1, "NAO": 1}
    assert {name: places[name] for name in own} == own
    (layout,) = white.lay_out_table(table, run, "T", [[100, 1], [100, 12], [200, 12]])
    assert layout.title == "T: NAS-Bench-201"
    assert layout.columns == (
        ("cifar10", "100 networks", "1 epoch"),
        ("cifar10", "100 networks", "12 epochs"),
        ("cifar10", "200 networks", "12 epochs"),
    )
    lines = lines_of(layout)
    assert lines["XGBoost"] == pytest.approx([0.4, 0.4, 0.5])
    assert lines["SoTL-E"] == pytest.approx([0.21, 0.32, 0.32])
    assert lines["LcSVR"] == pytest.approx([0.21, 0.32, 0.42])
    assert lines["SynFlow"] == [0.5, 0.5, 0.5]
    assert np.isnan(lines["NAO"]).all()
    assert layout.takeaway.startswith("Wins (highest Kendall tau): SynFlow in 3 of 3 columns")
    assert_frame_equal(tidy.table_from_csv(tidy.table_to_csv(table)), table)


def test_gaps_say_what_is_needed() -> None:
    bare = grid_of(TAUS, lacking=("curves", "proxies", "supernets"), further=("NAO",))
    table = build(run_of(bare))
    assert source_of(table, "XGBoost") == "real"
    assert source_of(table, "LCE") == "missing: learning curves in the grid of this task"
    assert source_of(table, "SNIP") == "missing: measured proxies in the grid of this task"
    assert source_of(table, "OMNI") == "missing: learning curves in the grid of this task"
    assert source_of(table, "RS-WS") == "missing: a trained supernet in the grid of this task"
    assert source_of(table, "DNGO") == "missing: this predictor in the grid of this task"
    assert source_of(table, "NAO") == "missing: predictions on this task"
    sparse = build(run_of(bare), metric="sparse_kendall_tau")
    assert source_of(sparse, "SynFlow").endswith("accuracies; this predictor only ranks")
    nowhere = run_of(bare, sources={C10: "missing: the labels"})
    assert set(build(nowhere)["source"]) == {"missing: the labels"}
    (layout,) = white.lay_out_table(build(nowhere), nowhere, "T")
    assert {mark for line in layout.lines for cell in line.cells for mark in cell.marks} == {"1"}


def test_rows_can_be_chosen() -> None:
    run = run_of(grid_of(TAUS))
    table = build(run, ["params", "GP", "XGBoost"])
    assert table["row"].unique().tolist() == ["params", "GP", "XGBoost"]


def test_each_space_has_its_layout_and_each_task_the_cells_of_its_grid() -> None:
    other = grid_of(TAUS, ("darts-cifar10",), sizes=(50,), budgets=(), name="other")
    run = run_of(
        grid_of(TAUS, (C10, MINI)),
        other,
        sources={C10: "real", MINI: "minibench", "darts-cifar10": "real"},
        stands_for={MINI: C10},
    )
    layouts = white.lay_out_table(
        build(run), run, "T", [[100, 12], [50, 0]], {C10: "real labels", MINI: "made labels"}
    )
    assert [layout.title for layout in layouts] == ["T: NAS-Bench-201", "T: DARTS / NAS-Bench-301"]
    assert [column[0] for column in layouts[0].columns] == ["cifar10", "scenes10 for cifar10"]
    assert layouts[1].columns == (("cifar10", "50 networks", "no curve"),)
    assert lines_of(layouts[1])["XGBoost"] == pytest.approx([0.35])
    notes = [text for _, text in layouts[0].notes]
    assert {"real labels", "made labels"} <= set(notes)
    assert "real labels" not in [text for _, text in layouts[1].notes]
    assert len(white.lay_out_table(build(run), run, "T", [[50, 0]])) == 1


def test_counts_and_settings_stand_below_once() -> None:
    run = run_of(grid_of(TAUS, settings="quick", seeds=4))
    (layout,) = white.lay_out_table(build(run), run, "T")
    notes = [text for _, text in layout.notes]
    assert "Settings of all predictors: quick." in notes
    assert "Seeds: 4." in notes
    assert "Test networks: 60." in notes
    drawn = "Each seed has 40 test networks; they and the training networks are drawn at random."
    assert drawn in notes
    assert "quick settings" not in notes
    mixed = run_of(grid_of(TAUS), grid_of(TAUS, (MINI,), name="other", settings="published"))
    (layout,) = white.lay_out_table(build(mixed), mixed, "T")
    notes = [text for _, text in layout.notes]
    assert "Settings of all predictors: quick and published." in notes
    assert "quick settings" in notes
    by_mutation = run_of(grid_of(TAUS, sampling="mutation"))
    (layout,) = white.lay_out_table(build(by_mutation), by_mutation, "T")
    assert any("mutations of the best" in text for _, text in layout.notes)


def spearman_run(settings: str = "published", sampling: str = "random", **changes):
    how = {"metrics": ("spearman",), "settings": settings, "sampling": sampling}
    return run_of(grid_of(TAUS, (C10, MINI), (100, 1000), (12,), **how), **changes)


def test_published_anchors_have_lines_of_their_own() -> None:
    run = spearman_run(stands_for={MINI: C10})
    table = build(run, metric="spearman")
    anchors = table[table["published"].notna()]
    assert set(anchors["row"]) == {"XGBoost"}
    found = {(r.column, r.train_size): (r.published, r.verdict) for r in anchors.itertuples()}
    # Ours are 0.4 and 1.3, with intervals of 0.05 to either side.
    assert found == {
        (C10, 100): (0.622, "below"),
        (C10, 1000): (0.890, "above"),
        (MINI, 100): (0.622, "not comparable"),
        (MINI, 1000): (0.890, "not comparable"),
    }
    (layout,) = white.lay_out_table(table, run, "T")
    names = [line.headers[0] for line in layout.lines]
    place = names.index("XGBoost, published")
    assert names[place - 1] == "XGBoost"
    line = layout.lines[place]
    assert [cell.value for cell in line.cells] == [0.622, 0.890, 0.622, 0.890]
    assert all(cell.cited and not cell.rank for cell in line.cells)
    assert line.family == "model-based"
    notes = " ".join(text for _, text in layout.notes)
    assert "NAS-Bench-Suite-Zero (Krishnakumar et al. 2022), Tables 9 and 10" in notes
    assert "no verdict on them" in notes
    assert "0.622" in render.to_html(layout, "t")


def test_only_the_published_protocol_is_compared() -> None:
    quick = build(spearman_run("quick"), metric="spearman")
    assert set(quick["verdict"].dropna()) == {"not comparable", "missing"}
    mutated = build(spearman_run(sampling="mutation"), metric="spearman")
    assert mutated["published"].isna().all()
    tau = run_of(grid_of(TAUS))
    (layout,) = white.lay_out_table(build(tau), tau, "T")
    assert any("only as pictures" in text for _, text in layout.notes)


def test_every_form_can_be_written(tmp_path: Path) -> None:
    run = spearman_run()
    for layout in white.lay_out_table(build(run, metric="spearman"), run, "T"):
        assert "Jacob. Cov." in render.to_markdown(layout)
        assert render.to_latex(layout, "t").count(r"\midrule") == len(white.SLIDES) + 3
        assert "nan" not in render.to_html(layout, "t")
