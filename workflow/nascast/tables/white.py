"""White et al. 2021: 31 predictors on grids of initialisation and query budgets.

The slides show their numbers only as pictures, one a metric and benchmark. Here each metric has a
table: rows are the predictors of the slides' list and whatever else takes part, columns are some
cells of the grid of each task. What nobody could evaluate says what it needs.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.evaluation.winners import Cell, over_cells
from nascast.tables import nap2, tidy
from nascast.tables.families import family_name
from nascast.tables.grid_run import GridRun, ScoredGrid, with_headers
from nascast.tables.layout import HERE, PUBLISHED, Layout, lay_out

CONTEXT: Final = "in-domain"
MODEL: Final = "model-based"
CURVE: Final = "learning curve"
HYBRID: Final = "hybrid"
ZERO_COST: Final = "zero-cost"
SHARING: Final = "weight sharing"
COMBINED: Final = "combined"
FURTHER: Final = "further"
OMNI: Final = "OMNI"

SLIDES: Final[Mapping[str, tuple[str, ...]]] = {
    MODEL: (
        "BANANAS", "BOHAMIANN", "BONAS", "Bayes. Lin. Reg.", "DNGO", "GCN (White)", "GP", "LGBoost",
        "MLP", "NAO", "NGBoost", "RF", "SemiNAS", "Sparse GP", "Var. Sparse GP", "XGBoost",
    ),
    CURVE: ("Early Stop (acc)", "Early Stop (loss)", "LCE", "LCE-m", "SoTL", "SoTL-E"),
    HYBRID: ("LcSVR",),
    ZERO_COST: ("Fisher", "Grad Norm", "Grasp", "Jacob. Cov.", "SNIP", "SynFlow"),
    SHARING: ("OneShot", "RS-WS"),
}  # fmt: skip
"""The 31 predictors by family, each in the order of the slides' list (which leaves out the last
two)."""
SHORTCUTS: Final = tuple(row.name for row in nap2.ROWS if row.family == nap2.SHORTCUT)

_FAMILIES: Final = (*SLIDES, COMBINED, FURTHER, nap2.SHORTCUT)
_FAMILY_OF: Final = {name: family for family, names in SLIDES.items() for name in names}
_SEEN_BY: Final = {
    CURVE: ("curves",),
    HYBRID: ("curves",),
    ZERO_COST: ("proxies",),
    SHARING: ("supernets",),
    COMBINED: ("curves", "losses", "proxies"),
}
_OF_LOSSES: Final = ("Early Stop (loss)", "SoTL", "SoTL-E")
_SEEN: Final = {
    "curves": "learning curves in the grid of this task",
    "losses": "losses in the learning curves of this task",
    "proxies": "measured proxies in the grid of this task",
    "supernets": "a trained supernet in the grid of this task",
}
_LEFT_OUT: Final = "this predictor in the grid of this task"
_UNSCORED: Final = "predictions on this task"
_RANKS_ONLY: Final = "predictions that are accuracies; this predictor only ranks"
_DRAWN: Final = {
    "random": "they and the training networks are drawn at random.",
    "mutation": "they are mutations of the best of a few random networks, the training networks "
    "mutations of those.",
}


def is_omni(name: str) -> bool:
    """Tell whether a predictor is OMNI or one of its variants: their names begin with it."""
    return name.startswith(OMNI)


def competitors(names: Sequence[str]) -> list[str]:
    """Return the predictors that compete for a cell: all but OMNI's variants."""
    return [name for name in names if name == OMNI or not is_omni(name)]


def family_of(name: str) -> str:
    """Return the heading under which a predictor stands."""
    if is_omni(name):
        return COMBINED
    return _FAMILY_OF.get(name, nap2.SHORTCUT if name in SHORTCUTS else FURTHER)


def rows_of(run: GridRun, wanted: Sequence[str] = ()) -> list[str]:
    """Return the rows of a table: those wanted, or the slides', OMNI and all others by family."""
    if wanted:
        return list(wanted)
    names = dict.fromkeys([*_FAMILY_OF, OMNI, *run.predictors()])
    return sorted(names, key=lambda name: _FAMILIES.index(family_of(name)))


def build_table(rows: Sequence[str], metric: str, run: GridRun) -> pd.DataFrame:
    """Return every predictor on every task, tidy: all cells in which it has a number of its own.

    Published values are merged; they belong to networks drawn at random.

    Args:
        rows: predictors in order.
        metric: what is shown.
        run: the grids.
    """
    cells = [
        record
        for row in rows
        for task, grid in run.by_task().items()
        for record in own_numbers(row, task, metric, grid, run)
    ]
    published = tidy.load_published("white")
    if any(grid.sampling != "random" for grid in run.grids):
        published = published.iloc[:0]
    return tidy.merge_published(
        tidy.tidy_table(pd.DataFrame(cells)),
        published,
        comparable=all(grid.settings == "published" for grid in run.grids),
        stands_for=run.stands_for,
    )


def own_numbers(
    row: str, task: str, metric: str, grid: ScoredGrid, run: GridRun
) -> list[dict[str, Any]]:
    """Return the records of a predictor on a task, or one that says what it needs."""
    source = run.sources[task]
    if not source.startswith(tidy.MISSING):
        numbers = grid.numbers(task, metric)
        found = numbers[numbers["row"] == row]
        if len(found):
            records = found.to_dict("records")
            return [{str(k): v for k, v in r.items()} | {"source": source} for r in records]
        source = tidy.MISSING + _need(row, task, grid)
    place = {"row": row, "column": task, "metric": metric, "budget": 0, "train_size": 0}
    return [place | {"context": CONTEXT, "source": source}]


