"""Tables of proxies: complete plans, stand-ins, published values beside ours, honest gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nascast.proxies import registry
from nascast.tables import proxies, render, tidy
from nascast.tasks.registry import TRANSNAS

C10, C100, IN16 = proxies.NASBENCH201
MINI = "nasbench201-scenes10"


def scores(
    *cells: tuple[str, str, float], seeds: int = 1, deviation: float = np.nan
) -> pd.DataFrame:
    """Scores as they are written: two metrics, their deviation, and seconds."""
    rows = []
    for row, column, value in cells:
        place = {"row": row, "column": column, "budget": 0, "train_size": 0, "n": 60}
        place |= {"context": "zero-shot", "settings": "published", "seeds": seeds}
        around = {"ci_low": value - 0.05, "ci_high": value + 0.05}
        rows += [
            place | {"metric": "spearman", "value": value} | around,
            place | {"metric": "kendall_tau", "value": value / 2},
            place | {"metric": "spearman_deviation", "value": deviation},
            place | {"metric": "seconds", "value": 0.25},
        ]
    return pd.DataFrame(rows)


def run_of(*frames: pd.DataFrame, comparable: bool = True, **changes) -> proxies.Run:
    return replace(
        proxies.Run(
            scores=frames,
            sources={C10: "real", C100: "real", IN16: "missing: the images"},
            stands_for={},
            comparable=comparable,
            substitutes={},
        ),
        **changes,
    )


def headline(table: pd.DataFrame, metric: str = "spearman") -> pd.DataFrame:
    return table[table["metric"] == metric].set_index(["row", "column"])


def test_the_plans_name_every_proxy_and_task_there_is() -> None:
    assert set(proxies.SUITE_ZERO) == set(registry.SUITE_ZERO)
    assert set(proxies.NEWER) == set(registry.NEWER)
    tasks = proxies.PLANS["suite_zero"].tasks
    assert {t for t in tasks if t.startswith("transnas_micro-")} == {
        f"transnas_micro-{task}" for task in TRANSNAS
    }
    for plan in proxies.PLANS.values():
        published = proxies.published_rows(plan)
        assert set(published["column"]) == set(plan.tasks)
        assert set(published["row"]) <= set(plan.rows)
        assert set(published["metric"]) == set(plan.metrics)


@pytest.mark.parametrize("name", proxies.PLANS)
def test_every_row_and_column_of_the_paper_is_there(name: str) -> None:
    plan = proxies.PLANS[name]
    table = proxies.build_table(plan, run_of(scores(("snip", C10, 0.6))))
    for metric in plan.metrics:
        cells = headline(table, metric)
        assert set(cells.index) == {(row, task) for row in plan.rows for task in plan.tasks}
        assert cells["value"].notna().sum() == 1
        absent = cells[cells["value"].isna()]
        assert absent["source"].str.startswith("missing: ").all()
        known = proxies.published_rows(plan)
        assert cells["published"].notna().sum() == (known["metric"] == metric).sum()


def test_verdicts_compare_with_the_interval() -> None:
    frame = scores(("snip", C10, 0.6), ("fisher", C10, 0.6), ("nwot", C10, 0.6))
    cells = headline(proxies.build_table(proxies.PLANS["suite_zero"], run_of(frame)))
    verdicts = {row: cells.loc[(row, C10), "verdict"] for row in ("snip", "fisher", "nwot")}
    assert verdicts == {"snip": "match", "fisher": "above", "nwot": "below"}
    assert cells.loc[("snip", C10), "published"] == 0.58


def test_a_stand_in_is_never_compared() -> None:
    run = run_of(
        scores(("snip", MINI, 0.6)),
        sources={MINI: "minibench"},
        stands_for={MINI: C10},
        comparable=False,
    )
    assert run.place(C10) == (MINI, "minibench")
    cell = headline(proxies.build_table(proxies.PLANS["suite_zero"], run)).loc[("snip", MINI)]
    assert (cell["published"], cell["verdict"], cell["source"]) == (
        0.58,
        "not comparable",
        "minibench",
    )


def test_gaps_say_what_is_needed() -> None:
    frame = scores(("snip", C10, 0.6), ("epe_nas", C100, 0.5))
    cells = headline(proxies.build_table(proxies.PLANS["suite_zero"], run_of(frame)))["source"]
    assert cells["snip", IN16] == "missing: the images"
    assert cells["snip", "darts-cifar10"] == "missing: labels of darts-cifar10"
    assert cells["epe_nas", C10] == "missing: a definition of epe_nas for this task"
    assert cells["zico", C10] == f"missing: zico measured on {C10}"
    unmeasured = run_of(scores(("snip", C10, 0.6)))
    assert unmeasured.place(C100) == (C100, f"missing: proxies measured on {C100}")
    snap = headline(proxies.build_table(proxies.PLANS["snap_table5"], run_of(frame)))["source"]
    assert snap["SNAP", C10] == "missing: the SNAP predictor"


def test_the_first_set_with_a_number_counts() -> None:
    run = run_of(scores(("snip", C10, 0.6)), scores(("snip", C10, 0.1), ("zico", C10, 0.4)))
    cells = headline(proxies.build_table(proxies.PLANS["suite_zero"], run))["value"]
    assert (cells["snip", C10], cells["zico", C10]) == (0.6, 0.4)


def test_only_the_overview_takes_in_what_the_paper_lacks() -> None:
    frame = scores(("mine", C10, 0.6), ("mine", "cells-discs", 0.3), ("snip", C10, 0.6))
    run = run_of(frame, sources={C10: "real", "cells-discs": "minibench"})
    wide = headline(proxies.build_table(proxies.PLANS["suite_zero"], run))
    assert wide.loc[("mine", "cells-discs"), "value"] == 0.3
    narrow = proxies.build_table(proxies.PLANS["gennape_table1"], run)
    assert "mine" not in set(narrow["row"])
    assert "cells-discs" not in set(narrow["column"])


def test_the_overview_has_a_layout_a_group_with_seconds_and_deviations() -> None:
    frame = scores(("snip", C10, 0.6), ("zen", C10, 0.3), seeds=3, deviation=0.02)
    run = run_of(frame)
    table = proxies.build_table(proxies.PLANS["suite_zero"], run)
    layouts = proxies.lay_out_table("suite_zero", table, run, "T", ["Labels: real."])
    assert [layout.title.partition(": ")[2] for layout in layouts] == [
        "NAS-Bench-201, NAS-Bench-101, NAS-Bench-301",
        "TransNAS-Bench-101 micro",
        "TransNAS-Bench-101 macro",
    ]
    cells, micro = layouts[0], layouts[1]
    assert cells.columns[:2] == (
        ("NAS-Bench-201", "cifar10", "here"),
        ("NAS-Bench-201", "cifar10", "published"),
    )
    assert cells.columns[-1] == ("cost", "seconds", "a network")
    snip = next(line for line in cells.lines if line.headers == ("snip",))
    assert render.half_width(snip.cells[0], 2) == "±0.02"
    assert (snip.cells[1].value, snip.cells[-1].value) == (0.58, 0.25)
    notes = [text for _, text in cells.notes]
    assert "± is the standard deviation over initialisations." in notes
    assert "Labels: real." in notes
    assert "Labels: real." not in [text for _, text in micro.notes]
    zero = next(line for line in micro.lines if line.headers == ("epe_nas",)).cells[7]
    assert "exact zero" in dict(micro.notes)[zero.marks[0]]


def test_the_papers_orientations_are_kept() -> None:
    run = run_of(scores(("snip", C10, 0.6), ("zen", C10, 0.3)))
    plan = proxies.PLANS["snap_table5"]
    (layout,) = proxies.lay_out_table("snap_table5", proxies.build_table(plan, run), run, "T")
    assert [line.headers for line in layout.lines] == [
        ("Kendall tau", "here"),
        ("Kendall tau", "published"),
        ("Spearman rho", "here"),
        ("Spearman rho", "published"),
    ]
    assert layout.columns[-1] == ("SNAP",)
    assert [cell.value for cell in layout.lines[3].cells][-1] == 0.8
    plan = proxies.PLANS["gennape_table1"]
    (layout,) = proxies.lay_out_table("gennape_table1", proxies.build_table(plan, run), run, "T")
    assert len(layout.lines) == 8
    assert layout.lines[2].headers == ("ProxylessNAS",)
    assert layout.columns[0] == ("synflow", "here")


@pytest.mark.parametrize(
    ("task", "among", "stands_for", "found"),
    [
        ("a-b", ["a-c", "a-b"], {"a-c": "a-b"}, "a-b"),
        ("a-b", ["a-d", "a-c"], {"a-c": "a-b"}, "a-c"),
        ("a-b", ["a-d"], {"a-c": "a-b"}, None),
    ],
)
def test_a_task_shows_itself_or_is_stood_for(task, among, stands_for, found) -> None:
    assert proxies.shown_by(task, among, stands_for) == found


def test_without_any_measurement_all_is_missing_and_published() -> None:
    table = proxies.build_table(proxies.PLANS["suite_zero"], run_of())
    assert table["value"].isna().all()
    assert table["published"].notna().sum() == 247
    assert tidy.table_from_csv(tidy.table_to_csv(table)).equals(table)
