"""The page: complete, escaped, self-contained, the same bytes every time, and not large."""

import pytest
from tests.report.frames import TASKS, prediction_frame, step_frame, tidy_frame
from tests.report.pages import Page

from nascast.report import figures, heat_maps, sections
from nascast.report.html import (
    Block,
    Command,
    Graphic,
    PlainTable,
    Prose,
    ResultTable,
    Section,
    Terms,
    render_report,
)
from nascast.report.series import ReportError
from nascast.tables import layout, nap2, render

EVIL = "<script>alert('x')</script>&\"</style>"
PROTOCOL = nap2.Protocol((10, 30, 100), 300, False, dict.fromkeys(TASKS, "minibench"), {})


def result_table(task: str, name: str) -> ResultTable:
    scores = tidy_frame().drop(columns=["published", "source", "verdict"])
    table = nap2.build_image_table("nap2_table4", scores, task, PROTOCOL)
    laid_out = layout.lay_out(table, title=f"Kendall tau on {task}", families=nap2.FAMILIES)
    return ResultTable(render.to_html(laid_out, name))


def graphics() -> tuple[Graphic, ...]:
    steps, labels = step_frame()
    drawn = (
        figures.tau_against_query_cost(tidy_frame()),
        figures.predicted_against_true_rank(prediction_frame(), "NAP2", 10),
        figures.learning_curves(steps, labels),
        heat_maps.trace_heat_map([[1.0, 2.0, 3.0]] * 4, [10, 20, 30, 40]),
        heat_maps.transfer_matrix(tidy_frame(), "NAP2", budget=100),
    )
    return tuple(
        Graphic(figure.name, f"Title of {figure.name}", "A caption.", figure.panel_svgs())
        for figure in drawn
    )


def demo_report() -> str:
    intro = sections.summary(
        tier="mini",
        tasks=TASKS,
        networks="60 cells",
        budgets=(10, 30, 100),
        labels="validation accuracy",
        seeds="2",
        commands=("make run",),
    )
    tables = (result_table(TASKS[0], "nap2_table4"), result_table(TASKS[1], "nap2_table5"))
    parts = (
        sections.how_to_read(),
        Section("Tables", tables),
        Section("Figures", graphics()),
    )
    return render_report("nascast", intro, parts, "The end.")


@pytest.fixture(scope="module")
def report() -> str:
    return demo_report()


def test_the_page_is_well_formed_and_needs_nothing_else(report: str) -> None:
    assert report.startswith("<!DOCTYPE html>")
    assert Page(report).problems == []


def test_the_page_holds_every_table_and_figure(report: str) -> None:
    page = Page(report)
    assert page.count("figure", id="nap2_table4", class_="result") == 1
    assert page.count("figure", id="nap2_table5") == 1
    assert page.count("table") == 2
    assert page.count("svg", role="img") == 2 + 1 + 1 + 1 + 1
    assert all(values["aria-label"] for tag, values in page.tags if tag == "svg")
    for graphic in graphics():
        assert page.count("figure", id=graphic.anchor, class_="graphic") == 1
        assert graphic.title in page.texts
    assert page.count("td", class_="best") >= 3
    assert page.count("td", class_="second") >= 3
    assert page.count("td", class_="missing") >= 1


def test_the_page_fits_a_phone_and_both_themes(report: str) -> None:
    page = Page(report)
    assert page.count("meta", name="viewport", content="width=device-width, initial-scale=1") == 1
    assert "prefers-color-scheme: dark" in report
    assert "@media print" in report


def test_contents_lead_to_every_section(report: str) -> None:
    page = Page(report)
    for anchor in ("how-to-read-this", "tables", "figures"):
        assert page.count("a", href=f"#{anchor}") == 1
        assert page.count("section", id=anchor) == 1
    assert page.count("h1") == 1


def test_equal_input_gives_equal_bytes_and_few(report: str) -> None:
    assert demo_report() == report
    assert len(report.encode()) < 1_000_000


def test_data_cannot_become_markup() -> None:
    blocks: tuple[Block, ...] = (
        Prose((EVIL,)),
        Terms(((EVIL, EVIL),)),
        Command(EVIL, (EVIL,)),
        PlainTable("t", EVIL, (EVIL,), ((EVIL,),)),
        Graphic("g", EVIL, EVIL, ((b"\x89PNG", EVIL),)),
        Graphic("h", EVIL, EVIL, (("<svg xmlns='http://www.w3.org/2000/svg'/>", EVIL),)),
    )
    text = render_report(EVIL, blocks[:1], (Section(EVIL, blocks),), EVIL)
    page = Page(text)
    assert page.problems == []
    assert "<script" not in text
    assert page.texts.count(EVIL) >= 14
    assert page.count("img", alt=EVIL) == 1
    assert page.count("svg", **{"aria-label": EVIL}) == 1


def test_names_in_figures_cannot_become_markup() -> None:
    frame = tidy_frame().replace({"row": {"SoTL-E": EVIL}, "column": {TASKS[0]: EVIL}})
    figure = figures.tau_against_query_cost(frame)
    graphic = Graphic("g", "title", "caption", figure.panel_svgs())
    text = render_report("t", (), (Section("S", (graphic,)),), "f")
    assert Page(text).problems == []
    assert "<script" not in text
    assert EVIL in Page(text).texts


def test_png_panels_are_embedded() -> None:
    image = figures.predicted_against_true_rank(prediction_frame(), "NAP2", 10).png()
    graphic = Graphic("g", "title", "caption", ((image, "what it shows"),))
    page = Page(render_report("t", (), (Section("S", (graphic,)),), "f"))
    assert page.problems == []
    assert page.count("img", alt="what it shows") == 1


def test_two_places_of_one_name_are_refused() -> None:
    with pytest.raises(ReportError, match="two places called tables"):
        render_report("t", (), (Section("Tables", ()), Section("tables!", ())), "f")
    twice = (result_table(TASKS[0], "same"), PlainTable("same", "c", ("h",), ()))
    with pytest.raises(ReportError, match="two places called same"):
        render_report("t", (), (Section("Tables", twice),), "f")
    with pytest.raises(ReportError, match="without letters"):
        render_report("t", (), (Section("§", ()),), "f")
