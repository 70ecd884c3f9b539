"""From tidy rows to a paper's layout: rows, columns, best and second, marks, notes, caption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from nascast.tables import tidy
from nascast.tables.marks import Marks

HERE: Final = "here"
PUBLISHED: Final = "published"
"""Whose number a row shows, where both stand beside each other."""

METRIC_NAMES: Final[Mapping[str, str]] = {
    "kendall_tau": "Kendall tau",
    "spearman": "Spearman rho",
    "pearson": "Pearson r",
    "sparse_kendall_tau": "sparse Kendall tau (0.1%)",
    "sparse_kendall_tau_fine": "sparse Kendall tau (0.01%)",
    "kendall_tau_best20": "Kendall tau in the best 20%",
    "kendall_tau_best5": "Kendall tau in the best 5%",
    "precision_at_10": "precision@10",
    "precision_at_20": "precision@20",
    "regret_at_1": "top-1 regret",
    "regret_at_10": "top-10 regret",
    "regret": "regret",
    "ndcg_linear_at_10": "NDCG@10 (linear gain)",
    "ndcg_exponential_at_10": "NDCG@10 (exponential gain)",
    "mae": "mean absolute error",
    "partial_kendall_tau_params": "partial Kendall tau given params",
    "partial_kendall_tau_conv_count": "partial Kendall tau given convolutions",
}

Rank = Literal["best", "second", ""]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number with what stands around it; NaN where there is none.

    Attributes:
        value: our value, or the published one where ``cited``.
        low: lower end of the interval.
        high: upper end of the interval.
        rank: place within the column.
        marks: signs and numbers of notes.
        cited: whether the value is only the paper's.
        decimals: digits behind the point where they are not those of the table.
    """

    value: float
    low: float
    high: float
    rank: Rank = ""
    marks: tuple[str, ...] = ()
    cited: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its headers, the family it stands under ("" for none), a cell a column."""

    headers: tuple[str, ...]
    family: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A table ready to be written in any format.

    Attributes:
        title: what the table shows.
        takeaway: one sentence with the count of wins.
        corner: name of each row header.
        columns: headers of each column, outer level first.
        lines: rows in order.
        notes: ``(mark, text)``, first those of marked cells, then general ones without mark.
        decimals: digits behind the point.
    """

    title: str
    takeaway: str
    corner: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...]
    decimals: int = 3


