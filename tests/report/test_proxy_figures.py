"""Figures of proxies show every number, and say what they lack."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.report.pages import texts

from nascast.report import proxy_figures
from nascast.report.series import ReportError

ROWS = ["snip", "zen", "SNAP"]
NEEDS = {"SNAP": "the SNAP predictor"}
PLACES = {
    "cells-photos": ("cells-discs", "minibench"),
    "cells-rings": ("cells-rings", "missing: labels of cells-rings"),
}
SCORES = pd.DataFrame(
    [
        ("snip", "cells-discs", "spearman", 0.5, 0.4, 0.6),
        ("zen", "cells-discs", "spearman", -0.25, np.nan, np.nan),
        ("zen", "cells-discs", "kendall_tau", 0.9, np.nan, np.nan),
        ("other", "cells-discs", "spearman", 0.9, np.nan, np.nan),
    ],
    columns=["row", "column", "metric", "value", "ci_low", "ci_high"],
)
PAIRS = pd.DataFrame(
    [
        ("cells-discs", "snip", "snip", 1.0),
        ("cells-discs", "snip", "zen", 0.31),
        ("cells-discs", "zen", "snip", 0.31),
        ("cells-discs", "zen", "zen", 1.0),
        ("cells-rings", "snip", "zen", 0.77),
    ],
    columns=["task", "proxy", "other", "spearman"],
)


@pytest.mark.parametrize("draw", [proxy_figures.proxy_bars, proxy_figures.proxy_points])
def test_each_task_has_a_panel_and_each_proxy_a_line(draw) -> None:
    figure = draw("snap_fig1", SCORES, PLACES, ROWS, NEEDS)
    first, second = figure.panels
    assert first.title == "cells-discs for photos"
    assert first.alt == "Spearman rho of proxies on cells-discs for photos: snip 0.50, zen -0.25"
    shown = texts(figure.svg())
    assert {"snip", "zen", "SNAP", "missing: the SNAP predictor"} <= set(shown)
    assert "Spearman rho, 95% interval; mini benchmark" in shown
    assert "other" not in shown
    assert second.alt == "cells-rings: missing: labels of cells-rings"
    assert "labels of cells-rings" in shown
    assert second.height < first.height


def test_a_proxy_without_number_is_not_drawn_at_zero() -> None:
    places = {"cells-discs": ("cells-discs", "real")}
    lacking = proxy_figures.proxy_bars("f", SCORES, places, ["snip", "grasp"], NEEDS)
    shown = texts(lacking.svg())
    assert "not defined or not measured" in shown
    assert "Spearman rho, 95% interval" in shown


def test_a_heat_map_holds_every_pair() -> None:
    figure = proxy_figures.proxy_pairs("snap_fig4", PAIRS, PLACES, ROWS, NEEDS)
    first, second = figure.panels
    shown = texts(figure.svg())
    assert shown.count("0.31") == 2
    assert shown.count("1.00") == 2
    assert shown.count("–") == 5
    assert "0.77" not in shown
    assert "SNAP needs the SNAP predictor; mini benchmark" in shown
    assert first.alt == "Spearman rho between proxies on cells-discs for photos: snip and zen 0.31"
    assert second.alt == "cells-rings: missing: labels of cells-rings"


@pytest.mark.parametrize(
    ("draw", "frame"),
    [
        (proxy_figures.proxy_bars, SCORES),
        (proxy_figures.proxy_points, SCORES),
        (proxy_figures.proxy_pairs, PAIRS),
    ],
)
def test_equal_input_gives_equal_bytes_and_nothing_is_refused(draw, frame) -> None:
    once, again = (draw("f", frame, PLACES, ROWS, NEEDS).svg() for _ in range(2))
    assert once == again
    with pytest.raises(ReportError, match="f has no task or no proxy"):
        draw("f", frame, {}, ROWS, NEEDS)
