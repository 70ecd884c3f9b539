"""Writers of a laid-out table: Markdown, LaTeX, an HTML fragment, and plain CSV.

All four show the same numbers. The best of a column is bold, the second underlined, the
interval's half-width follows in smaller type, marks are superscripts explained below the table.
"""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from nascast.tables.layout import Cell, Layout, Line

_DASH: Final = "–"
_MARKDOWN_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~#$])")
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "[": "{[}",  # a bracket after a line break would be read as its optional argument
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "|": r"\textbar{}",
    "μ": r"$\mu$",
    "τ": r"$\tau$",
    "ρ": r"$\rho$",
    "–": "--",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "‖": r"$\Vert$",
}


def number(value: float, decimals: int) -> str:
    """Return a value as printed, "–" for none, never "-0.000"."""
    if math.isnan(value):
        return _DASH
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def half_width(cell: Cell, decimals: int) -> str:
    """Return "±0.012", or "" where the cell has no interval."""
    if math.isnan(cell.low) or math.isnan(cell.high):
        return ""
    return "±" + number((cell.high - cell.low) / 2, decimals)


def to_markdown(layout: Layout) -> str:
    """Return a GitHub table with a bold title, the takeaway and the notes."""
    names = [" / ".join(column) for column in layout.columns]
    head = [*layout.corner, *names]
    rows = [[*(_md(text) for text in head)], ["---"] * len(layout.corner) + ["---:"] * len(names)]
    for family, lines in _by_family(layout.lines):
        if family:
            rows.append([f"*{_md(family)}*", *[""] * (len(head) - 1)])
        rows.extend(
            [*(_md(text) for text in line.headers), *(_md_cell(c, layout) for c in line.cells)]
            for line in lines
        )
    notes = [
        f"- <sup>{_md(mark)}</sup> {_md(text)}" if mark else f"- {_md(text)}"
        for mark, text in layout.notes
    ]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    blocks = [f"**{_md(layout.title)}** {_md(layout.takeaway)}", table, "\n".join(notes)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _md(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text.replace("&", "&amp;")).replace("\n", " ")


def _md_cell(cell: Cell, layout: Layout) -> str:
    shown = number(cell.value, _decimals(cell, layout))
    shown = {"best": f"**{shown}**", "second": f"<u>{shown}</u>", "": shown}[cell.rank]
    interval = half_width(cell, _decimals(cell, layout))
    small = f" <sub>{interval}</sub>" if interval else ""
    marks = f" <sup>{' '.join(_md(mark) for mark in cell.marks)}</sup>" if cell.marks else ""
    return shown + small + marks


def to_latex(layout: Layout, label: str) -> str:
    r"""Return a ``table`` environment; the document loads the package ``booktabs``.

    Args:
        layout: the table.
        label: name for ``\ref``, e.g. "nap2_table4"; ``tab:`` is put before it.
    """
    width = len(layout.corner) + len(layout.columns)
    body = []
    for position, (family, lines) in enumerate(_by_family(layout.lines)):
        if position:
            body.append(r"\midrule")
        if family:
            body.append(rf"\multicolumn{{{width}}}{{l}}{{\emph{{{_tex(family)}}}}} \\")
        body += [
            _tex_row([*map(_tex, line.headers), *(_tex_cell(c, layout) for c in line.cells)])
            for line in lines
        ]
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{\textbf{{{_tex(layout.title)}}} {_tex(layout.takeaway)}}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{{'l' * len(layout.corner)}{'r' * len(layout.columns)}}}",
            r"\toprule",
            *_tex_head(layout),
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *_tex_notes(layout),
            r"\end{table}",
            "",
        ]
    )


def _tex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text)


def _tex_row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _tex_head(layout: Layout) -> list[str]:
    rows = []
    levels = len(layout.columns[0])
    for level in range(levels):
        last = level == levels - 1
        corner = [_tex(text) if last else "" for text in layout.corner]
        if last:
            rows.append(_tex_row([*corner, *(_tex(column[level]) for column in layout.columns)]))
        else:
            spans = [
                rf"\multicolumn{{{span}}}{{c}}{{{_tex(text)}}}"
                for text, span in _spans(layout.columns, level)
            ]
            rows.append(_tex_row([*corner, *spans]))
    return rows


def _tex_cell(cell: Cell, layout: Layout) -> str:
    shown = _tex(number(cell.value, _decimals(cell, layout)))
    if shown.startswith("-") and not math.isnan(cell.value):
        shown = f"${shown}$"
    wrapped = {"best": rf"\textbf{{{shown}}}", "second": rf"\underline{{{shown}}}", "": shown}
    interval = half_width(cell, _decimals(cell, layout))
    small = rf" {{\scriptsize {_tex(interval)}}}" if interval else ""
    marks = rf"\textsuperscript{{{_tex(' '.join(cell.marks))}}}" if cell.marks else ""
    return wrapped[cell.rank] + small + marks