def lay_out(
    table: pd.DataFrame,
    *,
    title: str,
    metric: str | Sequence[str] = "kendall_tau",
    index: Sequence[str] = ("row",),
    columns: Sequence[str] = ("budget",),
    compare: Literal["columns", "rows"] = "columns",
    headers: Mapping[str, Mapping[Any, str]] | None = None,
    families: Mapping[str, str] | None = None,
    substitutes: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    spread: str = "half the width of the 95% bootstrap interval over networks and seeds",
    lower_is_better: bool = False,
    decimals: int = 3,
) -> Layout:
    """Return the paper's layout of one metric of a tidy table, or of several.

    Rows and columns stand in the order of their first appearance. Numbers that print alike tie:
    they share the place of best or second. A cell without own value shows the published one,
    marked and never ranked, or a dash with a numbered note on what is needed.

    Args:
        table: tidy rows; columns named in ``index`` may have been added.
        title: caption's first part.
        metric: which rows to show; several only where ``metric`` is among the headers.
        index: columns that make a row header.
        columns: columns that make a column header.
        compare: whether the best of each column or of each row is marked.
        headers: shown text of a column's values, e.g. ``{"budget": {10: "10 batches"}}``.
        families: family heading of each value of ``row``.
        substitutes: task to what was put in its place, marked in its cells.
        notes: sentences below the table, e.g. what the labels are.
        spread: what follows ±.
        lower_is_better: for errors and costs.
        decimals: digits behind the point.

    Raises:
        TableError: if no row has the metric, or two rows share a cell.
    """
    metrics = [metric] if isinstance(metric, str) else list(metric)
    asked = ", ".join(metrics)
    shown = table[table["metric"].isin(metrics)]
    if shown.empty:
        raise tidy.TableError(f"the table has no {asked}; it has {_listed(table['metric'])}")
    place = [*index, *columns]
    if shown.duplicated(place).any():
        first = shown.loc[shown.duplicated(place), place].iloc[0].to_dict()
        raise tidy.TableError(
            f"{', '.join(place)} do not tell the rows of {asked} apart, first {first}; add a "
            "column to the layout or choose rows first"
        )
    records: list[dict[Any, Any]] = shown.to_dict("records")
    marks = Marks()
    cells = {
        (_key(record, index), _key(record, columns)): _cell(record, marks, substitutes or {})
        for record in records
    }
    row_keys, column_keys = (list(dict.fromkeys(side)) for side in zip(*cells, strict=True))
    grid = [[cells.get((row, column), _EMPTY) for column in column_keys] for row in row_keys]
    contests = grid if compare == "rows" else _transposed(grid)
    contests = [_ranked(cells, decimals, lower_is_better) for cells in contests]
    grid = contests if compare == "rows" else _transposed(contests)
    name = " or ".join(METRIC_NAMES.get(metric, metric) for metric in metrics)
    text = _Headers(headers or {})
    lines = tuple(
        Line(text.of(index, row), (families or {}).get(str(row[0]), ""), tuple(line))
        for row, line in zip(row_keys, grid, strict=True)
    )
    heads = [text.of(columns, column) for column in column_keys]
    competitors = (
        [head[0] for head in heads]
        if compare == "rows"
        else [", ".join(line.headers) for line in lines]
    )
    general = _general(records, name, notes, spread)
    return Layout(
        title=title,
        takeaway=_takeaway(competitors, contests, compare, name, lower_is_better),
        corner=tuple(_CORNERS.get(part, part) for part in index),
        columns=tuple(heads),
        lines=lines,
        notes=(*marks.notes(), *(("", note) for note in general)),
        decimals=decimals,
    )


_EMPTY: Final = Cell(np.nan, np.nan, np.nan)
_CORNERS: Final[Mapping[str, str]] = {"row": "method", "column": "task", "whose": ""}
_AGREEMENT: Final[Mapping[str, str]] = {
    "match": "published value inside our 95% interval",
    "above": "published value below our 95% interval",
    "below": "published value above our 95% interval",
}


def _listed(values: pd.Series[Any]) -> str:
    return ", ".join(sorted(set(values))) or "no rows"


