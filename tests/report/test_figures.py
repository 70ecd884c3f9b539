"""Figures of lines and points show what the frames say, also for the smallest frames."""

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from tests.report.frames import TASKS, prediction_frame, step_frame, tidy_frame, tidy_row
from tests.report.pages import texts

from nascast.report import figures
from nascast.report.series import ReportError
from nascast.report.style import method_style


def test_costs_have_a_panel_a_task_and_a_name_a_line() -> None:
    figure = figures.tau_against_query_cost(tidy_frame())
    assert [panel.title for panel in figure.panels] == ["scenes10", "scenes50"]
    for svg, alt in figure.panel_svgs():
        assert {"NAP2", "SoTL-E", "params", "10", "30", "100"} <= set(texts(svg))
        assert method_style("SoTL-E").tone.light in svg
        assert "3 methods" in alt
    assert "NAP2 reaches 0.70 at 100" in figure.panels[0].alt


def test_costs_in_seconds_have_round_numbers() -> None:
    figure = figures.tau_against_query_cost(tidy_frame(), axis="query_seconds")
    assert {"2", "5", "10", "seconds a query"} <= set(texts(figure.panel_svgs()[0][0]))


def test_chosen_methods_only() -> None:
    figure = figures.tau_against_query_cost(tidy_frame(), methods=["SoTL-E"])
    assert "NAP2" not in texts(figure.svg())
    with pytest.raises(ReportError, match="none of the methods"):
        figures.tau_against_query_cost(tidy_frame(), methods=["other"])


@pytest.mark.parametrize("low", [0.4, np.nan])
@pytest.mark.parametrize("budget", [0, 10])
def test_costs_of_a_single_number(budget: int, low: float) -> None:
    row = tidy_row("NAP2", TASKS[0], 0.5, budget=budget, ci_low=low, ci_high=low)
    figure = figures.tau_against_query_cost(pd.DataFrame([row]))
    assert "NAP2" in texts(figure.svg())
    assert figure.png().startswith(b"\x89PNG")


def test_ranks_draw_a_point_a_network() -> None:
    figure = figures.predicted_against_true_rank(prediction_frame(networks=30), "NAP2", 10)
    (panel,) = figure.panels
    colour = method_style("NAP2").tone.light
    uses = [n for n in ElementTree.fromstring(figure.svg()).iter() if n.tag.endswith("}use")]
    assert sum(colour in node.attrib.get("style", "") for node in uses) == 60
    assert panel.title.startswith("scenes10: τ = 0.")
    assert "60 networks" in panel.alt


def test_ranks_of_very_many_networks_stay_light() -> None:
    figure = figures.predicted_against_true_rank(prediction_frame(2500, seeds=1), "NAP2", 10)
    assert len(figure.svg()) < 300_000


def test_ranks_of_one_network() -> None:
    figure = figures.predicted_against_true_rank(prediction_frame(1, seeds=1), "NAP2", 10)
    assert figure.panels[0].title == "scenes10: τ = –"


def test_curves_name_the_groups() -> None:
    steps, labels = step_frame()
    figure = figures.learning_curves(steps, labels, title="loss on scenes10")
    assert {"best 20%", "worst 20%", "loss on scenes10"} <= set(texts(figure.svg()))
    assert "12 networks over 40 mini-batches" in figure.panels[0].alt


def test_curves_of_one_network_and_of_one_that_never_had_a_loss() -> None:
    steps, labels = step_frame(networks=1)
    assert "all" in texts(figures.learning_curves(steps, labels).svg())
    dead = figures.learning_curves(steps.assign(train_loss=np.nan), labels)
    assert dead.panels[0].alt.endswith("all –")
    assert dead.svg()


def test_curves_of_long_runs_stay_light() -> None:
    steps, labels = step_frame(networks=10, steps=3100)
    assert len(figures.learning_curves(steps, labels).svg()) < 150_000
