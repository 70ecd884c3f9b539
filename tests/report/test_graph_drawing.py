"""Drawings name every operation, keep their text apart, and are cut into legible panels."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure as Sheet
from tests.report.pages import texts

from nascast.report.canvas import PANEL_WIDTH, Figure
from nascast.report.graph_drawing import cell_figure, computation_figure
from nascast.report.series import ReportError
from nascast.report.style import OPERATION_TONES

DARTS = ("input", "c_{k-2}", "c_{k-1}", "sep_conv_3x3", "max_pool_3x3", "skip_connect", "output")
DARTS_EDGES = [(0, 1), (0, 2), (1, 3), (2, 4), (1, 5), (3, 6), (4, 6), (5, 6)]


def chain(blocks: int) -> Figure:
    """Residual blocks behind each other: an input, then convolution and addition by turns."""
    count = 2 * blocks + 1
    types = ["Input", *["Conv", "Add"] * blocks]
    kernels = [(0, 0), *[(3, 3), (0, 0)] * blocks]
    edges = [(i, i + 1) for i in range(count - 1)] + [(i, i + 2) for i in range(0, count - 2, 2)]
    sizes = [(8, 8, 4)] * count
    return computation_figure("chain", "a chain", types, kernels, sizes, sorted(edges))


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts of one panel that cover each other, and texts that leave it."""
    found = []
    for panel in figure.panels:
        sheet = Sheet(figsize=(panel.width / 72, panel.height / 72), dpi=72)
        axes = sheet.add_axes((0, 0, 1, 1 - panel.margins[2] / panel.height))
        panel.draw(axes)
        sheet.canvas.draw()
        boxes = [(text.get_text(), text.get_window_extent()) for text in axes.texts]
        found += [
            (name, other)
            for i, (name, box) in enumerate(boxes)
            for other, beside in boxes[i + 1 :]
            if box.overlaps(beside)
        ]
        found += [(name, "") for name, box in boxes if box.x0 < 0 or box.x1 > panel.width]
    return found


def test_a_cell_has_its_operations_in_readable_words() -> None:
    figure = cell_figure("cell", "DARTS", DARTS, DARTS_EDGES)
    (panel,) = figure.panels
    svg, alt = figure.panel_svgs()[0]
    found = texts(svg)
    assert {"DARTS", "input", "cell k−2", "sep conv 3×3", "max pool 3×3", "output"} <= set(found)
    assert alt == "DARTS: 7 nodes, 8 edges"
    for kind in ("depthwise", "pool", "element", "other"):
        assert OPERATION_TONES[kind].light in svg
    assert OPERATION_TONES["convolution"].light not in svg
    assert panel.width == PANEL_WIDTH
    assert not overlaps(figure)


def test_long_names_take_several_lines() -> None:
    operations = ("input", "double_channels_halve_resolution", "repeat3", "output")
    figure = cell_figure("cell", "macro", operations, [(0, 1), (1, 2), (2, 3)])
    found = texts(figure.svg())
    assert {"double channels", "halve resolution", "repeat 3×"} <= set(found)
    assert not overlaps(figure)


def test_a_computation_graph_has_sizes_and_kernels() -> None:
    figure = chain(2)
    found = texts(figure.svg())
    assert found.count("Conv 3×3") == 2
    assert found.count("Add") == 2
    assert found.count("8×8×4") == 5
    assert "5 nodes, 6 edges, drawn as 5 boxes" in figure.panels[0].alt
    assert not overlaps(figure)


def test_a_tall_graph_is_cut_and_nothing_is_lost() -> None:
    figure = chain(20)
    assert len(figure.panels) > 1
    found = texts(figure.svg())
    assert (found.count("Conv 3×3"), found.count("Add")) == (20, 20)
    assert f"(continued, 2 of {len(figure.panels)})" in found
    assert max(panel.height for panel in figure.panels) < 700
    assert not overlaps(figure)


def test_a_wide_graph_has_a_wide_panel() -> None:
    operations = ["input", *["nor_conv_3x3"] * 9, "output"]
    edges = [(0, i) for i in range(1, 10)] + [(i, 10) for i in range(1, 10)]
    figure = cell_figure("cell", "wide", operations, edges)
    assert figure.panels[0].width > 9 * 60
    assert not overlaps(figure)


def test_equal_drawings_have_equal_bytes() -> None:
    assert chain(3).svg() == chain(3).svg()
    assert chain(3).png().startswith(b"\x89PNG")


def test_the_views_of_pages_show_all_boxes() -> None:
    for panel in chain(20).panels:
        sheet = Sheet(figsize=(panel.width / 72, panel.height / 72), dpi=72)
        axes = sheet.add_axes((0, 0, 1, 1))
        panel.draw(axes)
        places = np.array([text.get_position() for text in axes.texts])
        assert (places[:, 0] > axes.get_xlim()[0]).all()
        assert (places[:, 1] < axes.get_ylim()[0]).all()


def test_a_graph_that_is_none_is_refused() -> None:
    with pytest.raises(ReportError, match="later ones"):
        cell_figure("cell", "none", ["input"], [(0, 1)])
