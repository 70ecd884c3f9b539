"""OMNI, its ablations, the best single predictor and the best of each cell (White et al. 2021).

The slides call OMNI the most consistent predictor, best almost everywhere. Both are held against
the numbers of a whole grid. The oracle picks the best single predictor (neither OMNI nor a variant
of it) in every cell, by the very numbers that it is shown with, so it flatters itself. OMNI is best
in a cell where it is ahead of the oracle, and the most consistent predictor if no single one keeps
its largest gap to the oracle smaller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.evaluation.winners import (
    FEWEST_SEEDS,
    MOST_EXACT,
    SIGNIFICANT,
    over_cells,
    pair_p_values,
    value_matrix,
)
from nascast.tables import tidy
from nascast.tables.beside import with_column
from nascast.tables.families import family_name
from nascast.tables.grid_run import GridRun, ScoredGrid, with_headers
from nascast.tables.layout import Cell, Layout, Line, lay_out
from nascast.tables.render import number
from nascast.tables.white import (
    CONTEXT,
    OMNI,
    is_omni,
    own_numbers,
    protocol_notes,
    shared_settings,
    shown_cells,
)

METRIC: Final = "kendall_tau"
SINGLE: Final = "best single predictor"
ORACLE: Final = "oracle"
ALMOST: Final = 0.9
"""Share of the cells from which on "almost everywhere" is granted."""

_SUMMARIES: Final = {
    "cells_best": ("best in", 0),
    "cells_ahead": ("ahead in", 0),
    "cells_behind": ("behind in", 0),
    "mean_over_cells": ("mean", 3),
    "mean_gap": ("mean gap", 3),
    "largest_gap": ("largest gap", 3),
}
"""Metrics over all cells: header and digits of each."""


@dataclass(frozen=True)
class Standing:
    """How predictors of one task stand to each other over all cells.

    Attributes:
        values: tau, one row a cell and one column a predictor.
        singles: predictors that are neither OMNI nor a variant of it.
        oracle: the best single predictor's tau in each cell.
        picked: its name in each cell, "" where there is none.
        single: the single predictor with the highest mean over the cells, "" if there is none.
        p_values: of each of OMNI's variants against the picked one, by name, ``(cells,)``.
        seeds: how many there are.
    """

    values: pd.DataFrame
    singles: tuple[str, ...]
    oracle: pd.Series[float]
    picked: pd.Series[str]
    single: str
    p_values: Mapping[str, np.ndarray]
    seeds: int

    def gaps(self, name: str) -> pd.Series[float]:
        """Return how far a predictor is behind the oracle in each cell, negative where ahead."""
        return self.oracle - self.values[name]

    def summary(self, name: str) -> dict[str, float]:
        """Return a predictor's numbers over all cells; NaN where it lacks one of them."""
        gaps = self.gaps(name).to_numpy(np.float64, na_value=np.nan)
        if np.isnan(gaps).any():
            return {}
        found = {
            "cells_best": float((gaps <= 0).sum() if name == self.single else (gaps < 0).sum()),
            "mean_over_cells": float(self.values[name].mean()),
            "mean_gap": float(gaps.mean()),
            "largest_gap": float(gaps.max()),
        }
        if name in self.p_values and not np.isnan(self.p_values[name]).all():
            beyond = self.p_values[name] < SIGNIFICANT
            found["cells_ahead"] = float((beyond & (gaps < 0)).sum())
            found["cells_behind"] = float((beyond & (gaps > 0)).sum())
        return found

    def most_consistent(self) -> tuple[str, float]:
        """Return the single predictor with the smallest largest gap, and that gap."""
        found = {name: self.summary(name) for name in self.singles}
        gaps = {name: numbers["largest_gap"] for name, numbers in found.items() if numbers}
        best = min(gaps, key=lambda name: gaps[name])
        return best, gaps[best]


def standing_of(task: str, grid: ScoredGrid) -> Standing:
    """Compare the predictors of a task over all cells of its grid."""
    values = value_matrix(grid.numbers(task, METRIC), grid.cells)
    names = [str(name) for name in values]
    singles = values[[name for name in names if not is_omni(name)]]
    known = singles.notna().any(axis=1)
    best = singles[known].idxmax(axis=1)
    picked = best.reindex(values.index).astype("object").fillna("").astype("str")
    means = singles.loc[:, singles.notna().all()].mean()
    by_seed = grid.seed_numbers(task)
    return Standing(
        values,
        tuple(str(name) for name in singles),
        singles.max(axis=1),
        picked,
        str(means.idxmax()) if len(means) else "",
        {
            name: pair_p_values(by_seed, grid.cells, [name] * len(values), picked.tolist())
            for name in names
            if is_omni(name)
        },
        by_seed["seed"].nunique(),
    )


