"""SNAP's Table 1: the sentences that operations are described by, for all spaces."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

from nascast.tables.layout import Cell, Layout, Line

TABLE: Final = "snap_table1"
LENGTHS: Final = ("short", "medium", "long")
_PUBLISHED: Final = "published: SNAP, Table 1"
_HERE: Final = "here"


def published_sentences() -> pd.DataFrame:
    """Return the paper's examples: ``operation``, ``short``, ``medium``, ``long``, ``where``."""
    path = files("nascast.tables").joinpath("published", f"{TABLE}.csv")
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), keep_default_na=False)


def build_table(sentences: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's examples, then ours.

    Args:
        sentences: a row an operation: ``operation``, ``short``, ``medium``, ``long``, and
            ``spaces``, the names of the search spaces that have it, joined by blanks.

    Returns:
        The same columns with ``whose`` before them, which is ``published`` or ``here``; published
        rows have no ``spaces``.
    """
    published = published_sentences().assign(whose="published", spaces="")
    columns = ["whose", "operation", *LENGTHS, "spaces"]
    return pd.concat(
        [published[columns], sentences.assign(whose=_HERE)[columns]], ignore_index=True
    )


def lay_out_table(table: pd.DataFrame, title: str) -> Layout:
    """Return the layout of :func:`build_table`: sentences, and how many spaces have an operation.

    Args:
        table: of :func:`build_table`.
        title: caption.
    """
    lines = [
        Line(
            (row["operation"], *(row[length] for length in LENGTHS)),
            _HERE if row["whose"] == _HERE else _PUBLISHED,
            (Cell(len(row["spaces"].split()) or np.nan, np.nan, np.nan),),
        )
        for row in table.to_dict("records")
    ]
    ours = table[table["whose"] == _HERE]
    distinct = " / ".join(str(ours[length].nunique()) for length in LENGTHS)
    return Layout(
        title=title,
        takeaway=(
            f"{len(ours)} operations of {len(set(' '.join(ours['spaces']).split()))} search spaces "
            f"have {distinct} different short / medium / long sentences."
        ),
        corner=("operator", *LENGTHS),
        columns=(("spaces",),),
        lines=tuple(lines),
        notes=(
            ("", "Operations that compute the same share their sentences, whatever their names."),
            (
                "",
                "Short sentences say '3 by 3', as the authors' code does; the paper prints '3x3'.",
            ),
        ),
        decimals=0,
    )
