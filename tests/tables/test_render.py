"""Renderings: the exact text of a small table in each format, and escaping."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.tables import tidy
from nascast.tables.layout import Cell, Layout, Line, lay_out
from nascast.tables.render import (
    half_width,
    number,
    to_csv,
    to_html,
    to_latex,
    to_markdown,
)

GOLDEN = Path(__file__).parent / "golden"


def small() -> Layout:
    shared = {
        "column": "nasbench201-scenes10",
        "metric": "kendall_tau",
        "train_size": 112,
        "context": "in-domain",
        "settings": "published",
        "n": 150,
        "seeds": 3,
        "source": "minibench",
    }
    rows = [
        {"row": "NAP2", "budget": 10, "value": 0.7212, "ci_low": 0.70, "ci_high": 0.74},
        {"row": "NAP2", "budget": 20, "value": 0.65, "ci_low": 0.63, "ci_high": 0.67},
        {"row": "conv_count", "budget": 10, "value": -0.05, "ci_low": -0.1, "ci_high": 0.0},
        {"row": "conv_count", "budget": 20, "source": "missing: traces & labels"},
    ]
    return lay_out(
        tidy.tidy_table(pd.DataFrame([shared | row for row in rows])),
        title="NAP2 <Table 4>",
        columns=("column", "budget"),
        headers={"column": {"nasbench201-scenes10": "scenes_10"}},
        families={"NAP2": "learning-based", "conv_count": "shortcut"},
        notes=["Labels: 5% of $x."],
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("small.md", to_markdown(small())),
        ("small.tex", to_latex(small(), "nap2_table4")),
        ("small.html", to_html(small(), "nap2_table4")),
        ("small.csv", to_csv(small())),
    ],
)
def test_a_small_table_is_exactly_the_stored_one(name, text):
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def named(text: str) -> Layout:
    """A table in which every text is ``text``."""
    cell = Cell(0.5, np.nan, np.nan)
    line = Line((text,), text, (cell,))
    return Layout(text, text, (text,), ((text,),), (line,), (("1", text),))


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data.strip())


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=12))
def test_html_escapes_any_text(text):
    reader = Reader()
    reader.feed(to_html(named(text), text))
    assert not reader.open
    shown = [found for found in reader.texts if found and found not in ("0.500", "1")]
    if text.strip() and text.strip() not in ("0.500", "1"):
        # Caption twice, corner, column, family, row and note.
        assert shown == [text.strip()] * 7


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12))
def test_csv_reads_back_any_text(text):
    head, line = csv.reader(io.StringIO(to_csv(named(text)), newline=""))
    assert head == ["family", text, text, f"{text} low", f"{text} high"]
    assert line == [text, text, "0.500", "", ""]


@given(st.text("a|*_<>`[]~#$\\", min_size=1, max_size=12))
def test_markdown_escapes_every_special_sign(text):
    row = to_markdown(named(text)).splitlines()[2]
    plain = row.replace("\\\\", "").replace("\\|", "")
    assert plain.count("|") == 3
    assert text in row.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")


def test_latex_escapes_every_special_sign():
    text = to_latex(named(r"a&b%c$d#e_f{g}h~i^j\k[l|μ"), "t")
    escaped = r"a\&b\%c\$d\#e\_f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k{[}l"
    escaped += r"\textbar{}$\mu$"
    assert text.count(escaped) == 7


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles(tmp_path):
    document = "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage{booktabs}",
            r"\begin{document}",
            to_latex(small(), "t"),
            r"\end{document}",
        ]
    )
    (tmp_path / "t.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_numbers_print_with_fixed_decimals():
    assert number(0.12349, 3) == "0.123"
    assert number(-0.0001, 3) == "0.000"
    assert number(float("nan"), 3) == "–"
    assert half_width(Cell(0.5, 0.4, 0.62), 2) == "±0.11"
    assert half_width(Cell(0.5, np.nan, np.nan), 2) == ""
