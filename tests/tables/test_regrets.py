from __future__ import annotations

import pandas as pd

from nascast.search.regret import COLUMNS
from nascast.tables import regrets, render, tidy

NAN = float("nan")
CURVES = pd.DataFrame(
    [
        ("a-b", "random search", "", 10, 0.02, 0.01, 0.03, 0.1, 5),
        ("a-b", "random search", "", 20, 0.01, 0.005, 0.02, 0.2, 5),
        ("a-b", "guided evolution", "GP", 10, 0.03, 0.02, 0.04, 1.0, 5),
        ("a-b", "guided evolution", "GP", 20, 0.001, 0.0, 0.002, 2.5, 5),
    ],
    columns=list(COLUMNS),
)
PLAN = regrets.Plan(
    methods=[("random search", ""), ("guided evolution", "GP")],
    sources={"a-b": "minibench", "a-c": "missing: labels of a-c"},
    networks={"a-b": 250},
    show=[10, 20],
    settings="quick",
)


def test_every_method_has_its_regret_after_every_number_of_networks() -> None:
    table = regrets.build_table(CURVES, PLAN)
    known = table[table["metric"] == regrets.REGRET].set_index(["row", "column", "budget"])
    guided = known.loc[("guided evolution (GP)", "a-b", 20)]
    assert guided[["value", "ci_low", "ci_high"]].tolist() == [0.001, 0.0, 0.002]
    assert guided[["n", "seeds", "source", "settings"]].tolist() == [250, 5, "minibench", "quick"]
    assert known.loc[("random search", "a-b", 10), "settings"] == "published"
    missing = known.loc[("random search", "a-c", 10)]
    assert missing["source"] == "missing: labels of a-c"
    assert pd.isna(missing["value"])
    assert len(known) == 8
    seconds = table[table["metric"] == regrets.SECONDS]
    assert seconds["value"].tolist() == [0.1, 0.2, 1.0, 2.5]
    assert tidy.table_from_csv(tidy.table_to_csv(table)).equals(table)


def test_the_layout_ranks_the_lowest_first_and_says_what_was_searched() -> None:
    table = regrets.build_table(CURVES, PLAN)
    layout = regrets.lay_out_table(table, "Searches", {}, ["A note."])
    assert layout.columns == tuple(
        (task, f"{count} trained") for task in ("a-b", "a-c") for count in (10, 20)
    )
    assert [line.cells[1].rank for line in layout.lines] == ["second", "best"]
    notes = [text for _, text in layout.notes]
    assert "a-b: 250 networks can be found." in notes
    assert "A note." in notes
    assert "± is half the width of the 95% bootstrap interval over seeds." in notes
    assert "Test networks" not in " ".join(notes)
    text = render.to_markdown(layout)
    assert "Wins (lowest regret): random search in 1 of 2 columns, guided evolution" in text
    assert "0.0010" in text
    assert "nan" not in text.lower()


def test_a_table_may_be_missing_altogether() -> None:
    plan = regrets.Plan(PLAN.methods, {"a-c": "missing: labels of a-c"}, {}, [10], "published")
    layout = regrets.lay_out_table(regrets.build_table(CURVES.iloc[:0], plan), "Searches", {})
    assert "needs labels of a-c" in [text for _, text in layout.notes]
