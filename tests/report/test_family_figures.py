"""A row of three panels a family, whether it is labelled or not."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from tests.report.pages import texts

from nascast.report.family_figures import COLUMNS, family_overview
from nascast.report.series import ReportError
from nascast.report.style import SERIES
from nascast.tables.families import MISSING


def networks(space: str, accuracy: list[float]) -> pd.DataFrame:
    macs = [1_000_000 * (number + 1) for number in range(len(accuracy))]
    return pd.DataFrame({"space": space, "accuracy": accuracy, "macs": macs})


def test_a_labelled_family_has_its_points_and_both_histograms() -> None:
    figure = family_overview(networks("hiaml", [0.1, 0.3, 0.2, 0.4, np.nan]))
    # Of the six pairs of the four labelled networks five agree with their MACs: (5 - 1) / 6.
    titles = [panel.title for panel in figure.panels]
    assert titles == ["HiAML: τ = 0.67", "HiAML: accuracy", "HiAML: MACs"]
    points, accuracy, macs = (panel.alt for panel in figure.panels)
    assert "4 networks" in points
    assert "from 10.0 to 40.0 percent" in points
    assert "mean 25.0" in accuracy
    assert "5 networks" in macs
    assert "from 1.00 to 5.00 million" in macs
    svg = figure.panel_svgs()[0][0]
    uses = [node for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}use")]
    assert sum(SERIES[5].light in node.attrib.get("style", "") for node in uses) == 4


def test_a_family_without_labels_says_what_is_missing() -> None:
    both = pd.concat([networks("darts", [np.nan] * 3), networks("hiaml", [0.1, 0.2])])
    figure = family_overview(both)
    assert len(figure.panels) == 2 * COLUMNS
    found = [MISSING in texts(svg) for svg, _ in figure.panel_svgs()]
    assert found == [True, True, False, False, False, False]
    assert figure.panels[0].alt == f"DARTS / NAS-Bench-301: {MISSING}"
    assert figure.png(COLUMNS).startswith(b"\x89PNG")


def test_a_single_network_is_drawn() -> None:
    figure = family_overview(networks("hiaml", [0.5]))
    assert "million MACs" in texts(figure.svg(COLUMNS))
    assert figure.panels[0].title == "HiAML: τ = –"


def test_no_network_at_all_is_an_error() -> None:
    with pytest.raises(ReportError, match="no network"):
        family_overview(networks("hiaml", []))
