"""Figures of lines and points: ranking quality against cost, ranks, learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from nascast.report import series
from nascast.report.canvas import (
    LINE_GAP,
    Figure,
    Panel,
    inner_size,
    label_axes,
    label_ends,
    padded,
    text_width,
)
from nascast.report.series import IN_DOMAIN, CostAxis, Floats, LossBand, ReportError
from nascast.report.style import MUTED, QUANTILES, method_style
from nascast.tables.render import number

_COST_LABELS: Final[dict[CostAxis, str]] = {
    "budget": "mini-batches of training",
    "query_seconds": "seconds a query",
}
_TICK_GAP = 20.0  # points between the middles of neighbouring numbers


def tau_against_query_cost(
    tidy: pd.DataFrame,
    *,
    axis: CostAxis = "budget",
    metric: str = "kendall_tau",
    context: str = IN_DOMAIN,
    train_size: int | None = None,
    methods: Sequence[str] | None = None,
    highlight: str = "NAP2",
) -> Figure:
    """Draw a line a method with its interval, one panel a task.

    Args:
        tidy: a tidy table, see :func:`nascast.report.series.cost_points`.
        axis: mini-batches of partial training, or measured seconds a query.
        metric: the metric on the vertical axis.
        context: rows to use.
        train_size: rows to use, None where there is only one training size.
        methods: methods to draw, all by default.
        highlight: the method whose line is thicker.

    Raises:
        ReportError: the table has nothing to draw, or two values for one point.
    """
    points = series.cost_points(
        tidy, axis=axis, metric=metric, context=context, train_size=train_size
    )
    if methods is not None:
        points = points[points["row"].isin(methods)]
        if points.empty:
            raise ReportError(f"the cost figure has none of the methods {list(methods)}")
    bounds = points[["value", "ci_low", "ci_high"]].to_numpy(np.float64)
    limits = padded(float(np.nanmin(bounds)), float(np.nanmax(bounds)))
    names = series.short_tasks(points["column"].unique().tolist())
    name = series.metric_name(metric)
    room = text_width(points["row"]) + 16
    panels = []
    for task, rows in points.groupby("column", sort=False):
        draw = partial(_draw_costs, rows, limits, axis, name, highlight)
        alt = f"{name} on {task} against {_COST_LABELS[axis]}: {_best_in_words(rows)}"
        height = max(190.0, 54 + LINE_GAP * rows["row"].nunique())
        panels.append(Panel(names[str(task)], alt, draw, height, (36.0, room, 22.0, 32.0)))
    return Figure("tau_against_query_cost", tuple(panels))


def _best_in_words(rows: pd.DataFrame, most: int = 3) -> str:
    """Describe the lines that end highest."""
    ends = rows.groupby("row", sort=False).last()
    best = ends.sort_values("value", ascending=False, kind="stable").head(most)
    lines = [
        f"{method} reaches {number(value, 2)} at {cost:.3g}"
        for method, value, cost in zip(best.index, best["value"], best["cost"], strict=True)
    ]
    return f"{len(ends)} methods, at their largest cost " + ", ".join(lines)


def _draw_costs(
    rows: pd.DataFrame,
    limits: tuple[float, float],
    axis: CostAxis,
    metric: str,
    highlight: str,
    axes: Axes,
) -> None:
    costs = np.unique(rows.loc[rows["cost"] > 0, "cost"])
    low, high = (costs.min(), costs.max()) if len(costs) else (1.0, 1.0)
    stretch = 1.08 if high > low else 2.0
    axes.set_xscale("log")
    axes.set_xlim(low / stretch, high * stretch)
    axes.set_ylim(*limits)
    axes.grid(axis="y")
    label_axes(axes, _COST_LABELS[axis], metric)
    _cost_ticks(axes, costs if axis == "budget" else series.round_numbers(low, high))
    ends = []
    for method, line in reversed(list(rows.groupby("row", sort=False))):
        ends.append((str(method), *_draw_line(axes, str(method), line, str(method) == highlight)))
    label_ends(axes, ends)


def _draw_line(
    axes: Axes, method: str, line: pd.DataFrame, thick: bool
) -> tuple[float, float, str]:
    """Draw one method; return where its line ends and its colour."""
    style = method_style(method)
    colour, width = style.tone.light, 2.0 if thick else 1.2
    paid = line[line["cost"] > 0]
    if paid.empty:
        level = float(line["value"].iloc[-1])
        axes.axhline(level, color=colour, linestyle=style.dash, linewidth=width)
        return axes.get_xlim()[1], level, colour
    cost, value, below, above = (
        paid[name].to_numpy(np.float64) for name in ("cost", "value", "ci_low", "ci_high")
    )
    if len(cost) > 1:
        axes.fill_between(cost, below, above, color=colour, alpha=0.1, linewidth=0)
    else:
        axes.vlines(cost, below, above, color=colour, linewidth=width)
    axes.plot(
        cost,
        value,
        color=colour,
        linestyle=style.dash,
        linewidth=width,
        marker=style.marker,
        markersize=4.2 if thick else 3.4,
        markeredgewidth=0,
        zorder=3 if thick else 2,
    )
    return float(cost[-1]), float(value[-1]), colour


def _cost_ticks(axes: Axes, costs: Floats) -> None:
    """Mark costs on the logarithmic axis, as far as their numbers have room, the largest first."""
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    low, high = np.log(axes.get_xlim())
    places = (np.log(costs) - low) / (high - low) * inner_size(axes)[0]
    kept: list[int] = []
    for index in range(len(costs) - 1, -1, -1):
        if not kept or places[kept[-1]] - places[index] > _TICK_GAP:
            kept.append(index)
    axes.set_xticks(costs[kept], [f"{cost:,.10g}" for cost in costs[kept]])


def predicted_against_true_rank(
    predictions: pd.DataFrame,
    predictor: str,
    budget: int,
    *,
    context: str = IN_DOMAIN,
    train_size: int | None = None,
) -> Figure:
    """Draw a point a test network, one panel a task, tau in its title.

    Args:
        predictions: the predictions contract.
        predictor: the method to show.
        budget: the budget to show, in mini-batches.
        context: rows to use.
        train_size: rows to use, None where there is only one training size.

    Raises:
        ReportError: there are no such predictions, or several runs of them.
    """
    points, taus = series.rank_points(
        predictions, predictor, budget, context=context, train_size=train_size
    )
    names = series.short_tasks(points["task"].unique().tolist())
    panels = []
    for task, rows in points.groupby("task", sort=False):
        tau = taus[str(task)]
        alt = (
            f"Predicted against true rank of {len(rows)} networks on {task}: {predictor} after "
            f"{budget} mini-batches, Kendall tau {number(tau, 2)}"
        )
        panels.append(
            Panel(
                f"{names[str(task)]}: τ = {number(tau, 2)}",
                alt,
                partial(_draw_ranks, rows, method_style(predictor).tone.light),
                height=252.0,
                margins=(40.0, 12.0, 22.0, 34.0),
            )
        )
    return Figure("predicted_against_true_rank", tuple(panels))


def _draw_ranks(rows: pd.DataFrame, colour: str, axes: Axes) -> None:
    axes.plot([0, 100], [0, 100], color=MUTED.light, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(
        rows["true"],
        rows["predicted"],
        linestyle="none",
        marker="o",
        markersize=3.2 if len(rows) < 400 else 2.4,
        markeredgewidth=0,
        color=colour,
        alpha=0.6,
        rasterized=len(rows) > 2000,
    )
    axes.set(xlim=(-3, 103), ylim=(-3, 103))
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.grid()
    label_axes(axes, "true rank (100 = best)", "predicted rank (100 = best)")


def learning_curves(
    steps: pd.DataFrame, labels: pd.Series, *, title: str = "training loss", groups: int = 5
) -> Figure:
    """Draw training loss by mini-batch, networks grouped by their final label.

    Each group (by default a fifth of the networks) has its median, the band of its middle half,
    and as a thin line the one network in the middle of the group. The vertical range follows the
    bands, so that single networks that diverge may leave it.

    Args:
        steps: the trace steps contract.
        labels: final label by arch_id; networks without one, or without steps, are left out.
        title: stands above the panel.
        groups: number of groups.

    Raises:
        ReportError: no network has both steps and a label.
    """
    place, bands = series.loss_bands(steps, labels, groups)
    shown = sum(band.networks for band in bands)
    alt = f"{title} of {shown} networks over {int(steps['step'].max())} mini-batches"
    ends = [f"{band.name} {number(band.median[-1], 2)}" for band in bands]
    alt += ", median at the end by final label: " + ", ".join(ends)
    room = text_width(band.name for band in bands) + 14
    panel = Panel(title, alt, partial(_draw_bands, place, bands), 210.0, (36.0, room, 22.0, 32.0))
    return Figure("learning_curves", (panel,))


def _draw_bands(place: Floats, bands: Sequence[LossBand], axes: Axes) -> None:
    outline = np.concatenate([values for band in bands for values in (band.low, band.high)])
    finite = outline[np.isfinite(outline)]
    axes.set_xlim(*padded(place[0], place[-1], 0.02))
    if len(finite):
        axes.set_ylim(*padded(finite.min(), finite.max()))
    axes.grid(axis="y")
    label_axes(axes, "mini-batches of training", "loss of the mini-batch")
    ends = []
    for band, tone in zip(bands, series.evenly(QUANTILES, len(bands)), strict=True):
        axes.plot(place, band.example, color=tone.light, linewidth=0.5, alpha=0.45)
        axes.fill_between(place, band.low, band.high, color=tone.light, alpha=0.16, linewidth=0)
        axes.plot(place, band.median, color=tone.light, linewidth=1.6)
        known = np.flatnonzero(np.isfinite(band.median))
        if len(known):
            end = known[-1]
            ends.append((band.name, float(place[end]), float(band.median[end]), tone.light))
    label_ends(axes, ends)
