"""Labels frames from rows, one a training, and their means over trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.labels.schema import LABELS, MEAN_OF_SEEDS, LabelError

Curve = NDArray[np.float32]
_FLOATS = (
    "val_acc", "test_acc", "val_loss", "test_loss", "train_seconds", "val_metric", "test_metric",
)  # fmt: skip
_CURVES = tuple(name for name in LABELS.names if name.endswith("_curve"))


def labels_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a Labels frame; what a row does not have is null.

    Args:
        rows: values by column: the identity, ``images``, ``seed``, ``epochs`` and ``source``, and
            what else the source has; ``status`` is ``"ok"`` unless it is given.
    """
    columns: dict[str, Any] = {
        name: [row.get(name, "ok" if name == "status" else None) for row in rows]
        for name in LABELS.names
    }
    for name in _FLOATS:
        columns[name] = np.array(columns[name], dtype=np.float64)
    for name, kind in (("seed", np.int64), ("epochs", np.int32)):
        columns[name] = np.array(columns[name], dtype=kind)
    return pd.DataFrame(columns)


def mean_row(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over the trainings of one architecture on one image set.

    Values and curves that any training lacks are null in the mean.
    """
    mean = dict(runs[0], seed=MEAN_OF_SEEDS)
    for name in (*_FLOATS, *_CURVES):
        values = [run.get(name) for run in runs]
        mean[name] = None if any(value is None for value in values) else mean_of_runs(values)
    return mean


def mean_of_runs(values: Sequence[Any]) -> Any:
    """Return the mean along the first axis as offset from the first: exact where all agree."""
    stacked = np.asarray(values, dtype=np.float64)
    mean = stacked[0] + (stacked - stacked[0]).sum(axis=0) / len(stacked)
    return mean.astype(np.float32) if mean.ndim else float(mean)


def fraction(where: str, percentage: Any) -> float:
    """Return a percentage as a fraction.

    Raises:
        LabelError: it is no number between 0 and 100; names the place.
    """
    if isinstance(percentage, bool) or not isinstance(percentage, int | float):
        raise LabelError(f"{where}: {str(percentage)[:40]!r} is no percentage")
    if not 0 <= percentage <= 100:
        raise LabelError(f"{where}: {percentage} is not a percentage between 0 and 100")
    return float(percentage) / 100


def curve(where: str, values: Sequence[Any], scale: float = 1.0) -> Curve:
    """Return numbers as a curve, multiplied by a scale.

    Raises:
        LabelError: one of them is no number.
    """
    try:
        found = np.array([float(value) for value in values], dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise LabelError(f"{where}: a curve holds something else than numbers") from error
    return (found * scale).astype(np.float32)
