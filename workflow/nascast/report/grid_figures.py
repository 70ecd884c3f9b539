"""The winners of a grid: which predictor ranks best at each initialisation and query budget.

Source: White et al. 2021, whose slides show the same numbers as surfaces in three dimensions, and
the winners as a map.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from nascast.evaluation.scores import SEED_METRIC
from nascast.evaluation.winners import FEWEST_SEEDS, SIGNIFICANT, Cell, cell_winners
from nascast.report.canvas import PANEL_WIDTH, Figure, Panel, inner_size, label_axes
from nascast.report.heat_maps import draw_box, number_scale
from nascast.report.missing import missing_panel
from nascast.report.series import ReportError, metric_name
from nascast.report.style import INK
from nascast.tables.families import family_name
from nascast.tables.grid_run import GridRun, ScoredGrid, counted
from nascast.tables.render import number
from nascast.tables.tidy import MINIBENCH, MISSING
from nascast.tables.white import competitors

_SHEET: Final = 900.0  # points side by side
_MARGINS: Final = (40.0, 8.0, 22.0, 46.0)
_CELL_WIDTH: Final = 44.0
_WIDEST_CELL: Final = 72.0
_CELL_HEIGHT: Final = 34.0
_LEAST_HEIGHT: Final = 112.0  # of all cells, so that the axis has room for its name
_LINE: Final = 8.0
_NAME_SIZE: Final = 6.3
_VALUE_SIZE: Final = 7.5
_LETTERS: Final = 11  # in a line of a predictor's name
_UNKNOWN: Final = "–"


def tau_surface(name: str, run: GridRun, metric: str) -> tuple[Figure, int]:
    """Draw a heat map a task: in each cell the best predictor, its value the colour.

    Initialisation grows upwards, the query budget to the right. OMNI competes, its variants do not.
    Neighbouring cells with different winners are parted by a line. An asterisk marks winners that
    are ahead of the second best by more than chance (Kendall's tau alone is known by seed).

    Args:
        name: of the figure.
        run: the grids.
        metric: that ranks the predictors.

    Returns:
        The figure, and how many of its panels fit side by side.

    Raises:
        ReportError: the grids have no task.
    """
    places = run.by_task()
    if not places:
        raise ReportError(f"{name} has no task to draw")
    width = max(_panel_width(grid.cells) for grid in places.values())
    winners = {
        task: _winners(task, grid, metric)
        for task, grid in places.items()
        if not run.sources[task].startswith(MISSING)
    }
    found = [rows["value"].to_numpy(np.float64) for rows in winners.values()]
    scale = number_scale(np.concatenate(found) if found else np.empty(0))
    panels = []
    for task, grid in places.items():
        title = f"{family_name(task.partition('-')[0])}, {run.title_of(task)}"
        if task in winners:
            below = _remark(run.sources[task], grid, task, metric)
            panels.append(_panel(title, winners[task], grid, scale, metric, below))
        else:
            panels.append(missing_panel(title, run.sources[task], width))
    return Figure(name, tuple(panels)), max(1, int(_SHEET // width))


def _winners(task: str, grid: ScoredGrid, metric: str) -> pd.DataFrame:
    numbers = grid.numbers(task, metric)
    numbers = numbers[numbers["row"].isin(competitors(grid.predictors))]
    seeds = grid.seed_numbers(task) if metric == SEED_METRIC else None
    return cell_winners(numbers, grid.cells, seeds)


def _axes_of(cells: Sequence[Cell]) -> tuple[list[int], list[int]]:
    """Return the training sizes and the query budgets of a grid."""
    return sorted({size for size, _ in cells}), sorted({budget for _, budget in cells})


def _panel_width(cells: Sequence[Cell]) -> float:
    budgets = _axes_of(cells)[1]
    width = min(_WIDEST_CELL, max(_CELL_WIDTH, (PANEL_WIDTH - _MARGINS[0]) / len(budgets)))
    return max(PANEL_WIDTH, _MARGINS[0] + _MARGINS[1] + width * len(budgets))


def _remark(source: str, grid: ScoredGrid, task: str, metric: str) -> str:
    """Return what stands below a panel: how its winners are tested, and whose labels they are."""
    parts = []
    if metric == SEED_METRIC:
        seeds = grid.seed_numbers(task)["seed"].nunique()
        parts.append(
            f"* ahead of the second best, p < {SIGNIFICANT} over {seeds} seeds"
            if seeds >= FEWEST_SEEDS
            else f"{seeds} seeds, too few to test"
        )
    return "; ".join([*parts, *(["mini benchmark"] if source == MINIBENCH else [])])


def _panel(
    title: str, winners: pd.DataFrame, grid: ScoredGrid, scale: Normalize, metric: str, below: str
) -> Panel:
    sizes, budgets = _axes_of(grid.cells)
    counts = winners["best"].value_counts()
    words = ", ".join(f"{best} in {count}" for best, count in counts.items())
    alt = (
        f"Best {metric_name(metric)} on {title} by initialisation and query budget, "
        f"{len(grid.cells)} cells; winners: {words or 'none'}"
    )
    draw = partial(_draw, winners, sizes, budgets, scale, counted(grid.unit), below)
    height = _MARGINS[2] + _MARGINS[3] + max(_LEAST_HEIGHT, len(sizes) * _CELL_HEIGHT)
    return Panel(title, alt, draw, height, _MARGINS, _panel_width(grid.cells))


def _draw(
    winners: pd.DataFrame,
    sizes: Sequence[int],
    budgets: Sequence[int],
    scale: Normalize,
    unit: str,
    below: str,
    axes: Axes,
) -> None:
    colours = mpl.colormaps["cividis"]
    axes.set(xlim=(0, len(budgets)), ylim=(0, len(sizes)))
    found = {
        (sizes.index(row["train_size"]), budgets.index(row["budget"])): row
        for row in winners.to_dict("records")
    }
    for line in range(len(sizes)):
        for column in range(len(budgets)):
            row = found.get((line, column))
            if row is None:
                ink = draw_box(axes, column, line, None)
                _write(axes, column, line, [], _UNKNOWN, ink)
                continue
            value = float(row["value"])
            ink = draw_box(axes, column, line, colours(float(scale(value))))
            star = "*" if row["p_value"] < SIGNIFICANT else ""
            _write(axes, column, line, _lines(str(row["best"])), number(value, 2) + star, ink)
    _part(axes, {place: str(row["best"]) for place, row in found.items()})
    axes.set_xticks(np.arange(len(budgets)) + 0.5, [f"{b:,}" if b else "none" for b in budgets])
    axes.set_yticks(np.arange(len(sizes)) + 0.5, [f"{s:,}" if s else "none" for s in sizes])
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    label_axes(axes, f"query budget [{unit}]\n{below}", "initialisation [networks]")


def _lines(name: str) -> list[str]:
    """Break a predictor's name into lines that fit a cell."""
    return textwrap.wrap(name, _LETTERS, break_long_words=False)


def _write(axes: Axes, column: int, line: int, names: Sequence[str], value: str, ink: str) -> None:
    """Write a winner's name above its value, together in the middle of a cell."""
    low, high = axes.get_ylim()
    step = _LINE / inner_size(axes)[1] * (high - low)
    top = line + 0.5 + step * len(names) / 2
    for place, text in enumerate([*names, value]):
        last = place == len(names)
        axes.text(
            column + 0.5,
            top - place * step,
            text,
            ha="center",
            va="center",
            color=ink,
            size=_VALUE_SIZE if last else _NAME_SIZE,
            weight="bold" if last else "normal",
        )


def _part(axes: Axes, best: dict[tuple[int, int], str]) -> None:
    """Draw a line between neighbouring cells with different winners."""
    for (line, column), name in best.items():
        right, above = best.get((line, column + 1), name), best.get((line + 1, column), name)
        if right != name:
            axes.plot([column + 1] * 2, [line, line + 1], color=INK.light, linewidth=1.1)
        if above != name:
            axes.plot([column, column + 1], [line + 1] * 2, color=INK.light, linewidth=1.1)
