"""NAP2's tables: complete plans, the right cells from the scores, honest gaps."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from nascast.tables import nap2, tidy
from nascast.tables.layout import lay_out

C10, C100, IN16 = (f"nasbench201-{name}" for name in ("cifar10", "cifar100", "imagenet16-120"))
PROTOCOL = nap2.Protocol(
    budgets=(100, 200),
    train_size=300,
    comparable=True,
    sources={C10: "real", C100: "minibench", IN16: "missing: the ImageNet16-120 images"},
    stands_for={},
)


def score(row: str, column: str = C10, budget: int = 100, **changes) -> dict:
    return {
        "row": row,
        "column": column,
        "metric": "kendall_tau",
        "budget": budget,
        "train_size": 300,
        "context": "in-domain",
        "settings": "published",
        "value": 0.5,
        "ci_low": 0.45,
        "ci_high": 0.55,
        "n": 400,
        "seeds": 3,
    } | changes


def scores_of(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows)


def headline(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["metric"] == "kendall_tau"].set_index(["row", "budget"])


def test_every_row_and_budget_of_the_plan_is_there():
    table = nap2.build_image_table("nap2_table4", scores_of(score("NAP2")), C10, PROTOCOL)
    assert list(table["row"].unique()) == [row.name for row in nap2.ROWS]
    cells = headline(table)
    assert len(cells) == len(nap2.ROWS) * 2
    assert cells.loc[("NAP2", 100), "value"] == 0.5
    assert cells.loc[("NAP2", 200), "source"] == "missing: predictions after 200 mini-batches"
    assert cells.loc[("SynFlow", 100), "source"].startswith("missing: this proxy as a predictor")
    assert (cells.loc[cells["value"].isna(), "verdict"].isin(["missing", "cited"])).all()


def test_published_values_meet_their_cells():
    table = nap2.build_image_table("nap2_table4", scores_of(score("SoTL-E")), C10, PROTOCOL)
    cell = headline(table).loc[("SoTL-E", 100)]
    assert (cell["published"], cell["verdict"]) == (0.48, "match")
    elsewhere = replace(PROTOCOL, comparable=False)
    table = nap2.build_image_table("nap2_table4", scores_of(score("SoTL-E")), C10, elsewhere)
    assert headline(table).loc[("SoTL-E", 100), "verdict"] == "not comparable"
    table = nap2.build_image_table("nap2_table5", scores_of(score("SoTL-E")), C10, PROTOCOL)
    assert table["published"].isna().all()


def test_methods_without_budget_hold_at_every_budget():
    scores = scores_of(score("params", budget=0, train_size=0, value=0.52))
    cells = headline(nap2.build_image_table("nap2_table4", scores, C10, PROTOCOL))
    assert list(cells.loc["params", "value"]) == [0.52, 0.52]


def test_other_tasks_sizes_and_contexts_stay_out():
    scores = scores_of(
        score("NAP2", column=C100),
        score("NAP2", train_size=100),
        score("NAP2", context=f"from {C100}"),
    )
    cells = headline(nap2.build_image_table("nap2_table4", scores, C10, PROTOCOL))
    assert cells["value"].isna().all()


def test_published_settings_win_over_quick_ones():
    scores = scores_of(
        score("NAP2", settings="quick", value=0.46), score("NAP2", settings="published")
    )
    cells = headline(nap2.build_image_table("nap2_table4", scores, C10, PROTOCOL))
    assert cells.loc[("NAP2", 100), ["value", "settings"]].tolist() == [0.5, "published"]


def test_other_metrics_ride_along():
    scores = scores_of(score("NAP2"), score("NAP2", metric="spearman", value=0.5))
    table = nap2.build_image_table("nap2_table4", scores, C10, PROTOCOL)
    assert len(table[table["metric"] == "spearman"]) == 1


def test_a_task_without_data_keeps_its_table_and_says_what_is_needed():
    table = nap2.build_image_table("nap2_table6", scores_of(score("NAP2")), IN16, PROTOCOL)
    assert set(table["source"]) == {"missing: the ImageNet16-120 images"}
    unknown = nap2.build_image_table("nap2_table6", scores_of(score("NAP2")), "new", PROTOCOL)
    assert set(unknown["source"]) == {"missing: labels of new"}


def test_rows_can_be_chosen_and_added():
    rows = nap2.rows_named(["params", "mine", "NAP2"])
    assert [row.name for row in rows] == ["NAP2", "params", "mine"]
    table = nap2.build_image_table("quick", scores_of(score("mine")), C10, PROTOCOL, rows)
    assert list(table["row"].unique()) == ["NAP2", "params", "mine"]


def test_transfer_takes_every_ordered_pair_and_the_diagonal():
    scores = scores_of(
        score("NAP2", value=0.5),
        score("NAP2", column=C100, context=f"from {C10}", value=0.46),
        score("SoTL-E", value=0.47),
    )
    rows = nap2.rows_named(["NAP2", "SoTL-E"])
    table = nap2.build_transfer_table("nap2_transfer", scores, [C10, C100, IN16], PROTOCOL, rows)
    assert len(table) == (3 * 3 + 3) * 2
    cells = table[table["budget"] == 100].set_index(["row", "column", "context"])
    assert cells.loc[("NAP2", C10, "in-domain"), "value"] == 0.5
    assert cells.loc[("NAP2", C10, "in-domain"), "source"] == "real"
    assert cells.loc[("NAP2", C100, f"from {C10}"), "value"] == 0.46
    assert cells.loc[("NAP2", C100, f"from {C10}"), "source"] == "minibench"
    assert cells.loc[("NAP2", C10, f"from {IN16}"), "source"].endswith("ImageNet16-120 images")
    needed = cells.loc[("NAP2", C10, f"from {C100}"), "source"]
    assert needed == f"missing: predictions from {C100} after 100 mini-batches"


def test_transfer_lays_out_as_a_matrix():
    scores = scores_of(
        score("NAP2"), score("NAP2", column=C100, context=f"from {C10}"), score("SoTL-E")
    )
    rows = nap2.rows_named(["NAP2", "SoTL-E"])
    table = nap2.build_transfer_table("nap2_transfer", scores, [C10, C100], PROTOCOL, rows)
    layout = lay_out(
        nap2.with_source_column(table[table["budget"] == 100]),
        title="Transfer",
        index=("row", "trained on"),
        columns=("column",),
    )
    assert [line.headers for line in layout.lines] == [
        ("NAP2", C10),
        ("NAP2", C100),
        ("SoTL-E", "–"),
    ]
    assert layout.columns == ((C10,), (C100,))
    assert layout.lines[0].cells[1].value == 0.5


@pytest.mark.parametrize("row", nap2.ROWS)
def test_every_row_has_a_family(row):
    assert nap2.FAMILIES[row.name] == row.family


def test_tables_are_tidy():
    table = nap2.build_image_table("nap2_table4", scores_of(score("NAP2")), C10, PROTOCOL)
    assert tidy.validate_table(table) is table
