"""Panels are rendered alike on every run and machine, alone and together."""

import io
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from PIL import Image
from tests.report.pages import texts

from nascast.report.canvas import PANEL_WIDTH, Figure, Panel, label_ends


def draw(axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], marker="o")
    axes.set_xlabel("cost in $ <b>")
    label_ends(axes, [("first", 1.0, 1.0, "#112233"), ("second", 1.0, 1.0, "#445566")])


FIGURE = Figure("demo", tuple(Panel(f"panel {i}", f"alt {i}", draw) for i in range(3)))


def view_box(svg: str) -> list[float]:
    root = ElementTree.fromstring(svg)
    return [float(part) for part in root.attrib["viewBox"].split()]


def test_panels_stand_in_a_grid() -> None:
    height = FIGURE.panels[0].height
    assert view_box(FIGURE.svg(columns=2)) == [0, 0, 2 * PANEL_WIDTH, 2 * height]
    assert view_box(FIGURE.svg(columns=9)) == [0, 0, 3 * PANEL_WIDTH, height]
    assert [alt for _, alt in FIGURE.panel_svgs()] == ["alt 0", "alt 1", "alt 2"]
    assert view_box(FIGURE.panel_svgs()[1][0]) == [0, 0, PANEL_WIDTH, height]


def test_the_widest_panel_sets_the_grid() -> None:
    wide = Figure("demo", (*FIGURE.panels, Panel("wide", "", draw, width=400.0)))
    assert view_box(wide.svg(columns=2))[2] == 800
    widths = [view_box(svg)[2] for svg, _ in wide.panel_svgs()]
    assert widths == [PANEL_WIDTH] * 3 + [400]


def test_text_stays_text_and_is_escaped() -> None:
    svg = FIGURE.panel_svgs()[0][0]
    assert {"cost in $ <b>", "panel 0"} <= set(texts(svg))
    assert "<b>" not in svg


def test_equal_figures_have_equal_bytes() -> None:
    svg, png = FIGURE.svg(), FIGURE.png()
    # Settings of the reader's own change nothing.
    with mpl.rc_context({"font.size": 30, "savefig.bbox": "tight", "axes.grid": True}):
        assert FIGURE.svg() == svg
        assert FIGURE.png() == png
    assert "<dc:date>" not in svg


def test_png_has_the_size_asked_for() -> None:
    image = Image.open(io.BytesIO(FIGURE.png(columns=3, dpi=144)))
    assert image.size == (6 * PANEL_WIDTH, 2 * FIGURE.panels[0].height)
    assert np.asarray(image.convert("RGB"))[0, 0].tolist() == [255, 255, 255]


def test_names_at_the_same_end_do_not_collide() -> None:
    root = ElementTree.fromstring(FIGURE.panel_svgs()[0][0])
    place = {n.text: float(n.attrib["y"]) for n in root.iter() if n.tag.endswith("text")}
    assert abs(place["first"] - place["second"]) >= 9


def test_names_follow_their_lines_on_a_logarithmic_axis() -> None:
    def logarithmic(axes: Axes) -> None:
        axes.set(yscale="log", ylim=(1e-4, 1.0))
        label_ends(axes, [(f"1e-{i}", 1.0, 10.0**-i, "#112233") for i in range(5)])

    root = ElementTree.fromstring(Figure("f", (Panel("p", "", logarithmic),)).panel_svgs()[0][0])
    place = {n.text: float(n.attrib["y"]) for n in root.iter() if n.tag.endswith("text")}
    gaps = np.diff([place[f"1e-{i}"] for i in range(5)])
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-3)
    assert gaps[0] > 30