def build_table(run: GridRun) -> pd.DataFrame:
    """Return all lines of the table, tidy: every cell of each, and its numbers over all cells.

    The single predictor and the oracle stand under names of their own; the oracle has no interval.
    Numbers over all cells stand at budget 0 and training size 0.
    """
    records: list[dict[str, Any]] = []
    for task, grid in run.by_task().items():
        source = run.sources[task]
        names = _variants(grid)
        records += [r for name in names for r in own_numbers(name, task, METRIC, grid, run)]
        if source.startswith(tidy.MISSING):
            records += [_missing(name, task, source) for name in (SINGLE, ORACLE)]
            continue
        standing = standing_of(task, grid)
        if not standing.single:
            need = f"{tidy.MISSING}a single predictor in every cell of this task"
            records += [_missing(name, task, need) for name in (SINGLE, ORACLE)]
            continue
        single = own_numbers(standing.single, task, METRIC, grid, run)
        records += [record | {"row": SINGLE} for record in single]
        records += _oracle_records(task, grid, standing, source)
        for row, name in [(n, n) for n in names if n in standing.values] + [
            (SINGLE, standing.single)
        ]:
            place = _place(row, task) | {"source": source, "settings": grid.settings_of(name)}
            records += [
                place | {"metric": metric, "value": value}
                for metric, value in standing.summary(name).items()
            ]
    return tidy.tidy_table(pd.DataFrame(records))


def _variants(grid: ScoredGrid) -> list[str]:
    return list(dict.fromkeys([OMNI, *(name for name in grid.predictors if is_omni(name))]))


def _place(row: str, task: str) -> dict[str, Any]:
    return {"row": row, "column": task, "budget": 0, "train_size": 0, "context": CONTEXT}


def _missing(row: str, task: str, source: str) -> dict[str, Any]:
    return _place(row, task) | {"metric": METRIC, "source": source}


def _oracle_records(
    task: str, grid: ScoredGrid, standing: Standing, source: str
) -> list[dict[str, Any]]:
    numbers = over_cells(grid.numbers(task, METRIC), grid.cells)
    of_cell = {
        (record["row"], record["train_size"], record["budget"]): record
        for record in numbers.to_dict("records")
    }
    nothing = {"row": ORACLE, "ci_low": np.nan, "ci_high": np.nan, "source": source}
    return [
        {str(k): v for k, v in of_cell[name, *cell].items()} | nothing
        for cell, name in zip(grid.cells, standing.picked, strict=True)
        if name
    ]


def claim(standing: Standing) -> str:
    """Say from the numbers of a task whether the slides' claim on OMNI holds there."""
    if OMNI not in standing.values or not standing.single or not standing.summary(OMNI):
        return "OMNI has no numbers here yet."
    found, cells = standing.summary(OMNI), len(standing.values)
    best, gap, largest = int(found["cells_best"]), found["mean_gap"], found["largest_gap"]
    sentences = [
        f"OMNI is best in {best} of {cells} cells; the oracle, the best single predictor of each, "
        f"is on average {number(abs(gap), 3)} {'ahead' if gap > 0 else 'behind'}."
    ]
    if "cells_ahead" in found and standing.seeds >= FEWEST_SEEDS:
        sentences.append(
            f"By more than chance OMNI is ahead in {found['cells_ahead']:.0f} cells and behind in "
            f"{found['cells_behind']:.0f}."
        )
    elif "cells_ahead" in found:
        sentences.append(f"{standing.seeds} seeds are too few to tell this from chance.")
    if cells == 1:
        return " ".join([*sentences, "One cell cannot show whether the slides' claim holds."])
    rival, smallest = standing.most_consistent()
    everywhere, consistent = best >= ALMOST * cells, largest <= smallest
    spans = (
        f"it falls up to {number(max(largest, 0.0), 3)} behind the oracle, {rival} up to "
        f"{number(max(smallest, 0.0), 3)}"
    )
    what = "The slides' claim, most consistent and best almost everywhere,"
    if everywhere and consistent:
        sentences.append(f"{what} holds here: {spans}.")
    elif everywhere:
        sentences.append(f"{what} holds only in part: it is best almost everywhere, but {spans}.")
    elif consistent:
        sentences.append(
            f"{what} holds only in part: it is the most consistent ({spans}), but not best almost "
            "everywhere."
        )
    else:
        sentences.append(
            f"{what} does not hold here: it is not best almost everywhere, and {spans}."
        )
    return " ".join(sentences)


