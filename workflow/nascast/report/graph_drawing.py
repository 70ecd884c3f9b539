"""Drawings of cells and of computation graphs: boxes in layers, from the images down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path

from nascast.report.canvas import PANEL_WIDTH, SMALL_TEXT_SIZE, Figure, Panel, text_width
from nascast.report.graph_folding import Row, fold
from nascast.report.graph_layout import Layout, lay_out_graph, pages
from nascast.report.series import Floats
from nascast.report.style import INK, MUTED, OPERATION_TONES, SURFACE

_ROW: Final = 9.5  # height of a line of text
_SIZE_TEXT: Final = 6.0
_PADDING: Final = (7.0, 2.0)  # beside and above the text of a box
_BAR: Final = 2.5  # width of the coloured bar beside a row
_BORDER: Final = 8.0  # around the drawing
_TITLE: Final = 22.0
_PAGE: Final = 620.0  # height of a drawing before it is cut into panels

# The first of these that a cell's operation contains tells its kind; anything else is convolution.
_CELL_KINDS: Final = (
    ("other", r"^(input|output|none|c_\{.*|next-stage|repeat\d+)$"),
    ("element", r"skip_connect"),
    ("pool", r"pool"),
    ("depthwise", r"depthwise|sep_conv|dil_conv|mbconv"),
)
_Box = tuple[Row, ...]


def cell_figure(
    name: str, title: str, operations: Sequence[str], edges: Sequence[tuple[int, int]]
) -> Figure:
    """Draw what is searched in one architecture, with operations on nodes.

    Args:
        name: of the figure.
        title: stands above it.
        operations: one name a node, as :class:`nascast.spaces.base.CellGraph` has them.
        edges: pairs of nodes, each from a node to a later one.

    Raises:
        ReportError: there is no node, or an edge does not lead to a later one.
    """
    boxes = [
        tuple(Row(line, _cell_kind(operation)) for line in _lines(operation))
        for operation in operations
    ]
    alt = f"{title}: {len(operations)} nodes, {len(edges)} edges"
    return _figure(name, title, alt, boxes, edges)


def computation_figure(
    name: str,
    title: str,
    types: Sequence[str],
    kernels: Sequence[tuple[int, int]],
    sizes: Sequence[tuple[int, int, int]],
    edges: Sequence[tuple[int, int]],
) -> Figure:
    """Draw a computation graph; chains of operations are folded into boxes of rows.

    A size (height x width x channels) stands below the last of the rows that it is the output of.

    Args:
        name: of the figure.
        title: stands above it.
        types: name of each node's type.
        kernels: height and width of its kernel, 0 where there is none.
        sizes: height, width and channels that it writes.
        edges: pairs of nodes, each from a node to a later one.

    Raises:
        ReportError: there is no node, or an edge does not lead to a later one.
    """
    folded = fold(types, kernels, sizes, edges)
    alt = (
        f"{title}: {len(types)} nodes, {len(edges)} edges, drawn as {len(folded.boxes)} boxes of "
        "operations that follow each other"
    )
    return _figure(name, title, alt, folded.boxes, folded.edges)


def _figure(
    name: str, title: str, alt: str, boxes: Sequence[_Box], edges: Sequence[tuple[int, int]]
) -> Figure:
    layout = lay_out_graph([_size(box) for box in boxes], edges)
    runs = pages(layout, _PAGE)
    panels = []
    for number, (first, last) in enumerate(runs, 1):
        part = f", part {number} of {len(runs)}" if len(runs) > 1 else ""
        shown = title if number == 1 else f"(continued, {number} of {len(runs)})"
        left, right, top, bottom = _extent(boxes, layout, first, last)
        spare = max(0.0, PANEL_WIDTH - (right - left)) / 2
        view = (left - spare, right + spare, top, bottom)
        draw = partial(_draw, boxes, layout, first, last, view)
        margins = (0.0, 0.0, _TITLE, 0.0)
        height, width = bottom - top + _TITLE, right - left + 2 * spare
        panels.append(Panel(shown, alt + part, draw, height, margins, width))
    return Figure(name, tuple(panels))


def _extent(
    boxes: Sequence[_Box], layout: Layout, first: int, last: int
) -> tuple[float, float, float, float]:
    """Return left, right, top and bottom of some layers with all that is drawn there."""
    top, bottom = layout.bands[first, 0] - _BORDER, layout.bands[last - 1, 1] + _BORDER
    points = np.vstack(layout.routes) if layout.routes else np.empty((0, 2))
    ends = points[(points[:, 1] > top) & (points[:, 1] < bottom), 0].tolist()
    for box, centre, layer in zip(boxes, layout.centres, layout.layers, strict=True):
        if first <= layer < last:
            ends += [centre - _size(box)[0] / 2, centre + _size(box)[0] / 2]
    return min(ends) - _BORDER, max(ends) + _BORDER, float(top), float(bottom)


def _cell_kind(operation: str) -> str:
    for kind, pattern in _CELL_KINDS:
        if re.search(pattern, operation):
            return kind
    return "convolution"


def _lines(operation: str) -> list[str]:
    """Return the field's name of an operation in readable lines."""
    if match := re.fullmatch(r"c_\{k-(\d)\}", operation):
        return [f"cell k−{match[1]}"]
    if match := re.fullmatch(r"repeat(\d+)", operation):
        return [f"repeat {match[1]}×"]
    words = re.sub(r"(?<=\d)x(?=\d)", "×", operation).replace("_", " ").split(" ")
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < 16:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _size(box: _Box) -> tuple[float, float]:
    """Return the width and height that a box needs for its text."""
    texts = text_width((row.text for row in box), SMALL_TEXT_SIZE)
    sizes = text_width((row.size for row in box), _SIZE_TEXT)
    lines = len(box) + sum(bool(row.size) for row in box)
    return max(texts, sizes) + 2 * _PADDING[0] + _BAR, lines * _ROW + 2 * _PADDING[1]


