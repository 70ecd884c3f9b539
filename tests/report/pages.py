"""Readers of pages and images that find what is not well formed or not self-contained."""

from html.parser import HTMLParser
from xml.etree import ElementTree

VOID = {"meta", "link", "img", "br", "hr", "input", "col", "wbr"}
LOADING = {"src", "srcset", "href", "xlink:href", "data", "action", "poster", "background"}


def texts(svg: str) -> list[str]:
    """The texts of an SVG document."""
    found = [node.text for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("text")]
    return [text for text in found if text]


class Page(HTMLParser):
    """Elements, texts and problems of one page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self.open]
        ids = [values["id"] for _, values in self.tags if "id" in values]
        self.problems += [f"id {name} twice" for name in set(ids) if ids.count(name) > 1]
        self.problems += [
            f"{name} leads nowhere"
            for _, values in self.tags
            if (name := values.get("href", "")).startswith("#") and name[1:] not in ids
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if len(values) < len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice")
        for name, value in values.items():
            if name.startswith("on"):
                self.problems.append(f"<{tag}> has the script {name}")
            if name in LOADING and not value.lstrip().startswith(("#", "data:")):
                self.problems.append(f"<{tag}> loads {value}")
            if "url(" in value.replace("url(#", ""):
                self.problems.append(f"<{tag}> loads {value}")
        if tag == "script":
            self.problems.append("a script")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.open and self.open[-1] == "style" and ("url(" in data or "@import" in data):
            self.problems.append("a style sheet loads something")

    def count(self, tag: str, **attributes: str) -> int:
        """How many elements have the tag and these values of attributes."""
        return sum(
            name == tag and all(values.get(key.strip("_")) == v for key, v in attributes.items())
            for name, values in self.tags
        )
