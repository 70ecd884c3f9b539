"""One training of SNAP: which cells it sees, and the rows of what it says of all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from nascast.io.parquet import read_table
from nascast.predictors.snap.arrays import Vectors
from nascast.predictors.snap.settings import PRESETS, SnapSettings
from nascast.seeds import derive_seed

Rows = NDArray[np.int64]
TARGET, HELD_OUT, SEEN = "target", "held out", "seen"

SNAP_RUNS_SCHEMA = pa.schema(
    [
        pa.field("recipe", pa.string(), nullable=False),
        pa.field("seed", pa.int32(), nullable=False),
        pa.field("task", pa.string(), nullable=False),
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("part", pa.string(), nullable=False),
        pa.field("none_free", pa.bool_(), nullable=False),
        pa.field("prediction", pa.float64(), nullable=False),
        pa.field("label", pa.float64()),
        pa.field("epoch_predictions", pa.list_(pa.float32())),
        pa.field("fit_seconds", pa.float64(), nullable=False),
        pa.field("query_seconds", pa.float64(), nullable=False),
    ]
)
"""One row a (task, architecture) of a run. ``part`` is ``target``; ``seen`` in training, or of a
space that was; or a cell of the source that was ``held out``. ``epoch_predictions`` are those after
every epoch of a watched run; they do not depend on the task, and stand in the rows of the first one
of a space. ``query_seconds`` is the time of ranking all networks of the row's space."""


def read_vectors(path: Path | str) -> Vectors:
    """Return the vector of each operation of a text file."""
    table = read_table(path, ["operation", "vector"])
    values = table["vector"].to_pylist()
    return {
        str(name): np.asarray(value, dtype=np.float32)
        for name, value in zip(table["operation"].to_pylist(), values, strict=True)
    }


def recipe_settings(preset: str, changes: Mapping[str, Any]) -> SnapSettings:
    """Return a preset's settings with some of them changed."""
    return replace(PRESETS[preset], **changes)


def training_cells(sizes: NDArray[np.int64], cells: int | None, seed: int) -> Rows:
    """Draw the cells of a training, as many of each size in proportion as there are in all.

    Args:
        sizes: nodes of every labelled cell, ``(n,)``.
        cells: how many; all of them if None.
        seed: of the training.

    Returns:
        Their rows, ascending. A larger draw of one seed holds the smaller ones.

    Raises:
        ValueError: there are not so many.
    """
    if cells is None:
        return np.arange(len(sizes))
    if cells > len(sizes):
        raise ValueError(f"{cells} training cells are asked for, and {len(sizes)} have labels")
    return np.sort(_order(sizes, seed)[:cells])


def held_out_cells(sizes: NDArray[np.int64], trained: Rows, count: int, seed: int) -> Rows:
    """Return the rows of cells that show what was learned: such as were not trained on, if any.

    Where none is left, they are drawn from those that were.

    Args:
        sizes: nodes of every labelled cell, ``(n,)``.
        trained: from :func:`training_cells`.
        count: how many at most.
        seed: of the training.
    """
    order = _order(sizes, seed)[::-1]
    fresh = order[~np.isin(order, trained, assume_unique=True)]
    return np.sort((fresh if len(fresh) else order)[:count])


def _order(sizes: NDArray[np.int64], seed: int) -> Rows:
    """Return all rows in an order of which any beginning and any end has the sizes of the whole.

    Each cell gets a place in (0, 1) among those of its size, evenly spaced.
    """
    rng = np.random.default_rng(derive_seed("snap", "cells", seed))
    drawn = rng.permutation(len(sizes))
    by_size = drawn[np.argsort(sizes[drawn], kind="stable")]
    _, starts, counts = np.unique(sizes[by_size], return_index=True, return_counts=True)
    number = np.arange(len(sizes)) - np.repeat(starts, counts)
    place = (number + 0.5) / np.repeat(counts, counts)
    return np.asarray(by_size[np.lexsort((number, place))])


def run_rows(
    arch_ids: Sequence[str],
    predictions: NDArray[np.float64],
    labels: Mapping[str, float],
    epochs: NDArray[np.float32] | None = None,
    **columns: Any,
) -> pd.DataFrame:
    """Return rows of :data:`SNAP_RUNS_SCHEMA`.

    Args:
        arch_ids: the ``n`` architectures.
        predictions: ``(n,)``.
        labels: of those that have one.
        epochs: predictions after each epoch, ``(epochs, n)``; None in a run that is not watched.
        columns: all others.
    """
    known = pd.Series(labels, dtype=np.float64).reindex(list(arch_ids)).to_numpy()
    return pd.DataFrame(
        {
            "arch_id": list(arch_ids),
            "prediction": predictions,
            "label": known,
            "epoch_predictions": None if epochs is None else list(epochs.T),
            **columns,
        }
    )
