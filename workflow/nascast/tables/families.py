"""The overview of the families: how many networks, how accurate, how large (GENNAPE, Table 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.tables.layout import Cell, Layout, Line
from nascast.tables.marks import MINIBENCH_MARK

MISSING: Final = "missing: labels"
"""The ``source`` of a family none of whose networks is labelled."""

_NAMES: Final = {
    "nasbench101": "NAS-Bench-101",
    "nasbench201": "NAS-Bench-201",
    "darts": "DARTS / NAS-Bench-301",
    "transnas_micro": "TransNAS-Bench-101 micro",
    "transnas_macro": "TransNAS-Bench-101 macro",
    "proxylessnas": "ProxylessNAS",
    "ofa_mbv3": "OFA-MobileNetV3",
    "ofa_resnet": "OFA-ResNet",
    "hiaml": "HiAML",
    "inception": "Inception",
    "two_path": "Two-Path",
}

# Columns of the layout: outer and inner header, column of the table, factor, digits.
_COLUMNS: Final = (
    ("networks", "all", "networks", 1.0, 0),
    ("networks", "labelled", "labelled", 1.0, 0),
    ("accuracy [%]", "min", "acc_min", 100.0, 1),
    ("accuracy [%]", "mean", "acc_mean", 100.0, 1),
    ("accuracy [%]", "std", "acc_std", 100.0, 1),
    ("accuracy [%]", "max", "acc_max", 100.0, 1),
    ("MACs [M]", "min", "macs_min", 1e-6, 2),
    ("MACs [M]", "max", "macs_max", 1e-6, 2),
    ("params [k]", "min", "params_min", 1e-3, 1),
    ("params [k]", "max", "params_max", 1e-3, 1),
    ("nodes", "min", "nodes_min", 1.0, 0),
    ("nodes", "max", "nodes_max", 1.0, 0),
)


def family_name(space: str) -> str:
    """Return the name of a family in the literature, of one we do not know the registered one."""
    return _NAMES.get(space, space)


def family_table(networks: pd.DataFrame) -> pd.DataFrame:
    """Return one row a family, in the order of their first networks.

    Args:
        networks: one row a network: ``space``, ``images`` (what it was labelled on, "" if nothing),
            ``accuracy`` in [0, 1] (NaN without a label), ``macs``, ``params`` and ``nodes``.

    Returns:
        ``space``, ``family``, ``images``, ``networks``, ``labelled``, accuracies ``acc_min``,
        ``acc_mean``, ``acc_std`` (population) and ``acc_max`` over the labelled networks; ``macs``,
        ``params`` and ``nodes`` each with ``_min`` and ``_max`` over all; ``source``, which is
        ``minibench`` or :data:`MISSING`.
    """
    return pd.DataFrame([_row(str(s), rows) for s, rows in networks.groupby("space", sort=False)])


def _row(space: str, rows: pd.DataFrame) -> dict[str, Any]:
    accuracy = rows["accuracy"].dropna().to_numpy(np.float64)
    known = len(accuracy) > 0
    return {
        "space": space,
        "family": family_name(space),
        "images": rows["images"].iloc[0],
        "networks": len(rows),
        "labelled": len(accuracy),
        "acc_min": accuracy.min() if known else np.nan,
        "acc_mean": accuracy.mean() if known else np.nan,
        "acc_std": accuracy.std() if known else np.nan,
        "acc_max": accuracy.max() if known else np.nan,
        **{
            f"{name}_{end}": int(getattr(rows[name], end)())
            for name in ("macs", "params", "nodes")
            for end in ("min", "max")
        },
        "source": "minibench" if known else MISSING,
    }


def lay_out_families(table: pd.DataFrame) -> Layout:
    """Return the layout of :func:`family_table`; missing accuracies carry a note saying so."""
    records: list[dict[Any, Any]] = table.to_dict("records")
    labelled = table[table["source"] != MISSING]
    notes = [(MINIBENCH_MARK, "from the mini benchmark")] if len(labelled) else []
    notes += [("1", MISSING)] if len(labelled) < len(table) else []
    for images, rows in labelled.groupby("images", sort=False):
        families = "all labelled families" if len(rows) == len(labelled) else ", ".join(rows.family)
        notes.append(("", f"Test accuracy on {images}, mean over seeds: {families}."))
    notes.append(
        (
            "",
            "Sizes are those of the networks that the mini benchmark trains, which are shrunken; "
            "of families without a mini benchmark in this tier, as published. MACs for one image; "
            "nodes of the computation graph.",
        )
    )
    return Layout(
        title="The architecture families",
        takeaway=_takeaway(labelled),
        corner=("family",),
        columns=tuple((outer, inner) for outer, inner, *_ in _COLUMNS),
        lines=tuple(Line((str(record["family"]),), "", _cells(record)) for record in records),
        notes=tuple(notes),
    )


def _cells(record: Mapping[Any, Any]) -> tuple[Cell, ...]:
    cells = []
    for _, _, column, factor, decimals in _COLUMNS:
        marks: tuple[str, ...] = ()
        if column.startswith("acc_"):
            marks = ("1",) if record["source"] == MISSING else (MINIBENCH_MARK,)
        value = float(record[column]) * factor
        cells.append(Cell(value, np.nan, np.nan, marks=marks, decimals=decimals))
    return tuple(cells)


def _takeaway(labelled: pd.DataFrame) -> str:
    """Name the families whose accuracies spread most and least."""
    if labelled.empty:
        return "No family is labelled yet."
    span = 100 * (labelled["acc_max"] - labelled["acc_min"]).to_numpy(np.float64)
    names = labelled["family"].tolist()
    widest = f"{names[int(span.argmax())]} spans {span.max():.1f}"
    if len(labelled) == 1:
        return f"{widest} percentage points of accuracy."
    narrowest = f"{names[int(span.argmin())]} only {span.min():.1f}"
    return f"{widest} percentage points of accuracy, {narrowest}."