def lay_out_table(
    table: pd.DataFrame,
    run: GridRun,
    title: str,
    show: Sequence[Sequence[int]] = (),
    notes: Mapping[str, str] | None = None,
) -> list[Layout]:
    """Return a layout a task: OMNI, its variants, the best single predictor and the oracle.

    The caption says whether the slides' claim holds. The oracle does not compete for a column.

    Args:
        table: of :func:`build_table`.
        run: the grids.
        title: caption.
        show: cells that are rendered, all if empty.
        notes: sentence below the table for each task.
    """
    return [
        _lay_out_task(table[table["column"] == task], task, run, title, show, notes or {})
        for task, grid in run.by_task().items()
        if shown_cells(grid, show)
    ]


def _lay_out_task(
    table: pd.DataFrame,
    task: str,
    run: GridRun,
    title: str,
    show: Sequence[Sequence[int]],
    notes: Mapping[str, str],
) -> Layout:
    grid = run.by_task()[task]
    own = table[table["metric"] == METRIC]
    shown = with_headers(over_cells(own, shown_cells(grid, show)), grid.unit)
    standing = None
    if not run.sources[task].startswith(tidy.MISSING):
        standing = standing_of(task, grid)
    single = f"{SINGLE} ({standing.single})" if standing and standing.single else SINGLE
    below = [
        "Oracle: the best single predictor of each cell, neither OMNI nor a variant of it, picked "
        "by these very numbers. Gaps are to it, negative where a line is ahead.",
        *protocol_notes(run.grids_of([task])),
        *([notes[task]] if notes.get(task) else []),
    ]
    if standing:
        below.insert(1, _test_note(standing.seeds))
    layout = lay_out(
        shared_settings(shown[shown["row"] != ORACLE]),
        title=f"{title}: {family_name(task.partition('-')[0])}, {run.title_of(task)}",
        columns=("networks", "queried"),
        headers={"row": {SINGLE: single}},
        substitutes=run.substitutes,
        notes=below,
    )
    oracle = _oracle_line(shown[shown["row"] == ORACLE], layout)
    layout = replace(
        layout,
        takeaway=claim(standing) if standing else run.sources[task],
        lines=(*layout.lines, oracle),
    )
    return _with_summaries(layout, table, len(grid.cells))


def _oracle_line(shown: pd.DataFrame, layout: Layout) -> Line:
    places = zip(shown["networks"], shown["queried"], strict=True)
    values: dict[tuple[str, ...], float] = dict(zip(places, shown["value"], strict=True))
    cells = (Cell(float(values.get(head, np.nan)), np.nan, np.nan) for head in layout.columns)
    return Line((ORACLE,), "", tuple(cells))


def _with_summaries(layout: Layout, table: pd.DataFrame, cells: int) -> Layout:
    """Add the numbers over all cells as further columns."""
    oracle = table[(table["row"] == ORACLE) & (table["metric"] == METRIC)]["value"]
    values = {(r["row"], r["metric"]): r["value"] for r in table.to_dict("records")}
    values[ORACLE, "mean_over_cells"] = oracle.mean()
    rows = [row for row in table["row"].unique() if row != ORACLE]
    for metric, (header, decimals) in _SUMMARIES.items():
        column = [float(values.get((row, metric), np.nan)) for row in (*rows, ORACLE)]
        layout = with_column(layout, (f"all {cells} cells", header), column, decimals)
    return layout


def _test_note(seeds: int) -> str:
    """Say how differences are tested, and whether there are seeds enough to find any."""
    test = "exact sign-flip" if seeds <= MOST_EXACT else "Wilcoxon signed-rank"
    said = (
        f"Ahead and behind: cells in which the difference to the oracle is more than chance, "
        f"p < {SIGNIFICANT} in a paired {test} test over {seeds} seeds, each cell by itself."
    )
    if seeds < FEWEST_SEEDS:
        said += f" The smallest p-value of {seeds} seeds is {min(1.0, 2.0 ** (1 - seeds)):.3g}."
    return said
