"""Figures of searches: regret after every trained network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from nascast.report.canvas import (
    PANEL_WIDTH,
    Figure,
    Panel,
    label_axes,
    label_ends,
    text_width,
)
from nascast.report.missing import missing_panel
from nascast.report.series import ReportError, round_numbers
from nascast.report.style import method_style
from nascast.tables.render import number
from nascast.tables.tidy import MINIBENCH, MISSING

_WIDTH: Final = PANEL_WIDTH + 40.0
_HEIGHT: Final = 210.0
_STRETCH: Final = 1.15


def regret_figure(name: str, curves: pd.DataFrame, sources: Mapping[str, str]) -> Figure:
    """Draw a panel a task and guided search: a line a predictor, beside the unguided searches.

    The vertical axis is logarithmic, the same for all panels of a task. It ends a little below the
    smallest mean regret that is not zero; what lies below it is drawn on the edge.

    Args:
        name: of the figure.
        curves: of :func:`nascast.search.regret.regret_curves`; none of tasks that are missing.
        sources: label source of every task, in order: "real", "minibench" or "missing: <what>".

    Raises:
        ReportError: there is no task.
    """
    if not sources:
        raise ReportError(f"{name} has no task to draw")
    guided = curves[curves["predictor"] != ""]
    algorithms = [str(name) for name in guided["algorithm"].unique()] or [""]
    panels = []
    for task, source in sources.items():
        found = curves[curves["task"] == task]
        limits = _limits(found)
        label = "regret; mini benchmark" if source == MINIBENCH else "regret"
        for algorithm in algorithms:
            title = f"{task}: {algorithm}" if algorithm else task
            if source.startswith(MISSING):
                panels.append(missing_panel(title, source, _WIDTH))
                continue
            lines = _lines(found[(found["predictor"] == "") | (found["algorithm"] == algorithm)])
            margins = (46.0, text_width(lines) + 16.0, 22.0, 32.0)
            draw = partial(_draw_lines, lines, limits, label)
            panels.append(Panel(title, _in_words(title, lines), draw, _HEIGHT, margins, _WIDTH))
    return Figure(name, tuple(panels))


def _lines(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return each method's rows by what it is called within a panel."""
    return {
        str(predictor) or str(algorithm): line
        for (algorithm, predictor), line in rows.groupby(["algorithm", "predictor"], sort=False)
    }


def _in_words(title: str, lines: Mapping[str, pd.DataFrame]) -> str:
    """Describe where the lines end, the lowest first."""
    ends = sorted((float(line["regret"].iloc[-1]), name) for name, line in lines.items())
    trained = int(next(iter(lines.values()))["query"].max())
    values = ", ".join(f"{name} {number(value, 4)}" for value, name in ends)
    return f"Regret on {title} after {trained} trained networks: {values}"


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the logarithmic axis."""
    regrets = rows["regret"].to_numpy(np.float64)
    positive = regrets[regrets > 0]
    if not len(positive):
        return 1e-4, 1e-3
    return float(positive.min()) / _STRETCH, float(positive.max()) * _STRETCH


def _draw_lines(
    lines: Mapping[str, pd.DataFrame], limits: tuple[float, float], label: str, axes: Axes
) -> None:
    last = max(int(line["query"].max()) for line in lines.values())
    axes.set_yscale("log")
    axes.set(xlim=(1, max(last, 2)), ylim=limits)
    axes.grid(axis="y")
    label_axes(axes, "networks trained", label)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    ticks = round_numbers(*limits)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ends = []
    for name, line in reversed(list(lines.items())):
        style = method_style(name)
        colour = style.tone.light
        query = line["query"].to_numpy()
        value, low, high = (
            np.clip(line[part].to_numpy(np.float64), *limits)
            for part in ("regret", "ci_low", "ci_high")
        )
        axes.fill_between(query, low, high, step="post", color=colour, alpha=0.1, linewidth=0)
        axes.step(query, value, where="post", color=colour, linestyle=style.dash, linewidth=1.3)
        ends.append((name, float(query[-1]), float(value[-1]), colour))
    label_ends(axes, ends)
