"""Tidy tables: one row a number, the same columns for every paper.

A tidy table is what is stored, compared and tested; the paper's own layout is a rendering of it
(:mod:`nascast.tables.layout`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.errors import NascastError

DTYPES: Final[Mapping[str, str]] = {
    "row": "str",
    "column": "str",
    "metric": "str",
    "budget": "Int64",
    "train_size": "Int64",
    "context": "str",
    "settings": "str",
    "value": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "n": "Int64",
    "seeds": "Int64",
    "published": "float64",
    "source": "str",
    "verdict": "str",
}
"""Columns of a tidy table in their order.

``row`` method, ``column`` task id, ``metric`` its name, ``budget`` mini-batches (epochs for
curves), ``train_size`` labelled networks, ``context`` in-domain or from which task, ``settings``
of the predictor, ``value`` with its 95% interval ``ci_low`` to ``ci_high``, ``n`` distinct test
networks, ``seeds`` their number, ``published`` the paper's value, ``source`` of the labels,
``verdict`` of the comparison (empty where nothing is published).
"""

KEY: Final = ("row", "column", "metric", "budget", "train_size", "context", "settings")
PUBLISHED_KEY: Final = ("row", "column", "metric", "budget", "context")
PUBLISHED_COLUMNS: Final = ("table", *PUBLISHED_KEY, "value", "note", "where")
SIZED_COLUMNS: Final = (*PUBLISHED_COLUMNS[:5], "train_size", *PUBLISHED_COLUMNS[5:])
"""Columns of published values that belong to one training size each."""
VERDICTS: Final = ("match", "above", "below", "not comparable", "cited", "missing")
REAL: Final = "real"
MINIBENCH: Final = "minibench"
MISSING: Final = "missing: "


class TableError(NascastError):
    """A table that does not keep the tidy contract."""


def tidy_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with exactly the tidy columns, in order and typed; absent ones are empty.

    Raises:
        TableError: for columns that no table has, or as :func:`validate_table`.
    """
    unknown = [name for name in rows if name not in DTYPES]
    if unknown:
        raise TableError(f"a tidy table has no columns {', '.join(map(str, unknown))}")
    columns = {
        name: pd.Series(rows.get(name), index=rows.index, dtype=dtype)
        for name, dtype in DTYPES.items()
    }
    table = pd.DataFrame(columns).reset_index(drop=True)
    return validate_table(table)


def validate_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table unchanged if it keeps the contract.

    Raises:
        TableError: for other columns or types, an empty name, a number given twice, an unknown
            source or verdict, a missing cell with a value, an interval that is upside down, or
            a value without source.
    """
    if list(table.columns) != list(DTYPES):
        raise TableError(
            f"a tidy table has the columns {', '.join(DTYPES)}; found {', '.join(table.columns)}"
        )
    wrong = [name for name, dtype in DTYPES.items() if str(table[name].dtype) != dtype]
    if wrong:
        raise TableError(f"the columns {', '.join(wrong)} of a tidy table have other types")
    for name in ("row", "column", "metric", "context", "source"):
        _refuse(table, table[name].isna(), f"{name} is empty")
    _refuse(table, table.duplicated(list(KEY)), "the same cell stands there twice")
    known = table["source"].isin([REAL, MINIBENCH])
    missing = is_missing(table)
    _refuse(table, ~(known | missing), f"source must be {REAL}, {MINIBENCH} or '{MISSING}<what>'")
    _refuse(table, missing & table["value"].notna(), "a missing cell has a value")
    _refuse(table, table["verdict"].notna() & ~table["verdict"].isin(VERDICTS), "unknown verdict")
    _refuse(table, table["ci_low"] > table["ci_high"], "the interval is upside down")
    return table


def is_missing(table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows say that something is needed before they can have a value."""
    return table["source"].str.startswith(MISSING).fillna(False).astype(bool)


def _refuse(table: pd.DataFrame, bad: pd.Series[bool], what: str) -> None:
    if bad.any():
        first = {name: table.loc[bad, name].iloc[0] for name in KEY}
        raise TableError(f"{what} in {int(bad.sum())} rows of a tidy table, first {first}")


