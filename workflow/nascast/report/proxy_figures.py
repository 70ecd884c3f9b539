"""SNAP's figures of zero-cost proxies: how well they rank, and how alike they are.

Source: SNAP (ICLR 2026 submission 9767), Figures 1, 3, 4 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from nascast.report.canvas import Figure, Panel, text_width
from nascast.report.heat_maps import Cells, draw_cells
from nascast.report.missing import missing_panel, shown_title
from nascast.report.series import ReportError
from nascast.report.style import INK, MUTED, SERIES
from nascast.tables.render import number
from nascast.tables.tidy import MINIBENCH, MISSING

Places = Mapping[str, tuple[str, str]]
"""The paper's task to the task that shows it, and its source or what is missing."""

METRIC: Final = "spearman"
_LINE: Final = 14.0  # points from one proxy to the next
_CELL: Final = 25.0
_AROUND: Final = 54.0  # points above and below the axes


def proxy_bars(
    name: str, scores: pd.DataFrame, places: Places, rows: Sequence[str], needs: Mapping[str, str]
) -> Figure:
    """Draw a panel a task: a bar a proxy, from zero to its correlation, with its interval.

    Args:
        name: of the figure.
        scores: ``row``, ``column``, ``metric``, ``value``, ``ci_low``, ``ci_high``.
        places: the paper's tasks in order, and what shows each.
        rows: proxies from top to bottom; those without a score say so.
        needs: what rows need that are no proxies.

    Raises:
        ReportError: there is nothing to draw.
    """
    return _ranked_panels(name, scores, places, rows, needs, bars=True)


def proxy_points(
    name: str, scores: pd.DataFrame, places: Places, rows: Sequence[str], needs: Mapping[str, str]
) -> Figure:
    """Draw a panel a task: a point a proxy with its interval. See :func:`proxy_bars`."""
    return _ranked_panels(name, scores, places, rows, needs, bars=False)


def _ranked_panels(
    name: str,
    scores: pd.DataFrame,
    places: Places,
    rows: Sequence[str],
    needs: Mapping[str, str],
    *,
    bars: bool,
) -> Figure:
    wanted = scores[(scores["metric"] == METRIC) & scores["row"].isin(rows)]
    if not places or not rows:
        raise ReportError(f"{name} has no task or no proxy to draw")
    height = _LINE * len(rows) + _AROUND
    margins = (text_width([*rows], 7.0) + 8.0, 10.0, 22.0, 32.0)
    panels = []
    for task, (shown, source) in places.items():
        numbers = {
            str(record["row"]): tuple(float(record[n]) for n in ("value", "ci_low", "ci_high"))
            for record in wanted[wanted["column"] == shown].to_dict("records")
        }
        title = shown_title(task, shown)
        if source.startswith(MISSING):
            panels.append(missing_panel(title, source))
            continue
        words = [f"{row} {number(numbers[row][0], 2)}" for row in rows if row in numbers]
        draw = partial(_draw_ranked, numbers, rows, needs, bars, _remark(source))
        alt = f"Spearman rho of proxies on {title}: " + ", ".join(words)
        panels.append(Panel(title, alt, draw, height, margins))
    return Figure(name, tuple(panels))


def _remark(source: str) -> str:
    return "; mini benchmark" if source == MINIBENCH else ""


def _draw_ranked(
    numbers: Mapping[str, tuple[float, ...]],
    rows: Sequence[str],
    needs: Mapping[str, str],
    bars: bool,
    remark: str,
    axes: Axes,
) -> None:
    axes.set(xlim=(-1, 1), ylim=(len(rows) - 0.4, -0.6))
    axes.axvline(0, color=MUTED.light, linewidth=0.7)
    for place, row in enumerate(rows):
        value, low, high = numbers.get(row, (np.nan, np.nan, np.nan))
        if np.isnan(value):
            missing = f"missing: {needs[row]}" if row in needs else "not defined or not measured"
            axes.text(0.03, place, missing, va="center", size=6.5, color=MUTED.light)
            continue
        if bars:
            axes.barh(place, value, 0.62, color=SERIES[5].light)
        else:
            axes.plot(value, place, "o", markersize=4.5, color=SERIES[5].light)
        if np.isfinite([low, high]).all():
            axes.plot([low, high], [place, place], color=INK.light, linewidth=0.8)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.tick_params("y", length=0)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"Spearman rho, 95% interval{remark}", labelpad=3)


def proxy_pairs(
    name: str, pairs: pd.DataFrame, places: Places, rows: Sequence[str], needs: Mapping[str, str]
) -> Figure:
    """Draw a heat map a task: Spearman's rho between every two proxies.

    Args:
        name: of the figure.
        pairs: ``task``, ``proxy``, ``other``, ``spearman``.
        places: the paper's tasks in order, and what shows each.
        rows: proxies in order; those without a number have empty cells.
        needs: what rows need that are no proxies.

    Raises:
        ReportError: there is nothing to draw.
    """
    if not places or not rows:
        raise ReportError(f"{name} has no task or no proxy to draw")
    left = text_width(rows, 7.0) + 10.0
    margins = (left, 10.0, 24.0, left + 14.0)
    width = left + 10.0 + _CELL * len(rows)
    height = _CELL * len(rows) + margins[2] + margins[3]
    panels = []
    for task, (shown, source) in places.items():
        title = shown_title(task, shown)
        if source.startswith(MISSING):
            panels.append(missing_panel(title, source, width))
            continue
        chosen = pairs[pairs["task"] == shown]
        cells: Cells = {
            (str(one), str(other)): np.array([rho, np.nan, np.nan])
            for one, other, rho in zip(
                chosen["proxy"], chosen["other"], chosen["spearman"], strict=True
            )
        }
        known = [row for row in rows if (row, row) in cells]
        words = [
            f"{one} and {other} {number(float(cells[one, other][0]), 2)}"
            for position, one in enumerate(known)
            for other in known[position + 1 :]
            if (one, other) in cells
        ]
        alt = f"Spearman rho between proxies on {title}: " + ", ".join(words)
        lacking = [f"{row} needs {needs[row]}" for row in rows if row in needs and row not in known]
        below = "; ".join(lacking) + (_remark(source) if lacking else _remark(source)[2:])
        draw = partial(_draw_pairs, cells, rows, below)
        panels.append(Panel(title, alt, draw, height, margins, width))
    return Figure(name, tuple(panels))


def _draw_pairs(cells: Cells, rows: Sequence[str], below: str, axes: Axes) -> None:
    draw_cells(
        axes,
        cells,
        list(rows),
        {row: row for row in rows},
        colours=mpl.colormaps["PuOr"],
        scale=Normalize(-1.0, 1.0),
        size=6.5,
    )
    axes.tick_params("x", labelrotation=90)
    axes.set_xlabel(below, labelpad=4)
