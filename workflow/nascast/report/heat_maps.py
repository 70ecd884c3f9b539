"""Figures made of cells: one network's trace, and the transfer matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize, TwoSlopeNorm
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from nascast.report import series
from nascast.report.canvas import (
    SMALL_TEXT_SIZE,
    TEXT_SIZE,
    Figure,
    Panel,
    inner_size,
    label_axes,
    sheet_of,
)
from nascast.report.series import Floats, ReportError
from nascast.report.style import GRID, INK, MUTED
from nascast.tables.render import number

Cells = dict[tuple[str, str], Floats]  # (source, target) to value, ci_low, ci_high
Colour = tuple[float, float, float, float]

_MOST_LEVEL_NAMES = 4
# Colours of numbers on coloured cells: close to white and black, but not the palette's own white
# and ink, since cells keep their colours in a page's dark version.
_ON_LIGHT, _ON_DARK = "#10141a", "#fdfdfd"


def trace_heat_map(
    values: ArrayLike,
    steps: Sequence[int],
    *,
    statistic: str = "l2_norm",
    tensor: str = "gradient",
    network: str = "",
) -> Figure:
    """Draw one statistic of one network over layers and mini-batches, on a signed log scale.

    The colours span the 1st to the 99th percentile; a value that is not finite stays blank.

    Args:
        values: ``(snapshots, layers)``, layers in module order, to the network's true depth.
        steps: mini-batches done at each snapshot, ``(snapshots,)``.
        statistic: which of the twelve statistics the values are.
        tensor: ``"weight"`` or ``"gradient"``.
        network: what to call the network.

    Raises:
        ReportError: the values are not a non-empty matrix with a row a snapshot.
    """
    raw = np.asarray(values, np.float64)
    if raw.ndim != 2 or raw.size == 0 or len(raw) != len(steps):
        raise ReportError(
            "the trace heat map needs values of shape (snapshots, layers) and a step a snapshot, "
            f"got {raw.shape} and {len(steps)} steps"
        )
    logs = series.signed_log(np.where(np.isfinite(raw), raw, np.nan))
    what = f"{series.metric_name(statistic)} of {tensor}s"
    alt = (
        f"{what} of {network or 'one network'}: {raw.shape[1]} layers by "
        f"{len(steps)} snapshots, mini-batch {steps[0]} to {steps[-1]}; {_range_in_words(raw)}"
    )
    draw = partial(_draw_trace, logs, [int(step) for step in steps])
    panel = Panel(what, alt, draw, height=270.0, margins=(36.0, 12.0, 22.0, 60.0))
    return Figure("trace_heat_map", (panel,))


def _range_in_words(raw: Floats) -> str:
    finite = raw[np.isfinite(raw)]
    if not len(finite):
        return "no finite value"
    return f"values from {finite.min():.3g} to {finite.max():.3g}"


def _colours(values: Floats) -> tuple[Colormap, Normalize]:
    """Return a scale from the 1st to the 99th percentile, centred on zero if both signs occur."""
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [1, 99]) if len(finite) else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    if low < 0 < high:
        return mpl.colormaps["PuOr"], TwoSlopeNorm(0.0, low, high)
    return mpl.colormaps["cividis"], Normalize(low, high)


def _draw_trace(logs: Floats, steps: Sequence[int], axes: Axes) -> None:
    colours, scale = _colours(logs)
    layers = logs.shape[1]
    image = axes.imshow(
        logs.T, aspect="auto", interpolation="none", cmap=colours, norm=scale, origin="upper"
    )
    axes.set_xticks(*_thinned([f"{step:,}" for step in steps], inner_size(axes)[0], 26))
    axes.set_yticks(*_thinned([str(k + 1) for k in range(layers)], inner_size(axes)[1], 16))
    label_axes(axes, "mini-batches of training", "layer, from input to output")
    height = inner_size(axes)[1]
    strip = axes.inset_axes((0.0, -38.0 / height, 1.0, 6.0 / height))
    bar = sheet_of(axes).colorbar(image, cax=strip, orientation="horizontal")
    bar.outline.set_visible(False)
    strip.set_xlabel("sign(x) · log(1 + |x|)", labelpad=1)
    strip.tick_params(length=2)


def _thinned(names: Sequence[str], length: float, gap: float) -> tuple[list[int], list[str]]:
    """Return places and names of as many evenly spaced cells as have room, the first included."""
    stride = max(1, int(np.ceil(gap * len(names) / length)))
    places = list(range(0, len(names), stride))
    return places, [names[place] for place in places]


def transfer_matrix(
    tidy: pd.DataFrame, method: str, *, budget: int, metric: str = "kendall_tau"
) -> Figure:
    """Draw a metric for every pair of source and target task, with numbers and intervals.

    The frame marks pairs whose source is the target (in-domain); pairs without a value have a dash.

    Args:
        tidy: a tidy table with contexts ``"in-domain"`` and ``"from <task>"``.
        method: row of the table to show.
        budget: budget to show, in mini-batches.
        metric: metric to show.

    Raises:
        ReportError: the table lacks such rows, or has two for a pair.
    """
    pairs = series.transfer_rows(tidy, method, budget=budget, metric=metric)
    numbers = pairs[["value", "ci_low", "ci_high"]].to_numpy(np.float64)
    cells = dict(zip(zip(pairs["source"], pairs["target"], strict=True), numbers, strict=True))
    tasks = list(dict.fromkeys([*pairs["target"], *pairs["source"]]))
    names = series.short_tasks(tasks)
    words = [
        f"{names[source]} to {names[target]} {number(value, 2)}"
        for (source, target), (value, _, _) in cells.items()
        if np.isfinite(value)
    ]
    name = series.metric_name(metric)
    alt = f"{name} of {method} by source and target: " + ", ".join(words)
    draw = partial(_draw_pairs, cells, tasks, names)
    left = min(80.0, 22 + 4.4 * max(len(name) for name in names.values()))
    height = 62.0 + max(38.0 * len(tasks), 60.0)
    panel = Panel(f"{name} of {method}", alt, draw, height, (left, 10.0, 22.0, 40.0))
    return Figure("transfer_matrix", (panel,))


def _draw_pairs(cells: Cells, tasks: Sequence[str], names: dict[str, str], axes: Axes) -> None:
    scale = number_scale(np.array([value for value, _, _ in cells.values()]))
    draw_cells(axes, cells, tasks, names, colours=mpl.colormaps["cividis"], scale=scale)
    for place in range(len(tasks)):
        frame = Rectangle((place + 0.05, place + 0.05), 0.9, 0.9, fill=False)
        frame.set(edgecolor=INK.light, linewidth=1.2)
        axes.add_patch(frame)
    if len(tasks) > _MOST_LEVEL_NAMES:
        axes.tick_params("x", labelrotation=20)
    label_axes(axes, "target", "source")


def draw_cells(
    axes: Axes,
    cells: Cells,
    rows: Sequence[str],
    names: Mapping[str, str],
    *,
    colours: Colormap,
    scale: Normalize,
    size: float = TEXT_SIZE,
) -> None:
    """Draw a square of cells, each with its number; those without a number have a dash.

    Args:
        axes: to draw into.
        cells: numbers by row and column.
        rows: rows from top to bottom, which are the columns from left to right.
        names: what each is called.
        colours: of the values on their scale.
        scale: of the values.
        size: of the numbers, in points.
    """
    unknown = np.full(3, np.nan)
    axes.set(xlim=(0, len(rows)), ylim=(len(rows), 0))
    for row, source in enumerate(rows):
        for column, target in enumerate(rows):
            numbers = cells.get((source, target), unknown)
            _draw_cell(axes, column, row, numbers, colours(scale(numbers[0])), size)
    middle, shown = np.arange(len(rows)) + 0.5, [names[row] for row in rows]
    axes.set_xticks(middle, shown)
    axes.set_yticks(middle, shown)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def number_scale(values: Floats) -> Normalize:
    """Return a scale over the values that makes differences of less than 0.2 look small."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    missing = max(0.0, 0.2 - (high - low))
    return Normalize(low - missing / 2, high + missing / 2)


