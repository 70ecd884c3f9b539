"""The page reader that the other tests trust finds what it should find."""

import pytest
from tests.report.pages import Page


def test_a_good_page_has_no_problems() -> None:
    page = Page('<p id="a">1 &lt; 2 <a href="#a">x</a><img src="data:,"/><br></p>')
    assert page.problems == []
    assert page.count("p", id="a") == 1
    assert "1 < 2 " in page.texts


@pytest.mark.parametrize(
    "text",
    [
        "<p>",
        "<b><i></b></i>",
        "</p>",
        '<img src="https://example.org/x.png">',
        '<a href="#gone">x</a>',
        '<p id="a"></p><p id="a"></p>',
        "<script></script>",
        '<p onclick="x()"></p>',
        '<p style="background: url(x.png)"></p>',
        "<style>@import 'x.css';</style>",
    ],
)
def test_each_problem_is_found(text: str) -> None:
    assert Page(text).problems
