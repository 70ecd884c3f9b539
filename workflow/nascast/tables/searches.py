"""SNAP's Table 3: the network that a search finds on NAS-Bench-201, its size, accuracy and cost.

Three of its searches are zero-cost proxies and are run here: the network of a sample that the proxy
ranks first. The paper's other rows are quoted beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.tables import tidy
from nascast.tables.layout import HERE, PUBLISHED, Cell, Layout, Line
from nascast.tables.marks import Marks
from nascast.tables.proxies import CONTEXT, NEEDS, SNAP

TABLE: Final = "snap_table3"
TRUTH: Final = "Ground Truth"
"""Not a search: the best of the same networks by their accuracy on the first task."""
PROXIES: Final[Mapping[str, tuple[str, ...]]] = {
    "KNAS": ("knas",),
    "NASWOT": ("nwot",),
    "TE-NAS": ("te_nas_ntk", "te_nas_regions"),
}
"""What a search ranks networks by."""
ROWS: Final = ("μNAS", "DARTS", "GDAS", "KNAS", "NASWOT", "TE-NAS", SNAP, TRUTH)
ACCURACY: Final = "test_acc"
OF_NETWORK: Final = ("macs", "params", "search_hours")

_HEADS: Final = {
    "macs": ("network", "FLOPs (M)"),
    "params": ("network", "params (M)"),
    "search_hours": ("search", "hours"),
}
_SCALES: Final = {"macs": (1e-6, 2), "params": (1e-6, 3), "search_hours": (1.0, 2)}
_HOURS_DECIMALS: Final = 5
_OWN_SEARCH: Final = "a search with this method"


def build_table(
    found: pd.DataFrame,
    accuracies: Mapping[str, Mapping[str, float]],
    places: Sequence[tuple[str, str]],
    stands_for: Mapping[str, str],
) -> pd.DataFrame:
    """Return all rows of the table, tidy: means over the searches of each method.

    MACs, parameters and hours stand in the first task's column, on which networks were searched.

    Args:
        found: a row a search: ``row``, ``seed``, ``arch_id``, ``macs``, ``params`` (NaN where they
            were not counted), ``seconds`` (NaN where nothing was searched), ``n`` networks.
        accuracies: in [0, 1], of each task by ``arch_id``.
        places: for each of the three image sets the task that shows it, and its label source or
            what is missing.
        stands_for: a task to the paper's task that it stands for.
    """
    cells: list[dict[str, Any]] = []
    for row in ROWS:
        searches = found[found["row"] == row]
        for metric, (task, source) in _columns(places):
            place: dict[str, Any] = {
                "row": row,
                "column": task,
                "metric": metric,
                "budget": 0,
                "train_size": 0,
            }
            place |= {"context": CONTEXT, "settings": "published"}
            values = _values(searches, metric, accuracies.get(task, {}))
            if source.startswith(tidy.MISSING):
                cells.append(place | {"source": source})
            elif searches.empty:
                cells.append(place | {"source": tidy.MISSING + _need(row)})
            elif not (row == TRUTH and metric == "search_hours"):
                counts = {"n": int(searches["n"].max()), "seeds": len(searches)}
                cells.append(place | {"value": values.mean(), "source": source} | counts)
    published = tidy.load_published("snap")
    return tidy.merge_published(
        tidy.tidy_table(pd.DataFrame(cells)),
        published[published["table"] == TABLE],
        comparable=False,
        stands_for=stands_for,
    )


def _columns(places: Sequence[tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    of_network = [(metric, places[0]) for metric in OF_NETWORK]
    return of_network + [(ACCURACY, place) for place in places]


def _need(row: str) -> str:
    if row in PROXIES:
        return f"{' and '.join(PROXIES[row])} measured on these networks"
    return NEEDS.get(row, _OWN_SEARCH)


def _values(searches: pd.DataFrame, metric: str, accuracies: Mapping[str, float]) -> pd.Series[Any]:
    if metric == ACCURACY:
        return searches["arch_id"].map(dict(accuracies)).astype("float64")
    if metric == "search_hours":
        return searches["seconds"] / 3600.0
    return searches[metric]


def lay_out_table(
    table: pd.DataFrame, title: str, stands_for: Mapping[str, str], notes: Sequence[str] = ()
) -> Layout:
    """Return the paper's layout: for each method the published line, then ours.

    Args:
        table: of :func:`build_table`.
        title: caption.
        stands_for: a task to the paper's task that it stands for.
        notes: sentences below the table.
    """
    accuracies = list(dict.fromkeys(table.loc[table["metric"] == ACCURACY, "column"]))
    keys = [(metric, accuracies[0]) for metric in OF_NETWORK]
    keys += [(ACCURACY, task) for task in accuracies]
    records = {
        (record["row"], record["metric"], record["column"]): record
        for record in table.to_dict("records")
    }
    marks, lines = Marks(), []
    for row in ROWS:
        cells = [records.get((row, *key)) for key in keys]
        for whose in (PUBLISHED, HERE):
            shown = tuple(_cell(cell, whose, marks) for cell in cells)
            lines.append(Line((row, whose), "", shown))
    general = [
        "Published: SNAP, Table 3; FLOPs are multiply-adds there and here, hours those of a GPU.",
        *(f"{name} stands for {stands_for[name]}." for name in accuracies if name in stands_for),
        *notes,
    ]
    if (seeds := int(table["seeds"].fillna(0).max())) > 1:
        general.append(f"Means over {seeds} initialisations.")
    return Layout(
        title=title,
        takeaway=_takeaway(records, accuracies[0]),
        corner=("search", ""),
        columns=tuple(
            _HEADS.get(metric, ("accuracy (%)", _image_sets(task, stands_for)))
            for metric, task in keys
        ),
        lines=tuple(lines),
        notes=(*marks.notes(), *(("", note) for note in general)),
    )


def _image_sets(task: str, stands_for: Mapping[str, str]) -> str:
    """Return a column's image set; of a stand-in, also that of the published numbers."""
    names = dict.fromkeys(name.partition("-")[2] for name in (task, stands_for.get(task, task)))
    return " for ".join(names)


