"""Stand-alone SVG documents of Matplotlib made fit to stand inside a page."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from nascast.report.style import themed

_SVG: Final = "{http://www.w3.org/2000/svg}"
_XLINK_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_POSITIONS: Final = ("d", "x", "y")
_LONG_DECIMAL: Final = re.compile(r"(\.\d\d)\d+")
_NO_ROTATION: Final = "rotate(-0 "


def inline_svg(document: str, prefix: str, alt: str) -> str:
    """Return an SVG document as an element for a page.

    Its colours follow the page's theme, it fills the width that it is given, its identifiers
    start with a prefix of its own, and what pages have no use for (metadata, style rules,
    identifiers nobody refers to, more than two decimals of a point) is gone.

    Args:
        document: SVG as Matplotlib writes it.
        prefix: unique in the page, e.g. ``"figure-3-"``.
        alt: what the image shows, in words.

    Raises:
        xml.etree.ElementTree.ParseError: the text is no well-formed document.
    """
    root = ElementTree.fromstring(document)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    text = " ".join(part for node in root.iter() for part in node.attrib.values())
    used = set(re.findall(r"#([A-Za-z_][\w.-]*)", text))
    for node in root.iter():
        _clean(node, prefix, used)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": alt}
    ElementTree.register_namespace("", _SVG.strip("{}"))
    return ElementTree.tostring(root, encoding="unicode")


def _clean(node: ElementTree.Element, prefix: str, used: set[str]) -> None:
    """Shorten one element and give its identifiers the prefix."""
    if _XLINK_HREF in node.attrib:
        node.attrib["href"] = node.attrib.pop(_XLINK_HREF)
    if node.attrib.get("transform", "").startswith(_NO_ROTATION):
        del node.attrib["transform"]
    if node.attrib.get("id", "") not in used:
        node.attrib.pop("id", None)
    for name, value in node.attrib.items():
        if name in _POSITIONS:
            value = _LONG_DECIMAL.sub(r"\1", " ".join(value.split()))
        elif name == "id":
            value = prefix + value
        elif name == "href" and value.startswith("#"):
            value = f"#{prefix}{value[1:]}"
        elif name == "style":
            value = themed(value)
        else:
            value = value.replace("url(#", f"url(#{prefix}")
        node.attrib[name] = value
    if node.tag != f"{_SVG}text":
        node.text = None
    node.tail = None
