"""Writes a finished table in every form that it is offered in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_text
from nascast.tables import render, tidy
from nascast.tables.layout import Layout


def write_table(name: str, table: pd.DataFrame, layouts: Sequence[Layout], output: Any) -> None:
    """Write the tidy rows and three renderings of their layouts.

    Args:
        name: the table's name; labels and identifiers are made of it.
        table: tidy rows.
        layouts: what is rendered of them, below each other.
        output: paths by ``csv``, ``md``, ``tex`` and ``html``.
    """
    numbered = [f"{name}-{number}" for number in range(1, len(layouts) + 1)]
    pairs = list(zip(layouts, numbered, strict=True))
    texts = {
        "csv": tidy.table_to_csv(table),
        "md": "\n\n".join(render.to_markdown(layout) for layout in layouts),
        "tex": "\n\n".join(render.to_latex(layout, label) for layout, label in pairs),
        "html": "\n".join(render.to_html(layout, identifier) for layout, identifier in pairs),
    }
    for ending, text in texts.items():
        atomic_write_text(Path(output[ending]), text)
