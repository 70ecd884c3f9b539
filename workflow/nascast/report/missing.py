"""Panels of what is missing, and titles of what stands for something else."""

from __future__ import annotations

from functools import partial
from typing import Final

from matplotlib.axes import Axes

from nascast.report.canvas import PANEL_WIDTH, Panel
from nascast.report.style import MUTED
from nascast.tables.tidy import MISSING

_HEIGHT: Final = 76.0


def shown_title(task: str, shown: str) -> str:
    """Return what a panel is called that shows a task by another one that may stand for it."""
    return shown if shown == task else f"{shown} for {task.partition('-')[2]}"


def missing_panel(title: str, source: str, width: float = PANEL_WIDTH) -> Panel:
    """Return a panel that says what is missing; low, so that a row of them takes little room.

    Args:
        title: what it would show.
        source: "missing: <what is needed>".
        width: in points.
    """
    draw = partial(_draw_missing, source)
    return Panel(title, f"{title}: {source}", draw, _HEIGHT, width=width)


def _draw_missing(source: str, axes: Axes) -> None:
    axes.set_axis_off()
    needed = source.removeprefix(MISSING)
    axes.text(
        0.5,
        0.5,
        f"{MISSING}\n{needed}",
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=MUTED.light,
    )
