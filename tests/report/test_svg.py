"""What is put into a page: themed, fluid, named apart, light, and the same drawing."""

import re
from xml.etree import ElementTree

import pytest
from tests.report.frames import prediction_frame, tidy_frame
from tests.report.pages import Page, texts

from nascast.report import figures, heat_maps
from nascast.report.style import SERIES
from nascast.report.svg import inline_svg

DOCUMENT = figures.tau_against_query_cost(tidy_frame()).panel_svgs()[0][0]


def test_it_is_one_accessible_element_that_fills_its_place() -> None:
    element = inline_svg(DOCUMENT, "a-", 'says "x" <y>')
    root = ElementTree.fromstring(element)
    assert root.tag.endswith("}svg")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'says "x" <y>'
    assert "viewBox" in root.attrib
    assert "width" not in root.attrib
    assert Page(element).problems == []


def test_colours_follow_the_page() -> None:
    element = inline_svg(DOCUMENT, "a-", "")
    colour = SERIES[0].light
    assert f"var(--series-1, {colour})" in element
    assert not re.findall(f"(?<!, ){colour}", element)


def test_a_colour_in_a_text_is_just_text() -> None:
    colour = SERIES[0].light
    frame = tidy_frame().replace({"row": {"NAP2": f"fill: {colour}"}})
    document = figures.tau_against_query_cost(frame).panel_svgs()[0][0]
    assert f"fill: {colour}" in texts(inline_svg(document, "a-", ""))


def test_the_drawing_stays_whole() -> None:
    element = inline_svg(DOCUMENT, "a-", "")
    assert texts(element) == texts(DOCUMENT)

    def shapes(document: str) -> list[str]:
        names = [node.tag.rpartition("}")[2] for node in ElementTree.fromstring(document).iter()]
        return [name for name in names if name in {"path", "use", "image", "text", "clipPath"}]

    assert shapes(element) == shapes(DOCUMENT)


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT,
        figures.predicted_against_true_rank(prediction_frame(), "NAP2", 10).svg(),
        heat_maps.trace_heat_map([[1.0, 2.0]], [5]).svg(),
    ],
)
def test_two_copies_on_one_page_do_not_touch(document: str) -> None:
    page = inline_svg(document, "a-", "") + inline_svg(document, "b-", "")
    assert Page(page).problems == []
    referred = set(re.findall(r"url\(#([^)]*)\)", page)) | set(re.findall(r'href="#([^"]*)"', page))
    assert referred
    assert referred == set(re.findall(r'\bid="([^"]*)"', page))


def test_it_is_light_and_plain() -> None:
    element = inline_svg(DOCUMENT, "a-", "")
    assert len(element) < 0.9 * len(DOCUMENT)
    assert "metadata" not in element
    assert "<style" not in element


def test_text_that_is_no_document_is_refused() -> None:
    with pytest.raises(ElementTree.ParseError):
        inline_svg("<svg>", "a-", "")
