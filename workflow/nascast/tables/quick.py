"""What quick settings cost in rank correlation: beside published ones, on the same networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.evaluation.winners import over_cells
from nascast.tables import tidy
from nascast.tables.beside import with_column
from nascast.tables.families import family_name
from nascast.tables.grid_run import GridRun, cell_headers, with_headers
from nascast.tables.layout import Layout, lay_out
from nascast.tables.white import family_of, own_numbers, protocol_notes, shown_cells

QUICK: Final = "quick"
PUBLISHED: Final = "published"
METRIC: Final = "kendall_tau"


def build_table(rows: Sequence[str], run: GridRun) -> pd.DataFrame:
    """Return tau with both settings, tidy; one missing row where there is neither.

    Args:
        rows: predictors in order.
        run: grids of both settings.

    Raises:
        TableError: the grids have but one kind of settings.
    """
    records: list[dict[str, Any]] = []
    parts = [_with_settings(run, settings) for settings in (PUBLISHED, QUICK)]
    for row in rows:
        for task in run.by_task():
            found = [
                record
                for part in parts
                for record in _numbers(row, task, part)
                if not str(record["source"]).startswith(tidy.MISSING)
            ]
            records += found or own_numbers(row, task, METRIC, run.by_task()[task], run)
    return tidy.tidy_table(pd.DataFrame(records))


def _with_settings(run: GridRun, settings: str) -> GridRun:
    grids = [grid for grid in run.grids if grid.settings == settings]
    if not grids:
        raise tidy.TableError(
            f"a table of settings needs a grid with {settings} settings; there are "
            f"{', '.join(grid.name for grid in run.grids)}"
        )
    return replace(run, grids=grids)


def _numbers(row: str, task: str, run: GridRun) -> list[dict[str, Any]]:
    grid = run.by_task().get(task)
    if grid is None:
        return []
    return own_numbers(row, task, METRIC, grid, run)


def lay_out_table(
    table: pd.DataFrame,
    run: GridRun,
    title: str,
    show: Sequence[Sequence[int]] = (),
    notes: Mapping[str, str] | None = None,
) -> list[Layout]:
    """Return a layout a task and cell: tau with both settings, and their difference.

    Args:
        table: of :func:`build_table`.
        run: grids of both settings.
        title: caption.
        show: cells that are rendered.
        notes: sentence below the table for each task.
    """
    return [
        _lay_out_cell(table[table["column"] == task], task, cell, run, title, notes or {})
        for task, grid in run.by_task().items()
        for cell in shown_cells(grid, show)
    ]


def _lay_out_cell(
    table: pd.DataFrame,
    task: str,
    cell: tuple[int, int],
    run: GridRun,
    title: str,
    notes: Mapping[str, str],
) -> Layout:
    grid = run.by_task()[task]
    kind = table["settings"].fillna(PUBLISHED).str.partition(" ")[0]
    parts = {kind_: over_cells(rows, [cell]) for kind_, rows in table.groupby(kind)}
    shown = pd.concat(
        [with_headers(rows, grid.unit).assign(kind=name) for name, rows in parts.items()]
    )
    order = list(table["row"].unique())
    shown = shown.sort_values("row", key=lambda rows: rows.map(order.index), kind="stable")
    place = ", ".join(cell_headers(cell, grid.unit))
    layout = lay_out(
        shown.assign(settings=_changes(shown["settings"])),
        title=f"{title}: {family_name(task.partition('-')[0])}, {run.title_of(task)}, {place}",
        columns=("kind",),
        compare="rows",
        families={row: family_of(row) for row in order},
        notes=[
            *protocol_notes(run.grids_of([task])),
            *([notes[task]] if notes.get(task) else []),
        ],
    )
    values = {(r["row"], r["kind"]): r["value"] for r in shown.to_dict("records")}
    lost = [
        values.get((row, QUICK), np.nan) - values.get((row, PUBLISHED), np.nan) for row in order
    ]
    return with_column(layout, ("quick - published",), lost, 3)


def _changes(settings: pd.Series[str]) -> pd.Series[str]:
    """Leave out settings that a column's header already names."""
    return settings.where(~settings.isin([QUICK, PUBLISHED]), "")
