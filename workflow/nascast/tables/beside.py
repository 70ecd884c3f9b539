"""Published numbers beside ours, each in a place of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from nascast.tables.layout import HERE, PUBLISHED, Cell, Layout


def beside_published(
    table: pd.DataFrame, notes: Mapping[tuple[str, str], str] | None = None
) -> pd.DataFrame:
    """Return a tidy table with every row twice, for layouts that show both numbers.

    ``whose`` tells them apart: :data:`~.layout.HERE` and :data:`~.layout.PUBLISHED`, which is left
    out where a task has no published number at all. ``note`` belongs to the published value.

    Args:
        table: tidy, with its published values merged.
        notes: of published values by method and task.
    """
    places = zip(table["row"], table["column"], strict=True)
    found = [(notes or {}).get(place) for place in places]
    noted = table.assign(note=pd.Series(found, table.index, "str"))
    known = table.groupby(["column", "metric"])["published"].transform("count") > 0
    published = noted[known].assign(whose=PUBLISHED, ci_low=np.nan, ci_high=np.nan)
    both = pd.concat([noted.assign(whose=HERE), published])
    return both.sort_index(kind="stable").reset_index(drop=True)


def with_column(
    layout: Layout, header: tuple[str, ...], values: Sequence[float], decimals: int
) -> Layout:
    """Return a layout with one more column of plain numbers, one a line, none of them the best."""
    lines = [
        replace(line, cells=(*line.cells, Cell(value, np.nan, np.nan, decimals=decimals)))
        for line, value in zip(layout.lines, values, strict=True)
    ]
    return replace(layout, columns=(*layout.columns, header), lines=tuple(lines))
