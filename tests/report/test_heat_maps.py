"""Figures of cells show what the arrays say."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.report.frames import TASKS, tidy_frame, tidy_row
from tests.report.pages import texts

from nascast.report import heat_maps
from nascast.report.series import ReportError


def test_trace_shows_layers_and_steps() -> None:
    values = np.linspace(0, 5, 60).reshape(3, 20)
    figure = heat_maps.trace_heat_map(values, [10, 20, 30], network="cell 7")
    svg = figure.svg()
    assert {"10", "20", "30", "1", "L2 norm of gradients"} <= set(texts(svg))
    images = [n for n in ElementTree.fromstring(svg).iter() if n.tag.endswith("}image")]
    assert len(images) >= 1
    alt = figure.panels[0].alt
    assert "cell 7: 20 layers by 3 snapshots, mini-batch 10 to 30; values from 0 to 5" in alt


def test_the_image_is_the_matrix_with_layers_downwards() -> None:
    values = np.zeros((3, 5))
    values[2, 1] = 9.0
    svg = heat_maps.trace_heat_map(values, [1, 2, 3]).svg()
    image = next(n for n in ElementTree.fromstring(svg).iter() if n.tag.endswith("}image"))
    scale = re.match(r"matrix\((\S+) \S+ \S+ (\S+)", image.attrib["transform"])
    assert scale is not None
    assert float(scale[1]) > 0, "mirrored"
    assert float(scale[2]) > 0, "upside down"
    data = image.attrib["{http://www.w3.org/1999/xlink}href"].partition(",")[2]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
    assert pixels.shape == (5, 3, 3)
    assert np.argwhere((pixels != pixels[0, 0]).any(axis=-1)).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "values",
    [[[1.0]], [[np.nan, np.inf]], [[-1.0, 2.0], [3.0, -4.0]], np.zeros((2, 3)), np.ones((1, 99))],
)
def test_traces_at_the_edge(values: np.ndarray) -> None:
    steps = list(range(1, len(values) + 1))
    assert heat_maps.trace_heat_map(values, steps, statistic="mean", tensor="weight").svg()


@pytest.mark.parametrize(("shape", "steps"), [((2, 3), 1), ((0, 3), 0), ((4,), 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...], steps: int) -> None:
    with pytest.raises(ReportError, match=r"shape \(snapshots, layers\)"):
        heat_maps.trace_heat_map(np.zeros(shape), list(range(steps)))


def test_transfer_has_every_number() -> None:
    figure = heat_maps.transfer_matrix(tidy_frame(), "NAP2", budget=100)
    shown = texts(figure.svg())
    assert shown.count("0.50") == 2
    assert {"0.70", "0.68", "0.65 to 0.75", "scenes10", "scenes50"} <= set(shown)
    assert "scenes10 to scenes50 0.50" in figure.panels[0].alt


def test_transfer_with_gaps_and_without_intervals() -> None:
    rows = [
        tidy_row("NAP2", TASKS[0], 0.5, ci_low=np.nan, ci_high=np.nan),
        tidy_row("NAP2", TASKS[1], np.nan, context=f"from {TASKS[0]}"),
    ]
    shown = texts(heat_maps.transfer_matrix(pd.DataFrame(rows), "NAP2", budget=10).svg())
    assert shown.count("–") == 3
    assert "0.50" in shown
    assert not any(" to " in text for text in shown)


def test_many_tasks_have_room_for_their_names() -> None:
    rows = [tidy_row("NAP2", f"space{index}-images", 0.1 * index) for index in range(6)]
    shown = texts(heat_maps.transfer_matrix(pd.DataFrame(rows), "NAP2", budget=10).svg())
    assert shown.count("space3-images") == 2
