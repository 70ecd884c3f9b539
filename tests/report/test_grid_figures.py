"""The map of winners shows every cell, at its place."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
from PIL import Image
from tests.report.pages import texts
from tests.tables.scored import C10, MINI, grid_of, run_of

from nascast.report.grid_figures import tau_surface
from nascast.report.series import ReportError

TAUS = {
    "RF": lambda size, budget: 0.2 if size == 10 else 0.61,
    "Early Stop (acc)": lambda size, budget: {1: 0.3, 12: 0.72}[budget],
    "OMNI": lambda size, budget: 0.35 if (size, budget) == (10, 1) else 0.1,
    "OMNI (no curve)": lambda size, budget: 0.9,
}


def draw(run, metric: str = "kendall_tau"):
    return tau_surface("white_tau_surface", run, metric)


def placed(svg: str) -> dict[str, list[tuple[float, float]]]:
    """Where each text stands, in points from the upper left."""
    places: dict[str, list[tuple[float, float]]] = {}
    for node in ElementTree.fromstring(svg).iter():
        if node.tag.endswith("text") and node.text and "x" in node.attrib:
            x, y = float(node.attrib["x"]), float(node.attrib["y"])
            places.setdefault(node.text, []).append((x, y))
    return places


def test_each_cell_names_its_winner_and_value() -> None:
    figure, _ = draw(run_of(grid_of(TAUS)))
    (panel,) = figure.panels
    assert panel.title == "NAS-Bench-201, cifar10"
    assert panel.alt == (
        "Best Kendall tau on NAS-Bench-201, cifar10 by initialisation and query budget, 4 cells; "
        "winners: Early Stop (acc) in 2, OMNI in 1, RF in 1"
    )
    shown = texts(figure.svg())
    assert shown.count("0.72") == 2
    assert shown.count("Early Stop") == shown.count("(acc)") == 2
    assert {"0.35", "OMNI", "0.61", "RF", "10", "100", "1", "12"} <= set(shown)
    assert "query budget [epochs]" in shown
    assert "0.90" not in shown, "a variant of OMNI competes"


def test_initialisation_grows_upwards_and_the_budget_to_the_right() -> None:
    places = placed(draw(run_of(grid_of(TAUS)))[0].svg())
    ((omni_x, omni_y),) = places["OMNI"]  # 10 networks, 1 epoch
    ((forest_x, forest_y),) = places["RF"]  # 100 networks, 1 epoch
    stops = sorted(places["Early Stop"], key=lambda place: place[1])
    assert forest_y < omni_y
    assert forest_x == pytest.approx(omni_x, abs=12)
    assert all(x > omni_x + 20 for x, _ in stops)
    assert len({round(y) for _, y in stops}) == 2


def test_winners_beyond_chance_are_marked() -> None:
    figure, _ = draw(run_of(grid_of(TAUS, seeds=6)))
    shown = texts(figure.svg())
    assert {"0.35*", "0.61*", "0.72*"} <= set(shown)
    assert "* ahead of the second best, p < 0.05 over 6 seeds" in shown
    few = texts(draw(run_of(grid_of(TAUS, seeds=3)))[0].svg())
    assert "3 seeds, too few to test" in few
    assert not any(text.endswith("*") for text in few)
    run = run_of(grid_of(TAUS, seeds=6, metrics=("spearman",)))
    other = texts(draw(run, "spearman")[0].svg())
    assert "0.35" in other
    assert not any("*" in text for text in other)


def test_what_is_missing_or_stands_for_something_says_so() -> None:
    run = run_of(
        grid_of(TAUS, (C10, MINI)),
        sources={C10: "missing: the labels", MINI: "minibench"},
        stands_for={MINI: C10},
    )
    figure, _ = draw(run)
    missing, stand_in = figure.panels
    assert missing.alt == "NAS-Bench-201, cifar10: missing: the labels"
    assert stand_in.title == "NAS-Bench-201, scenes10 for cifar10"
    assert "3 seeds, too few to test; mini benchmark" in texts(figure.svg())
    none = run_of(grid_of(TAUS, (C10,)), sources={C10: "missing: the labels"})
    assert len(draw(none)[0].panels) == 1


def test_a_cell_without_any_number_has_a_dash_and_an_axis_may_be_absent() -> None:
    only = grid_of({"XGBoost": lambda size, budget: 0.5}, sizes=(10, 20), budgets=())
    short = only.scores[only.scores["train_size"] == 20]
    shown = texts(
        draw(run_of(grid_of({"params": lambda s, b: 0.25}, sizes=(), budgets=())))[0].svg()
    )
    assert shown.count("none") == 2
    partial = type(only)(**{**vars(only), "scores": short})
    dashed = texts(draw(run_of(partial))[0].svg())
    assert {"–", "0.50", "none", "10", "20"} <= set(dashed)


def test_large_grids_take_the_whole_width_and_stay_legible() -> None:
    sizes, budgets = tuple(range(1, 12)), tuple(range(1, 16))
    taus = {"Bayes. Lin. Reg.": lambda s, b: 0.2, "SoTL-E": lambda s, b: b / 20}
    figure, columns = draw(run_of(grid_of(taus, (C10,), sizes, budgets)))
    assert columns == 1
    (panel,) = figure.panels
    inner = panel.width - panel.margins[0] - panel.margins[1]
    assert inner / len(budgets) >= 40
    image = Image.open(io.BytesIO(figure.png(columns)))
    assert image.width == pytest.approx(panel.width * 200 / 72, abs=2)
    small, side_by_side = draw(run_of(grid_of(TAUS, (C10, MINI))))
    assert side_by_side == 3
    assert small.panels[0].width <= 300


def test_equal_input_gives_equal_bytes() -> None:
    once, again = (draw(run_of(grid_of(TAUS)))[0].svg() for _ in range(2))
    assert once == again
    with pytest.raises(ReportError, match="white_tau_surface has no task"):
        draw(run_of())