def _key(record: Mapping[Any, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple("" if pd.isna(record[name]) else record[name] for name in names)


class _Headers:
    """Texts of header values: the caller's, or the value itself."""

    def __init__(self, texts: Mapping[str, Mapping[Any, str]]) -> None:
        self._texts = texts

    def of(self, names: Sequence[str], key: tuple[Any, ...]) -> tuple[str, ...]:
        return tuple(
            self._texts.get(name, {}).get(value, str(value))
            for name, value in zip(names, key, strict=True)
        )


def _cell(record: Mapping[Any, Any], marks: Marks, substitutes: Mapping[str, str]) -> Cell:
    if record.get("whose") == PUBLISHED:
        return _published_cell(record, marks)
    source = str(record["source"])
    if source.startswith(tidy.MISSING):
        if record["verdict"] == "cited" and "whose" not in record:
            cited = marks.sign("published value, not run here")
            return Cell(float(record["published"]), np.nan, np.nan, marks=(cited,), cited=True)
        needed = marks.number(f"needs {source.removeprefix(tidy.MISSING)}")
        return Cell(np.nan, np.nan, np.nan, marks=(needed,))
    found = []
    if source == tidy.MINIBENCH:
        found.append(marks.minibench())
    if record["column"] in substitutes:
        found.append(marks.sign(substitutes[record["column"]]))
    settings = record["settings"]
    if pd.notna(settings) and settings not in ("published", ""):
        found.append(marks.sign(f"{settings} settings"))
    if pd.isna(record["value"]):
        found.append(marks.number("undefined on these networks"))
    value, low, high = (float(record[name]) for name in ("value", "ci_low", "ci_high"))
    return Cell(value, low, high, marks=tuple(found))


def _published_cell(record: Mapping[Any, Any], marks: Marks) -> Cell:
    """Return a published value that stands beside ours; what sets it apart is marked."""
    value, found = float(record["published"]), []
    if pd.notna(record["verdict"]) and record["verdict"] in _AGREEMENT:
        found.append(marks.sign(_AGREEMENT[record["verdict"]]))
    if pd.notna(record["note"]):
        found.append(marks.sign(str(record["note"])))
    return Cell(value, np.nan, np.nan, marks=tuple(found), cited=not np.isnan(value))


def _transposed(grid: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    return [list(line) for line in zip(*grid, strict=True)]


def _ranked(cells: Sequence[Cell], decimals: int, lower_is_better: bool) -> list[Cell]:
    """Mark best and second by what is printed; cited values do not compete."""
    sign = -1.0 if lower_is_better else 1.0
    printed = [np.nan if cell.cited else sign * round(cell.value, decimals) for cell in cells]
    places = sorted({value for value in printed if not np.isnan(value)}, reverse=True)
    ranked = []
    for cell, value in zip(cells, printed, strict=True):
        rank: Rank = "best" if value in places[:1] else "second" if value in places[1:2] else ""
        ranked.append(replace(cell, rank=rank))
    return ranked


def _takeaway(
    competitors: Sequence[str],
    contests: Sequence[Sequence[Cell]],
    compare: str,
    metric: str,
    lower_is_better: bool,
) -> str:
    """Return one sentence: who is best in how many of the contests between two or more."""
    contested = [
        cells
        for cells in contests
        if sum(not (np.isnan(cell.value) or cell.cited) for cell in cells) > 1
    ]
    wins = dict.fromkeys(competitors, 0)
    for cells in contested:
        for name, cell in zip(competitors, cells, strict=True):
            wins[name] += cell.rank == "best"
    winners = [name for name in sorted(wins, key=lambda name: -wins[name]) if wins[name]]
    if not winners:
        return f"No {compare.removesuffix('s')} has two values to compare yet."
    extreme = "lowest" if lower_is_better else "highest"
    of = f"of {len(contested)} {compare if len(contested) > 1 else compare.removesuffix('s')}"
    counts = [f"{winners[0]} in {wins[winners[0]]} {of}"]
    counts += [f"{name} in {wins[name]}" for name in winners[1:]]
    shared = sum(wins.values()) > len(contested)
    return f"Wins ({extreme} {metric}): {', '.join(counts)}{', ties shared' if shared else ''}."


def _general(
    records: Sequence[Mapping[Any, Any]], metric: str, notes: Sequence[str], spread: str
) -> list[str]:
    """Return the notes that belong to no cell."""
    general = list(notes)
    scored = [
        record
        for record in records
        if pd.notna(record["value"]) and record.get("whose") != PUBLISHED
    ]
    if any(pd.notna(record["ci_low"]) for record in scored):
        general.append(f"± is {spread}.")
    for name, what in (("n", "test networks"), ("seeds", "seeds"), ("train_size", "training size")):
        counts = sorted({int(record[name]) for record in scored if pd.notna(record[name])} - {0})
        if counts:
            general.append(f"{what}: {', '.join(map(str, counts))}.".capitalize())
    general.extend(
        f"Published {metric} of {record['row']} at {record['budget']} mini-batches: "
        f"{record['published']:g} ({record['verdict']})."
        for record in scored
        if pd.notna(record["published"]) and "whose" not in record
    )
    return general
