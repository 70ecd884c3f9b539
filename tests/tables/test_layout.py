"""Layouts: ranks, ties, marks, notes and the take-away sentence."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.tables import tidy
from nascast.tables.layout import lay_out


def table_of(values: dict[str, list[float]], **changes) -> pd.DataFrame:
    rows = [
        {
            "row": row,
            "column": "nasbench201-scenes10",
            "metric": "kendall_tau",
            "budget": 10 * (position + 1),
            "train_size": 112,
            "context": "in-domain",
            "settings": "published",
            "value": value,
            "ci_low": value - 0.02,
            "ci_high": value + 0.04,
            "n": 150,
            "seeds": 3,
            "source": "missing: traces" if math.isnan(value) else "real",
            **changes,
        }
        for row, line in values.items()
        for position, value in enumerate(line)
    ]
    return tidy.tidy_table(pd.DataFrame(rows))


def ranks(layout) -> list[list[str]]:
    return [[cell.rank for cell in line.cells] for line in layout.lines]


def test_best_and_second_of_each_column():
    table = table_of({"a": [0.5, 0.1], "b": [0.7, 0.2], "c": [0.6, 0.3]})
    layout = lay_out(table, title="T")
    assert ranks(layout) == [["", ""], ["best", "second"], ["second", "best"]]
    assert layout.takeaway == "Wins (highest Kendall tau): b in 1 of 2 columns, c in 1."
    turned = lay_out(table, title="T", lower_is_better=True)
    assert ranks(turned) == [["best", "best"], ["", "second"], ["second", ""]]
    assert turned.takeaway == "Wins (lowest Kendall tau): a in 2 of 2 columns."


def test_numbers_that_print_alike_share_their_place():
    layout = lay_out(table_of({"a": [0.70049], "b": [0.70001], "c": [0.6]}), title="T")
    assert ranks(layout) == [["best"], ["best"], ["second"]]
    assert layout.takeaway == (
        "Wins (highest Kendall tau): a in 1 of 1 column, b in 1, ties shared."
    )


@given(
    st.lists(
        st.lists(st.floats(-1, 1) | st.just(math.nan), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    )
)
def test_every_column_with_a_value_has_a_best(lines):
    layout = lay_out(table_of({f"m{i}": line for i, line in enumerate(lines)}), title="T")
    for position in range(3):
        column = [line.cells[position] for line in layout.lines]
        values = [round(c.value, 3) for c in column if not math.isnan(c.value)]
        best = [round(c.value, 3) for c in column if c.rank == "best"]
        second = [round(c.value, 3) for c in column if c.rank == "second"]
        assert best == [value for value in values if value == max(values)]
        rest = [value for value in values if value < max(values)]
        assert second == [value for value in rest if value == max(rest)]


def test_missing_cells_number_what_they_need():
    table = table_of({"a": [0.5, math.nan], "b": [math.nan, math.nan]})
    table.loc[3, "source"] = "missing: the ImageNet16-120 images"
    layout = lay_out(table, title="T")
    assert [[cell.marks for cell in line.cells] for line in layout.lines] == [
        [(), ("1",)],
        [("1",), ("2",)],
    ]
    assert layout.notes[:2] == (("1", "needs traces"), ("2", "needs the ImageNet16-120 images"))
    assert layout.takeaway == "No column has two values to compare yet."


def test_facts_about_cells_are_marked_once_each():
    table = table_of({"a": [0.5, 0.6]}, source="minibench", settings="quick")
    layout = lay_out(
        table, title="T", substitutes={"nasbench201-scenes10": "traces of another image set"}
    )
    assert [cell.marks for cell in layout.lines[0].cells] == [("†", "‡", "§")] * 2
    assert layout.notes[:3] == (
        ("†", "from the mini benchmark"),
        ("‡", "traces of another image set"),
        ("§", "quick settings"),
    )


def test_published_values_are_shown_but_never_ranked():
    table = table_of({"a": [0.5], "b": [math.nan]})
    table.loc[1, ["published", "verdict"]] = [0.9, "cited"]
    layout = lay_out(table, title="T")
    cited = layout.lines[1].cells[0]
    assert (cited.value, cited.rank, cited.cited, cited.marks) == (0.9, "", True, ("‡",))
    assert ranks(layout) == [["best"], [""]]
    table.loc[0, ["published", "verdict"]] = [0.52, "match"]
    notes = [text for _, text in lay_out(table, title="T").notes]
    assert "Published Kendall tau of a at 10 mini-batches: 0.52 (match)." in notes


def test_general_notes_state_labels_networks_and_seeds():
    layout = lay_out(table_of({"a": [0.5]}), title="T", notes=["Labels: 200-epoch test accuracy."])
    assert [text for mark, text in layout.notes if not mark] == [
        "Labels: 200-epoch test accuracy.",
        "± is half the width of the 95% bootstrap interval over networks and seeds.",
        "Test networks: 150.",
        "Seeds: 3.",
        "Training size: 112.",
    ]


def test_an_undefined_number_is_not_called_missing():
    table = table_of({"a": [0.5]})
    table.loc[0, ["value", "ci_low", "ci_high"]] = np.nan
    layout = lay_out(table, title="T")
    assert layout.notes[0] == ("1", "undefined on these networks")


def test_headers_families_and_two_column_levels():
    layout = lay_out(
        table_of({"a": [0.5, 0.6]}),
        title="T",
        columns=("column", "budget"),
        headers={"column": {"nasbench201-scenes10": "scenes10"}, "budget": {10: "10 batches"}},
        families={"a": "learned"},
    )
    assert layout.columns == (("scenes10", "10 batches"), ("scenes10", "20"))
    assert layout.lines[0].family == "learned"
    assert layout.corner == ("method",)


def test_ambiguous_or_empty_layouts_are_refused():
    table = table_of({"a": [0.5, 0.6]})
    with pytest.raises(tidy.TableError, match="do not tell the rows of kendall_tau apart"):
        lay_out(table, title="T", columns=("column",))
    with pytest.raises(tidy.TableError, match="no spearman; it has kendall_tau"):
        lay_out(table, title="T", metric="spearman")