def table_to_csv(table: pd.DataFrame) -> str:
    """Return a valid table as CSV text, 6 significant digits, the same bytes on every run.

    Raises:
        TableError: as :func:`validate_table`.
    """
    return validate_table(table).to_csv(index=False, float_format="%.6g", lineterminator="\n")


def table_from_csv(text: str) -> pd.DataFrame:
    """Return the table that :func:`table_to_csv` wrote.

    Raises:
        TableError: as :func:`tidy_table`.
    """
    return tidy_table(pd.read_csv(io.StringIO(text), dtype=dict(DTYPES)))


def load_published(paper: str) -> pd.DataFrame:
    """Return what a paper has published; unknown values are NaN.

    The columns are ``PUBLISHED_COLUMNS``, or ``SIZED_COLUMNS`` where the paper has values of
    several training sizes.

    Args:
        paper: name of a file of ``nascast/tables/published`` without its ending, e.g. "nap2".

    Raises:
        TableError: for an unknown paper or a file with other columns.
    """
    path = files("nascast.tables").joinpath("published", f"{paper}.csv")
    if not path.is_file():
        raise TableError(f"no published values of {paper!r} are stored with this package")
    types = {name: DTYPES.get(name, "str") for name in SIZED_COLUMNS}
    published = pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), dtype=types)
    if tuple(published.columns) not in (PUBLISHED_COLUMNS, SIZED_COLUMNS):
        raise TableError(
            f"published/{paper}.csv must have the columns {PUBLISHED_COLUMNS}, with or without "
            "train_size before context"
        )
    if published.duplicated(["table", *_published_key(published)]).any():
        raise TableError(f"published/{paper}.csv holds a cell twice")
    return published


def merge_published(
    table: pd.DataFrame,
    published: pd.DataFrame,
    *,
    comparable: bool,
    stands_for: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Fill ``published`` and ``verdict``.

    A published value inside our 95% interval is a ``match``; else our value is ``above`` or
    ``below`` it. It is ``not comparable`` where the protocol differs, the labels are not the
    real ones, the task only stands for the published one, or we have no interval. Without a
    value of ours it is ``cited`` if the published one would be comparable, else ``missing``.

    Args:
        table: a tidy table.
        published: the rows of that one table from :func:`load_published`; those with a
            ``train_size`` belong to that one, the others to any.
        comparable: whether network size, budget and protocol are the paper's.
        stands_for: task of ours to the published task it stands for, e.g. of a made image set.

    Raises:
        TableError: as :func:`validate_table`.
    """
    validate_table(table)
    stand_ins = dict(stands_for or {})
    key = _published_key(published)
    values = {
        _lookup_key(row, key): row["value"]
        for row in published.to_dict("records")
        if pd.notna(row["value"])
    }
    merged = table.copy()
    renamed = table.assign(column=table["column"].replace(stand_ins))
    found = [values.get(_lookup_key(row, key), np.nan) for row in renamed.to_dict("records")]
    merged["published"] = pd.Series(found, index=table.index, dtype="float64")
    same = comparable & ~table["column"].isin(list(stand_ins))
    records = zip(merged.to_dict("records"), same, strict=True)
    verdicts: list[Any] = [_verdict(row, bool(fair)) for row, fair in records]
    merged["verdict"] = pd.Series(verdicts, index=table.index, dtype="str")
    return validate_table(merged)


def _published_key(published: pd.DataFrame) -> tuple[str, ...]:
    return (*PUBLISHED_KEY, "train_size") if "train_size" in published else PUBLISHED_KEY


def _lookup_key(row: Mapping[Any, Any], key: Sequence[str]) -> tuple[str, ...]:
    return tuple("" if pd.isna(row[name]) else str(row[name]) for name in key)


def _verdict(row: Mapping[Any, Any], fair: bool) -> str | None:
    value, published, low, high = (row[n] for n in ("value", "published", "ci_low", "ci_high"))
    if np.isnan(value):
        return "cited" if fair and not np.isnan(published) else "missing"
    if np.isnan(published):
        return None
    if not fair or row["source"] != REAL or np.isnan(low) or np.isnan(high):
        return "not comparable"
    if low <= published <= high:
        return "match"
    return "above" if published < low else "below"