def _draw(
    boxes: Sequence[_Box],
    layout: Layout,
    first: int,
    last: int,
    view: tuple[float, float, float, float],
    axes: Axes,
) -> None:
    """Draw some layers; edges that lead on are cut at the border of the view."""
    axes.set_axis_off()
    left, right, top, bottom = view
    axes.set(xlim=(left, right), ylim=(bottom, top))
    for route in layout.routes:
        if route[-1, 1] > top and route[0, 1] < bottom:
            _draw_route(axes, route)
    for box, centre, layer in zip(boxes, layout.centres, layout.layers, strict=True):
        if first <= layer < last:
            _draw_box(axes, box, float(centre), float(layout.bands[layer, 0]))


def _draw_route(axes: Axes, route: Floats) -> None:
    points, codes = [route[0]], [Path.MOVETO]
    for place, (start, end) in enumerate(pairwise(route)):
        if place % 2 == 0:
            points.append(end)
            codes.append(Path.LINETO)
            continue
        half = np.array([0.0, (end[1] - start[1]) / 2])
        points += [start + half, end - half, end]
        codes += [Path.CURVE4] * 3
    line = PathPatch(Path(points, codes), facecolor="none", edgecolor=MUTED.light, linewidth=0.8)
    axes.add_patch(line)
    x, y = route[-1]
    tip = Path([(x - 2, y - 3.5), (x, y), (x + 2, y - 3.5), (x - 2, y - 3.5)], closed=True)
    axes.add_patch(PathPatch(tip, facecolor=MUTED.light, edgecolor="none"))


def _draw_box(axes: Axes, box: _Box, centre: float, top: float) -> None:
    width, height = _size(box)
    left = centre - width / 2
    colour = OPERATION_TONES[box[0].kind].light
    same = all(row.kind == box[0].kind for row in box)
    edge = colour if same else MUTED.light
    ground = FancyBboxPatch(
        (left, top),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=2.5",
        facecolor=SURFACE.light,
        edgecolor=edge,
        linewidth=0.8,
    )
    axes.add_patch(ground)
    y, centre = top + _PADDING[1], centre + _BAR / 2
    for row in box:
        lines = 1 + bool(row.size)
        tone = OPERATION_TONES[row.kind].light
        tint = Rectangle((left + 0.4, y), width - 0.8, lines * _ROW, facecolor=tone, alpha=0.12)
        bar = Rectangle((left + 0.4, y), _BAR, lines * _ROW, facecolor=tone)
        axes.add_patch(tint)
        axes.add_patch(bar)
        _write(axes, centre, y + _ROW / 2, row.text, SMALL_TEXT_SIZE, INK.light)
        if row.size:
            _write(axes, centre, y + 1.5 * _ROW - 0.8, row.size, _SIZE_TEXT, MUTED.light)
        y += lines * _ROW


def _write(axes: Axes, x: float, y: float, text: str, size: float, colour: str) -> None:
    axes.text(x, y, text, ha="center", va="center_baseline", size=size, color=colour)
