"""Published numbers stand beside ours, in places of their own."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from nascast.tables import tidy
from nascast.tables.beside import beside_published, with_column
from nascast.tables.layout import lay_out


def table_of(*rows: tuple[str, str, float, float, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["row", "column", "value", "published", "verdict"])
    return tidy.tidy_table(
        frame.assign(
            metric="spearman",
            context="zero-shot",
            settings="published",
            source=["real" if not math.isnan(value) else "missing: x" for value in frame["value"]],
            ci_low=frame["value"] - 0.1,
            ci_high=frame["value"] + 0.1,
        )
    )


TABLE = table_of(
    ("snip", "a-b", 0.5, 0.45, "match"),
    ("snip", "a-c", 0.4, np.nan, None),
    ("zen", "a-b", 0.2, 0.9, "below"),
    ("zen", "a-c", 0.3, np.nan, None),
    ("zico", "a-b", np.nan, 0.0, "missing"),
    ("zico", "a-c", 0.1, np.nan, None),
)


def test_tasks_with_published_numbers_get_a_second_column() -> None:
    layout = lay_out(
        beside_published(TABLE, {("zico", "a-b"): "looks undefined"}),
        title="T",
        metric="spearman",
        columns=("column", "whose"),
    )
    assert layout.columns == (("a-b", "here"), ("a-b", "published"), ("a-c", "here"))
    published = [line.cells[1] for line in layout.lines]
    assert [cell.value for cell in published] == [0.45, 0.9, 0.0]
    assert all(cell.cited and cell.rank == "" and math.isnan(cell.low) for cell in published)
    assert [line.cells[0].rank for line in layout.lines] == ["best", "second", ""]
    assert [line.cells[0].marks for line in layout.lines] == [(), (), ("1",)]
    marks = dict(layout.notes)
    assert [marks[cell.marks[0]] for cell in published] == [
        "published value inside our 95% interval",
        "published value above our 95% interval",
        "looks undefined",
    ]
    assert layout.takeaway == "Wins (highest Spearman rho): snip in 2 of 2 columns."
    assert not any("Published Spearman" in text for _, text in layout.notes)


def test_rows_can_compete_instead_of_columns() -> None:
    layout = lay_out(
        beside_published(TABLE[TABLE["column"] == "a-b"]),
        title="T",
        metric=["spearman"],
        index=("column",),
        columns=("row", "whose"),
        compare="rows",
    )
    (line,) = layout.lines
    ranks = {head: cell.rank for head, cell in zip(layout.columns, line.cells, strict=True)}
    assert ranks["snip", "here"] == "best"
    assert ranks["zen", "here"] == "second"
    assert {rank for (_, whose), rank in ranks.items() if whose == "published"} == {""}
    assert layout.takeaway == "Wins (highest Spearman rho): snip in 1 of 1 row."


def test_a_column_is_added_that_nobody_wins() -> None:
    layout = lay_out(TABLE, title="T", metric="spearman", columns=("column",))
    wider = with_column(layout, ("seconds",), [0.5, 0.25, math.nan], 4)
    assert wider.columns == (*layout.columns, ("seconds",))
    last = [line.cells[-1] for line in wider.lines]
    assert [cell.value for cell in last[:2]] == [0.5, 0.25]
    assert math.isnan(last[2].value)
    assert {(cell.rank, cell.decimals) for cell in last} == {("", 4)}
    assert [line.cells[:-1] for line in wider.lines] == [line.cells for line in layout.lines]