def _need(row: str, task: str, grid: ScoredGrid) -> str:
    if row in grid.predictors:
        scored = (grid.scores["row"] == row) & (grid.scores["column"] == task)
        return _RANKS_ONLY if scored.any() else _UNSCORED
    needed = (*_SEEN_BY.get(family_of(row), ()), *(("losses",) if row in _OF_LOSSES else ()))
    lacking = [name for name in needed if name not in grid.sees]
    return _SEEN[lacking[0]] if lacking else _LEFT_OUT


def shown_cells(grid: ScoredGrid, show: Sequence[Sequence[int]]) -> list[Cell]:
    """Return those cells of a grid that are rendered: all of them if none is named."""
    wanted = [(size, budget) for size, budget in show]
    return [cell for cell in grid.cells if cell in wanted or not wanted]


def lay_out_table(
    table: pd.DataFrame,
    run: GridRun,
    title: str,
    show: Sequence[Sequence[int]] = (),
    notes: Mapping[str, str] | None = None,
) -> list[Layout]:
    """Return a layout a search space: predictors by family, against tasks and cells.

    Args:
        table: of :func:`build_table`, of one metric.
        run: the grids.
        title: caption.
        show: cells that are rendered, all if empty.
        notes: sentence below the table for each task.
    """
    spaces: dict[str, list[str]] = {}
    for task, grid in run.by_task().items():
        if shown_cells(grid, show):
            spaces.setdefault(task.partition("-")[0], []).append(task)
    return [
        _lay_out_space(table, tasks, run, f"{title}: {family_name(space)}", show, notes or {})
        for space, tasks in spaces.items()
    ]


def _lay_out_space(
    table: pd.DataFrame,
    tasks: Sequence[str],
    run: GridRun,
    title: str,
    show: Sequence[Sequence[int]],
    notes: Mapping[str, str],
) -> Layout:
    frames = []
    for task in tasks:
        grid = run.by_task()[task]
        numbers = over_cells(table[table["column"] == task], shown_cells(grid, show))
        frames.append(with_headers(numbers, grid.unit).assign(task=run.title_of(task)))
    shown = pd.concat(frames, ignore_index=True)
    order = {row: place for place, row in enumerate(table["row"].unique())}
    shown = shown.sort_values("row", key=lambda rows: rows.map(order), kind="stable")
    shown = _with_published_lines(shown.reset_index(drop=True))
    return lay_out(
        shared_settings(shown),
        title=title,
        metric=str(table["metric"].iloc[0]),
        columns=("task", "networks", "queried"),
        families={row: family_of(row.partition(_OF_PAPER)[0]) for row in shown["row"].unique()},
        # Who sees nothing but cells, or the curves of the labels, sees no other image.
        substitutes={
            task: text
            for task, text in run.substitutes.items()
            if task in tasks and run.by_task()[task].measured
        },
        notes=[
            *_published_notes(shown),
            *protocol_notes(run.grids_of(tasks)),
            *dict.fromkeys(notes[task] for task in tasks if notes.get(task)),
        ],
    )


_OF_PAPER: Final = ", published"


def _with_published_lines(shown: pd.DataFrame) -> pd.DataFrame:
    """Give published values lines of their own below those of their predictors."""
    known = shown[shown["published"].notna()]
    lines = known.assign(
        row=known["row"] + _OF_PAPER, whose=PUBLISHED, note=None, ci_low=np.nan, ci_high=np.nan
    )
    both = pd.concat([shown.assign(whose=HERE, note=None), lines])
    return both.sort_index(kind="stable").reset_index(drop=True)


def _published_notes(shown: pd.DataFrame) -> list[str]:
    known = shown[shown["published"].notna()]
    if known.empty:
        return ["White et al. print these numbers only as pictures: none of theirs stands here."]
    source = tidy.load_published("white").iloc[0]
    notes = [f"Published: {source['where']}, {source['note']}; White et al. print only pictures."]
    if (known["verdict"] == "not comparable").any():
        notes.append(
            "Published numbers were made on other networks, images or labels: no verdict on them."
        )
    return notes


def shared_settings(shown: pd.DataFrame) -> pd.DataFrame:
    """Leave out the settings of the predictors where all have the same: a note says them once."""
    return shown.assign(settings="") if shown["settings"].nunique() < 2 else shown


def protocol_notes(grids: Sequence[ScoredGrid]) -> list[str]:
    """Return the sentences on how some grids were made, and whose networks are others."""
    draws: dict[Any, list[ScoredGrid]] = {}
    for grid in grids:
        draws.setdefault(grid.drawn, []).append(grid)
    drawn = []
    for alike in draws.values():
        grid = alike[0]
        text = f"each seed has {grid.test_networks} test networks"
        if len(draws) > 1:
            known = f", of those with {' and '.join(grid.pool)}" if grid.pool else ""
            names = dict.fromkeys(name for grid in alike for name in grid.predictors)
            text = f"{', '.join(names)}: {text}{known}"
        drawn.append(f"{text[0].upper()}{text[1:]}; {_DRAWN[grid.sampling]}")
    settings = " and ".join(dict.fromkeys(grid.settings for grid in grids))
    return [
        *drawn,
        f"Settings of all predictors: {settings}.",
        "A predictor that learns from no networks, or sees no curves, has the same number all "
        "along that axis.",
    ]
