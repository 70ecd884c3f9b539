"""Figures of searches show every line where it is, and say what is missing."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from tests.report.pages import texts

from nascast.report.canvas import Panel
from nascast.report.regret_figures import regret_figure
from nascast.report.series import ReportError
from nascast.search.regret import COLUMNS

SOURCES = {"a-b": "minibench", "a-c": "missing: labels of a-c"}
QUERIES = 30


def line(algorithm: str, predictor: str, last: float, task: str = "a-b") -> pd.DataFrame:
    regret = np.geomspace(0.1, 0.002, QUERIES)
    regret[-10:] = last
    frame = pd.DataFrame({"query": np.arange(1, QUERIES + 1), "regret": regret})
    return frame.assign(
        task=task,
        algorithm=algorithm,
        predictor=predictor,
        ci_low=0.5 * regret,
        ci_high=2 * regret,
        seconds=0.0,
        seeds=3,
    )[list(COLUMNS)]


CURVES = pd.concat(
    [
        line("random search", "", 0.002),
        line("guided evolution", "GP", 0.001),
        line("guided evolution", "RF", 0.0),
        line("Bayesian optimisation", "GP", 0.0015),
    ],
    ignore_index=True,
)


def heights(panel: Panel) -> dict[str, float]:
    """Return where on the page the names at the ends of lines stand."""
    (svg, _), *_ = regret_figure("f", CURVES, SOURCES).panel_svgs()
    root = ElementTree.fromstring(svg)
    return {n.text or "": float(n.attrib["y"]) for n in root.iter() if n.tag.endswith("text")}


def test_each_guided_search_has_a_panel_beside_the_unguided_ones() -> None:
    figure = regret_figure("white_nas", CURVES, SOURCES)
    titles = [panel.title for panel in figure.panels]
    guided = ("guided evolution", "Bayesian optimisation")
    assert titles == [f"{task}: {algorithm}" for task in SOURCES for algorithm in guided]
    first, second = figure.panels[:2]
    assert first.alt == (
        "Regret on a-b: guided evolution after 30 trained networks: RF 0.0000, GP 0.0010, "
        "random search 0.0020"
    )
    assert second.alt.endswith("GP 0.0015, random search 0.0020")
    assert figure.panels[2].alt == "a-c: guided evolution: missing: labels of a-c"
    shown = texts(figure.panel_svgs()[0][0])
    assert {"random search", "GP", "RF", "regret; mini benchmark", "networks trained"} <= set(shown)


def test_names_stand_beside_the_ends_of_their_lines() -> None:
    place = heights(regret_figure("f", CURVES, SOURCES).panels[0])
    # The axis is logarithmic; no regret at all is drawn on its lower edge.
    assert place["RF"] > place["GP"] > place["random search"]
    assert place["0.05"] < place["0.002"]
    share = (place["0.002"] - place["0.005"]) / (place["0.005"] - place["0.01"])
    assert share == pytest.approx(np.log(2.5) / np.log(2), rel=0.02)


def test_unguided_searches_alone_have_one_panel() -> None:
    figure = regret_figure("f", CURVES[CURVES["predictor"] == ""], {"a-b": "real"})
    assert [panel.title for panel in figure.panels] == ["a-b"]
    assert "regret" in texts(figure.svg())


def test_searches_without_any_regret_and_of_one_seed_can_be_drawn() -> None:
    flat = CURVES.assign(regret=0.0, ci_low=np.nan, ci_high=np.nan)
    assert "GP" in texts(regret_figure("f", flat, {"a-b": "real"}).svg())


def test_nothing_can_not_be_drawn() -> None:
    with pytest.raises(ReportError, match="white_nas has no task to draw"):
        regret_figure("white_nas", CURVES, {})
    figure = regret_figure("f", CURVES.iloc[:0], {"a-c": "missing: labels of a-c"})
    assert [panel.title for panel in figure.panels] == ["a-c"]