def _cell(record: Mapping[Any, Any] | None, whose: str, marks: Marks) -> Cell:
    if record is None:
        return Cell(np.nan, np.nan, np.nan)
    factor, decimals = _SCALES.get(str(record["metric"]), (100.0, 2))
    if whose == PUBLISHED:
        value = factor * record["published"]
        return Cell(value, np.nan, np.nan, cited=not np.isnan(value), decimals=decimals)
    if record["metric"] == "search_hours":
        decimals = _HOURS_DECIMALS
    source, found = str(record["source"]), []
    if source.startswith(tidy.MISSING):
        found.append(marks.number(f"needs {source.removeprefix(tidy.MISSING)}"))
    if source == tidy.MINIBENCH:
        found.append(marks.minibench())
    return Cell(factor * record["value"], np.nan, np.nan, marks=tuple(found), decimals=decimals)


def search_notes(found: pd.DataFrame) -> list[str]:
    """Return a sentence a method on what it found with the first initialisation.

    Args:
        found: as in :func:`build_table`, with ``spec``.
    """
    first = found.drop_duplicates("row")
    return [
        f"{row}: {spec}, best of {n} networks"
        + (f", {seconds:.1f} s of computing." if np.isfinite(seconds) else ".")
        for row, spec, n, seconds in zip(
            first["row"], first["spec"], first["n"], first["seconds"], strict=True
        )
    ]


def _takeaway(records: Mapping[tuple[Any, ...], Mapping[Any, Any]], task: str) -> str:
    """Say which search found the most accurate network of the first task, and what there was."""
    known = {
        row: float(records[row, ACCURACY, task]["value"])
        for row in (*PROXIES, TRUTH)
        if not np.isnan(records[row, ACCURACY, task]["value"])
    }
    best = known.pop(TRUTH, np.nan)
    if not known:
        return "No search was run yet."
    first = max(known, key=lambda row: known[row])
    return (
        f"{first} finds {100 * known[first]:.2f}% on {task}; the best of these networks has "
        f"{100 * best:.2f}%."
    )
