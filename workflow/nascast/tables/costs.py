"""What rank correlations cost: initialisation and query in seconds (White et al. 2021).

White et al. compare predictors along three axes: initialisation, query and correlation. An
initialisation is the training of the labelled networks and the fit, a query the partial training of
a network and the prediction. What was measured here, fit and prediction, stands beside the same
with the training, whose time is the labels' or traces' own; where no source tells it, it is absent.
What measuring proxies and training supernets takes is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.evaluation.scores import COST_COLUMNS, INITIALISATION
from nascast.evaluation.winners import over_cells
from nascast.tables import tidy
from nascast.tables.beside import with_column
from nascast.tables.families import family_name
from nascast.tables.grid_run import GridRun, cell_headers, with_headers
from nascast.tables.layout import Layout, lay_out
from nascast.tables.white import (
    family_of,
    own_numbers,
    protocol_notes,
    shared_settings,
    shown_cells,
)

METRIC: Final = "kendall_tau"
COSTS: Final = (*COST_COLUMNS, INITIALISATION)
SHOWN: Final[Mapping[str, tuple[str, float, int]]] = {
    "fit_seconds": ("fit [s]", 1.0, 2),
    INITIALISATION: ("training and fit [s]", 1.0, 0),
    "predict_seconds": ("prediction [ms]", 1000.0, 3),
    "query_seconds": ("partial training and prediction [s]", 1.0, 3),
}
"""Header, factor and digits of the costs that are rendered."""


def build_table(rows: Sequence[str], run: GridRun) -> pd.DataFrame:
    """Return tau and all known costs of every predictor on every task, tidy.

    Args:
        rows: predictors in order.
        run: the grids.
    """
    records: list[dict[str, Any]] = []
    for row in rows:
        for task, grid in run.by_task().items():
            records += own_numbers(row, task, METRIC, grid, run)
            for cost in COSTS:
                numbers = grid.numbers(task, cost)
                known = numbers[numbers["row"] == row].assign(source=run.sources[task])
                records += [{str(k): v for k, v in r.items()} for r in known.to_dict("records")]
    return tidy.tidy_table(pd.DataFrame(records))


def lay_out_table(
    table: pd.DataFrame,
    run: GridRun,
    title: str,
    show: Sequence[Sequence[int]] = (),
    notes: Mapping[str, str] | None = None,
) -> list[Layout]:
    """Return a layout a task: tau in some cells, and what each of them costs.

    Args:
        table: of :func:`build_table`.
        run: the grids.
        title: caption.
        show: cells that are rendered.
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
    cells = shown_cells(grid, show)
    taus = with_headers(over_cells(table[table["metric"] == METRIC], cells), grid.unit)
    layout = lay_out(
        shared_settings(taus),
        title=f"{title}: {family_name(task.partition('-')[0])}, {run.title_of(task)}",
        columns=("networks", "queried"),
        families={row: family_of(row) for row in taus["row"].unique()},
        substitutes=run.substitutes if grid.measured else {},
        notes=[
            "Training: of the labelled networks, or of a queried one up to the budget, in the "
            "seconds of their source. Fit and prediction were measured here, on one core, and a "
            "prediction is that of one network. Measuring proxies and training supernets is in "
            "neither.",
            *protocol_notes(run.grids_of([task])),
            *([notes[task]] if notes.get(task) else []),
        ],
    )
    rows = list(taus["row"].unique())
    known = over_cells(table[table["metric"].isin(SHOWN)], cells)
    values = {
        (r["row"], r["metric"], int(r["train_size"]), int(r["budget"])): r["value"]
        for r in known.to_dict("records")
    }
    for cell in cells:
        for metric, (header, factor, decimals) in SHOWN.items():
            column = [factor * values.get((row, metric, *cell), np.nan) for row in rows]
            if not np.isnan(column).all():
                place = ", ".join(cell_headers(cell, grid.unit))
                layout = with_column(layout, (place, header), column, decimals)
    return layout
