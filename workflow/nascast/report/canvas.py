"""The ground that figures are drawn on: panels, their rendering, and labels at the ends of lines.

A figure is a list of small panels, each legible at the width of a phone. A page shows the panels
side by side where there is room and below each other where there is not; a file holds them all
in a grid. Equal input gives equal bytes: no dates, no random identifiers, no fonts of the machine
(files name Matplotlib's own DejaVu Sans, pages replace it by theirs).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet

from nascast.report.series import spread
from nascast.report.style import GRID, INK, MUTED, SURFACE

PANEL_WIDTH: Final = 260.0
"""Width of a panel in points (3.6 inches): its 8 point text has 11 pixels on a phone."""

_EMPTY_HEIGHT: Final = 76.0

TEXT_SIZE: Final = 8.0
SMALL_TEXT_SIZE: Final = 7.0
LABEL_SIZE: Final = 7.5
LINE_GAP: Final = 9.5
"""Distance of neighbouring labels, in points."""

# The defaults come first, so that a reader's own matplotlibrc changes nothing.
_SETTINGS: Final[dict[Any, Any]] = {
    **{name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"},
    "svg.hashsalt": "nascast",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": TEXT_SIZE,
    "text.color": INK.light,
    "axes.edgecolor": MUTED.light,
    "axes.labelcolor": MUTED.light,
    "axes.labelsize": TEXT_SIZE,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "grid.color": GRID.light,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED.light,
    "ytick.color": MUTED.light,
    "xtick.labelsize": SMALL_TEXT_SIZE,
    "ytick.labelsize": SMALL_TEXT_SIZE,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
}


@dataclass(frozen=True)
class Panel:
    """One set of axes.

    Attributes:
        title: stands above the axes.
        alt: what the panel shows, in words, for readers who do not see it.
        draw: draws into the axes.
        height: of the panel, in points.
        margins: left, right, top and bottom of the axes, in points.
        width: of the panel, in points; more only where its content cannot be narrower.
    """

    title: str
    alt: str
    draw: Callable[[Axes], None]
    height: float = 190.0
    margins: tuple[float, float, float, float] = (38.0, 10.0, 22.0, 32.0)
    width: float = PANEL_WIDTH


@dataclass(frozen=True)
class Figure:
    """A named figure: a list of panels that can be rendered together or one by one."""

    name: str
    panels: tuple[Panel, ...]

    def svg(self, columns: int = 2) -> str:
        """Return all panels as one SVG document."""
        return _render_svg(self.panels, columns)

    def png(self, columns: int = 2, dpi: int = 200) -> bytes:
        """Return all panels as one PNG image on white ground."""
        return _render(self.panels, columns, "png", dpi)

    def panel_svgs(self) -> tuple[tuple[str, str], ...]:
        """Return each panel as an SVG document of its own, with its alternative text."""
        return tuple((_render_svg((panel,), 1), panel.alt) for panel in self.panels)


def _render_svg(panels: Sequence[Panel], columns: int) -> str:
    return _render(panels, columns, "svg", 72).decode()


def _render(panels: Sequence[Panel], columns: int, kind: str, dpi: int) -> bytes:
    columns = max(1, min(columns, len(panels)))
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [max(panel.height for panel in row) for row in rows]
    step = max(panel.width for panel in panels)
    width, height = columns * step, sum(heights)
    with mpl.rc_context(_SETTINGS):
        sheet = Sheet(figsize=(width / 72, height / 72), dpi=dpi)
        top = height
        for row, row_height in zip(rows, heights, strict=True):
            for column, panel in enumerate(row):
                _place(sheet, panel, column * step, top, width, height)
            top -= row_height
        buffer = io.BytesIO()
        if kind == "svg":
            metadata = {"Date": None, "Creator": None}
            sheet.savefig(buffer, format="svg", transparent=True, metadata=metadata)
        else:
            sheet.savefig(
                buffer, format="png", facecolor=SURFACE.light, metadata={"Software": None}
            )
    return buffer.getvalue()


def _place(
    sheet: Sheet, panel: Panel, left: float, top: float, width: float, height: float
) -> None:
    """Draw a panel whose upper left corner is at (left, top) points of the sheet."""
    inner_left, inner_right, inner_top, inner_bottom = panel.margins
    inner_width = panel.width - inner_left - inner_right
    inner_height = panel.height - inner_top - inner_bottom
    bottom = top - panel.height + inner_bottom
    axes = sheet.add_axes(
        (
            (left + inner_left) / width,
            bottom / height,
            inner_width / width,
            inner_height / height,
        )
    )
    axes.annotate(
        panel.title,
        (0, 1),
        (1 - inner_left, inner_top - 4),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        weight="bold",
    )
    panel.draw(axes)


def inner_size(axes: Axes) -> tuple[float, float]:
    """Return the width and height of the axes in points."""
    box = axes.get_window_extent()
    scale = 72.0 / sheet_of(axes).dpi
    return box.width * scale, box.height * scale


def sheet_of(axes: Axes) -> Sheet:
    """Return the sheet that the axes are on."""
    sheet = axes.get_figure(root=True)
    if sheet is None:
        raise ValueError("the axes have been removed from their figure")
    return sheet


def text_width(texts: Iterable[str], size: float = LABEL_SIZE) -> float:
    """Return about how wide the longest of some texts is, in points, at a font size."""
    return max((0.57 * size * len(str(text)) for text in texts), default=0.0)


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """Return limits a little outside an interval, never empty."""
    margin = share * (high - low) or 0.05
    return low - margin, high + margin


def label_axes(axes: Axes, horizontal: str, vertical: str) -> None:
    """Name both axes, close to their numbers."""
    axes.set_xlabel(horizontal, labelpad=3)
    axes.set_ylabel(vertical, labelpad=3, rotation_mode="anchor")


def label_ends(axes: Axes, ends: Sequence[tuple[str, float, float, str]]) -> None:
    """Write each line's name in its colour behind the right end of linear or log axes.

    Names that would collide are moved apart; a thin line leads from each to its line's end.

    Args:
        axes: with limits that are final.
        ends: name, horizontal and vertical data coordinate of the end, colour.
    """
    width, height = inner_size(axes)
    to_axes = axes.transData + axes.transAxes.inverted()
    starts = [to_axes.transform((x, y)) for _, x, y, _ in ends]
    places = spread([y for _, y in starts], LINE_GAP / height, 0.0, 1.0)
    for (name, _, _, colour), (x, y), place in zip(ends, starts, places, strict=True):
        axes.plot(
            [x, 1.0, 1.0 + 7.0 / width],
            [y, y, place],
            transform=axes.transAxes,
            clip_on=False,
            color=colour,
            linewidth=0.6,
            alpha=0.7,
        )
        axes.text(
            1.0 + 9.0 / width,
            place,
            name,
            transform=axes.transAxes,
            color=colour,
            va="center_baseline",
            size=LABEL_SIZE,
        )
