"""The families side by side: accuracy against MACs, and how both are distributed."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nascast.evaluation.metrics import kendall_tau
from nascast.report.canvas import Figure, Panel, label_axes, padded
from nascast.report.series import Floats, ReportError
from nascast.report.style import MUTED, SERIES
from nascast.tables.families import MISSING, family_name
from nascast.tables.render import number

COLUMNS: Final = 3
"""Panels of a family, and so of a row of the figure."""

_HEIGHT: Final = 150.0
_MARGINS: Final = (38.0, 12.0, 22.0, 32.0)
_BINS: Final = 24
_MACS, _ACCURACY = "million MACs", "accuracy [%]"


def family_overview(networks: pd.DataFrame) -> Figure:
    """Draw a row a family: accuracy against MACs, histograms of accuracy and of MACs.

    Source: Mills et al. 2023, "GENNAPE", Figure 2 has the histograms of its three new families.

    Args:
        networks: one row a network: ``space``, ``accuracy`` in [0, 1] (NaN without a label) and
            ``macs``. Families without labels have a panel that says so.

    Raises:
        ReportError: there is no network.
    """
    if networks.empty:
        raise ReportError("the overview of the families has no network")
    panels: list[Panel] = []
    for space, rows in networks.groupby("space", sort=False):
        panels += _family_panels(family_name(str(space)), rows)
    return Figure("family_overview", tuple(panels))


def _family_panels(name: str, rows: pd.DataFrame) -> list[Panel]:
    labelled = rows.dropna(subset="accuracy")
    macs = 1e-6 * rows["macs"].to_numpy(np.float64)
    sizes = Panel(
        f"{name}: MACs",
        f"Histogram of the MACs of {len(rows)} networks of {name}, from {number(macs.min(), 2)} to "
        f"{number(macs.max(), 2)} million",
        partial(_draw_histogram, macs, _MACS, MUTED.light),
        _HEIGHT,
        _MARGINS,
    )
    if labelled.empty:
        missing = f"{name}: {MISSING}"
        return [
            Panel(name, missing, _draw_missing, _HEIGHT, _MARGINS),
            Panel(f"{name}: accuracy", missing, _draw_missing, _HEIGHT, _MARGINS),
            sizes,
        ]
    accuracy = 100 * labelled["accuracy"].to_numpy(np.float64)
    spent = 1e-6 * labelled["macs"].to_numpy(np.float64)
    tau = kendall_tau(spent, accuracy)
    span = f"from {number(accuracy.min(), 1)} to {number(accuracy.max(), 1)} percent"
    return [
        Panel(
            f"{name}: τ = {number(tau, 2)}",
            f"Accuracy against MACs of {len(labelled)} networks of {name}, {span}; Kendall tau of "
            f"the two {number(tau, 2)}",
            partial(_draw_points, spent, accuracy),
            _HEIGHT,
            _MARGINS,
        ),
        Panel(
            f"{name}: accuracy",
            f"Histogram of the accuracy of {len(labelled)} networks of {name}, {span}, mean "
            f"{number(accuracy.mean(), 1)}",
            partial(_draw_histogram, accuracy, _ACCURACY, SERIES[5].light),
            _HEIGHT,
            _MARGINS,
        ),
        sizes,
    ]


def _draw_points(macs: Floats, accuracy: Floats, axes: Axes) -> None:
    axes.plot(
        macs,
        accuracy,
        linestyle="none",
        marker="o",
        markersize=3.0,
        markeredgewidth=0,
        color=SERIES[5].light,
        alpha=0.6,
        rasterized=len(macs) > 2000,
    )
    axes.set_xlim(*padded(macs.min(), macs.max()))
    axes.set_ylim(*padded(accuracy.min(), accuracy.max()))
    _few_ticks(axes)
    axes.grid()
    label_axes(axes, _MACS, _ACCURACY)


def _draw_histogram(values: Floats, name: str, colour: str, axes: Axes) -> None:
    low, high = padded(values.min(), values.max(), 0.0)
    counts, edges = np.histogram(values, bins=_BINS, range=(low, high))
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=colour, alpha=0.75)
    axes.set_xlim(*padded(low, high))
    _few_ticks(axes)
    axes.grid(axis="y")
    label_axes(axes, name, "networks")


def _few_ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _draw_missing(axes: Axes) -> None:
    axes.set_axis_off()
    axes.text(
        0.5, 0.5, MISSING, transform=axes.transAxes, ha="center", va="center", color=MUTED.light
    )
