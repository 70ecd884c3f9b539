"""The report as one HTML page that needs nothing else: no script, no font, no request.

A page is a list of sections, a section a list of blocks. All text is data and is escaped, but for
the tables, which come as HTML from :mod:`nascast.tables.render`, and the figures, which come as
SVG or PNG from :mod:`nascast.report.figures`. Equal input gives equal bytes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import ClassVar, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nascast.report.series import ReportError
from nascast.report.style import css_variables
from nascast.report.svg import inline_svg


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs of text."""

    paragraphs: tuple[str, ...]
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True, slots=True)
class Terms:
    """A list of terms, each with what is said about it; ``boxed`` sets it off as a summary."""

    items: tuple[tuple[str, str], ...]
    boxed: bool = False
    kind: ClassVar[str] = "terms"


@dataclass(frozen=True, slots=True)
class Command:
    """Lines to type into a shell, with what they do."""

    purpose: str
    lines: tuple[str, ...]
    kind: ClassVar[str] = "command"


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table of results as an HTML fragment of :func:`nascast.tables.render.to_html`."""

    fragment: str
    kind: ClassVar[str] = "result"


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table of texts with a caption, under an anchor of its own."""

    anchor: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: ClassVar[str] = "plain"


@dataclass(frozen=True, slots=True)
class Graphic:
    """A figure with its caption.

    Attributes:
        anchor: ``id`` in the page.
        title: the figure's heading.
        caption: what to see in it.
        panels: each an SVG document (text) or a PNG image (bytes), with its alternative text;
            :meth:`nascast.report.canvas.Figure.panel_svgs` gives them.
    """

    anchor: str
    title: str
    caption: str
    panels: tuple[tuple[str | bytes, str], ...]
    kind: ClassVar[str] = "graphic"


Block = Prose | Terms | Command | ResultTable | PlainTable | Graphic


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its blocks; the anchor in the table of contents is made of the heading."""

    heading: str
    blocks: tuple[Block, ...]

    @property
    def anchor(self) -> str:
        """The heading in lower case, with hyphens for everything but letters and digits."""
        return re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-")


_TEMPLATES: Final = Environment(
    loader=PackageLoader("nascast.report", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render_report(
    title: str, intro: Sequence[Block], sections: Sequence[Section], footer: str
) -> str:
    """Return the page.

    Args:
        title: heading of the page and title of its window.
        intro: blocks above the table of contents, e.g. a boxed summary.
        sections: in order, each with a place in the table of contents.
        footer: one sentence at the end.

    Raises:
        ReportError: two places of the page have the same anchor, or a heading gives none.
    """
    blocks = [*intro, *(block for section in sections for block in section.blocks)]
    named = [block.anchor for block in blocks if isinstance(block, PlainTable | Graphic)]
    ids = [identifier for block in blocks for identifier in _fragment_ids(block)]
    _check_anchors([*(section.anchor for section in sections), *named, *ids])
    numbers = count(1)

    def picture(panel: tuple[str | bytes, str]) -> Markup:
        return _picture(panel, f"picture-{next(numbers)}-")

    return _TEMPLATES.get_template("report.html").render(
        title=title,
        intro=intro,
        sections=sections,
        footer=footer,
        light=css_variables(dark=False),
        dark=css_variables(dark=True),
        picture=picture,
        trusted=Markup,
    )


def _fragment_ids(block: Block) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', block.fragment) if isinstance(block, ResultTable) else []


def _check_anchors(anchors: Sequence[str]) -> None:
    if "" in anchors:
        raise ReportError("a section of the report has a heading without letters or digits")
    repeated = sorted({anchor for anchor in anchors if anchors.count(anchor) > 1})
    if repeated:
        raise ReportError(
            f"the report has two places called {', '.join(repeated)}; give each heading, table "
            "and figure a name of its own"
        )


def _picture(panel: tuple[str | bytes, str], prefix: str) -> Markup:
    """Return an SVG or PNG image as an element of the page."""
    image, alt = panel
    if isinstance(image, bytes):
        data = base64.b64encode(image).decode("ascii")
        return Markup('<img src="data:image/png;base64,{}" alt="{}" />').format(Markup(data), alt)
    return Markup(inline_svg(image, prefix, alt))