def _draw_cell(
    axes: Axes, column: int, row: int, numbers: Floats, colour: Colour, size: float
) -> None:
    """Draw one cell with its number and, in small, its interval."""
    value, low, high = numbers
    known, banded = bool(np.isfinite(value)), bool(np.isfinite([low, high]).all())
    ink = draw_box(axes, column, row, colour if known else None)
    centre = partial(axes.text, column + 0.5, ha="center", va="center", color=ink)
    centre(y=row + (0.38 if banded else 0.5), s=number(value, 2), weight="bold", size=size)
    if banded:
        interval = f"{number(low, 2)} to {number(high, 2)}"
        centre(y=row + 0.7, s=interval, size=SMALL_TEXT_SIZE - 1)


def draw_box(axes: Axes, column: int, row: int, colour: Colour | None) -> str:
    """Draw the ground of a cell, grey without a colour; return a colour of text to read on it."""
    box = Rectangle((column + 0.02, row + 0.02), 0.96, 0.96, linewidth=0)
    box.set_facecolor(GRID.light if colour is None else colour)
    axes.add_patch(box)
    if colour is None:
        return MUTED.light
    luminance = float(np.dot(colour[:3], [0.2126, 0.7152, 0.0722]))
    return _ON_LIGHT if luminance > 0.45 else _ON_DARK