def _tex_notes(layout: Layout) -> list[str]:
    if not layout.notes:
        return []
    notes = [
        (rf"\textsuperscript{{{_tex(mark)}}} " if mark else "") + _tex(text)
        for mark, text in layout.notes
    ]
    breaks = [note + r" \\" for note in notes[:-1]]
    opening = r"\begin{minipage}{\linewidth}\footnotesize"
    return [r"\par\smallskip", opening, *breaks, notes[-1], r"\end{minipage}"]


def to_html(layout: Layout, identifier: str) -> str:
    """Return a ``figure`` with a semantic table; style sheets find it by its classes.

    Args:
        layout: the table.
        identifier: ``id`` of the figure, unique in the page, e.g. "nap2_table4".
    """
    width = len(layout.corner) + len(layout.columns)
    bodies = [
        "\n".join(
            ["<tbody>", *_html_family(family, width), *_html_lines(lines, layout), "</tbody>"]
        )
        for family, lines in _by_family(layout.lines)
    ]
    notes = [
        f'<li class="{"marked" if mark else "general"}">'
        + (f"<sup>{_html(mark)}</sup> " if mark else "")
        + f"{_html(text)}</li>"
        for mark, text in layout.notes
    ]
    return "\n".join(
        [
            f'<figure class="result" id="{_html(identifier)}">',
            '<div class="scroll">',
            "<table>",
            f'<caption><strong class="title">{_html(layout.title)}</strong> '
            f'<span class="takeaway">{_html(layout.takeaway)}</span></caption>',
            "<thead>",
            *_html_head(layout),
            "</thead>",
            *bodies,
            "</table>",
            "</div>",
            *(['<ul class="notes">', *notes, "</ul>"] if notes else []),
            "</figure>",
            "",
        ]
    )


def _html(text: str) -> str:
    return html.escape(text, quote=True)


def _html_head(layout: Layout) -> list[str]:
    levels = len(layout.columns[0])
    rows = []
    for level in range(levels):
        cells = []
        if level == 0:
            span = f' rowspan="{levels}"' if levels > 1 else ""
            cells = [f'<th scope="col"{span}>{_html(text)}</th>' for text in layout.corner]
        if level == levels - 1:
            cells += [f'<th scope="col">{_html(column[level])}</th>' for column in layout.columns]
        else:
            cells += [
                f'<th scope="colgroup" colspan="{span}">{_html(text)}</th>'
                for text, span in _spans(layout.columns, level)
            ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return rows


def _html_family(family: str, width: int) -> list[str]:
    if not family:
        return []
    heading = f'<th scope="rowgroup" colspan="{width}">{_html(family)}</th>'
    return [f'<tr class="family">{heading}</tr>']


def _html_lines(lines: Sequence[Line], layout: Layout) -> list[str]:
    return [
        "<tr>"
        + "".join(f'<th scope="row">{_html(text)}</th>' for text in line.headers)
        + "".join(_html_cell(cell, layout) for cell in line.cells)
        + "</tr>"
        for line in lines
    ]


def _html_cell(cell: Cell, layout: Layout) -> str:
    empty = math.isnan(cell.value)
    shown = f'<span class="value">{number(cell.value, _decimals(cell, layout))}</span>'
    interval = half_width(cell, _decimals(cell, layout))
    small = f' <small class="interval">{interval}</small>' if interval else ""
    marks = f"<sup>{_html(' '.join(cell.marks))}</sup>" if cell.marks else ""
    name = "missing" if empty else "cited" if cell.cited else cell.rank
    kind = f' class="{name}"' if name else ""
    return f"<td{kind}>{shown}{small}{marks}</td>"


def to_csv(layout: Layout) -> str:
    """Return the layout as CSV: three columns (value, low, high) a column of the table."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    names = [" / ".join(column) for column in layout.columns]
    parts = [f"{name}{part}" for name in names for part in ("", " low", " high")]
    writer.writerow(["family", *layout.corner, *parts])
    for line in layout.lines:
        shown = [
            "" if math.isnan(value) else number(value, _decimals(cell, layout))
            for cell in line.cells
            for value in (cell.value, cell.low, cell.high)
        ]
        writer.writerow([line.family, *line.headers, *shown])
    return target.getvalue()


def _decimals(cell: Cell, layout: Layout) -> int:
    return layout.decimals if cell.decimals is None else cell.decimals


def _by_family(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    return [(family, list(part)) for family, part in groupby(lines, key=lambda line: line.family)]


def _spans(columns: Sequence[tuple[str, ...]], level: int) -> list[tuple[str, int]]:
    """Headers of one level with the number of columns they span."""
    outer = groupby(columns, key=lambda column: column[: level + 1])
    return [(key[level], len(list(part))) for key, part in outer]
