"""The Labels table: one row an (architecture, image set, seed), trained or from a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nascast.errors import NascastError
from nascast.spaces.base import Architecture

if TYPE_CHECKING:
    from nascast.labels.trainer import TrainingRecord

MEAN_OF_SEEDS = -1
"""The ``seed`` of a row whose values are the source's own mean over its seeds."""

_CURVE = pa.list_(pa.float32())

LABELS = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("canonical_id", pa.string(), nullable=False),
        pa.field("space", pa.string(), nullable=False),
        pa.field("spec", pa.string(), nullable=False),
        pa.field("images", pa.string(), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("val_acc", pa.float64()),
        pa.field("test_acc", pa.float64()),
        pa.field("val_loss", pa.float64()),
        pa.field("test_loss", pa.float64()),
        pa.field("train_loss_curve", _CURVE),
        pa.field("val_loss_curve", _CURVE),
        pa.field("train_acc_curve", _CURVE),
        pa.field("val_acc_curve", _CURVE),
        pa.field("train_seconds", pa.float64()),
        pa.field("epochs", pa.int32(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("metric", pa.string()),
        pa.field("val_metric", pa.float64()),
        pa.field("test_metric", pa.float64()),
        pa.field("train_metric_curve", _CURVE),
        pa.field("val_metric_curve", _CURVE),
    ]
)
"""Accuracies are fractions in [0, 1], losses of classifications nats; a curve has one value an
epoch; null where the source does not say. A task whose metric is no accuracy has null accuracies,
and names its metric in ``metric``; everywhere else the five metric columns are null."""

METRIC_COLUMNS = LABELS.names[-5:]
"""Columns that files from before there were such tasks lack."""

KEY = ["arch_id", "images", "seed"]


class LabelError(NascastError):
    """A label table or benchmark file that is not what it should be."""


def label_row(
    arch: Architecture, images: str, seed: int, record: TrainingRecord, source: str
) -> dict[str, Any]:
    """Return one training's row.

    Args:
        arch: the architecture.
        images: image set, or the name of the task if it is not plain classification.
        seed: counts the trainings of one architecture from zero.
        record: what the training left behind.
        source: who trained.
    """
    final, curves = _metric_columns(record)
    return {
        **identity(arch),
        "images": images,
        "seed": seed,
        **final,
        "val_loss": record.val_loss[-1],
        "test_loss": record.test_loss,
        "train_loss_curve": record.train_loss,
        "val_loss_curve": record.val_loss,
        **curves,
        "train_seconds": record.train_seconds,
        "epochs": len(record.val_loss),
        "status": record.status,
        "source": source,
    }


def _metric_columns(record: TrainingRecord) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns of accuracies or of another metric; those of the other kind are empty."""
    used, empty = ("acc", "metric") if record.is_accuracy else ("metric", "acc")
    final = {
        "metric": None if used == "acc" else record.metric,
        f"val_{used}": record.val_metric[-1],
        f"test_{used}": record.test_metric,
        f"val_{empty}": np.nan,
        f"test_{empty}": np.nan,
    }
    curves = {
        f"train_{used}_curve": record.train_metric,
        f"val_{used}_curve": record.val_metric,
        f"train_{empty}_curve": None,
        f"val_{empty}_curve": None,
    }
    return final, curves


def identity(arch: Architecture) -> dict[str, str]:
    """Return the columns that say which architecture a row is about."""
    return {
        "arch_id": arch.arch_id,
        "canonical_id": arch.canonical_id,
        "space": arch.space,
        "spec": arch.spec,
    }


def complete(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with null metric columns if it is from before there were any.

    Raises:
        LabelError: it has some of them, but not all.
    """
    missing = [name for name in METRIC_COLUMNS if name not in labels.columns]
    if missing and len(missing) < len(METRIC_COLUMNS):
        raise LabelError(f"Labels table: missing columns {missing}")
    return labels.assign(**dict.fromkeys(missing)) if missing else labels


def to_table(labels: pd.DataFrame) -> pa.Table:
    """Return a Labels frame as an Arrow table of exactly :data:`LABELS`, sorted by its key.

    Raises:
        LabelError: for missing or unknown columns, a repeated key, a value of the wrong type, an
            accuracy outside [0, 1], or a metric value without the metric's name.
    """
    missing = [name for name in LABELS.names if name not in labels.columns]
    unknown = [name for name in labels.columns if name not in LABELS.names]
    if missing or unknown:
        raise LabelError(f"Labels table: missing columns {missing}, unknown columns {unknown}")
    repeated = labels[labels.duplicated(KEY)]
    if len(repeated):
        first = repeated.iloc[0]
        raise LabelError(
            f"Labels table: {len(repeated)} repeated rows, the first for {first['arch_id']} on "
            f"{first['images']} with seed {first['seed']}"
        )
    for column in ("val_acc", "test_acc"):
        values = pd.to_numeric(labels[column]).dropna()
        if not values.between(0, 1).all():
            raise LabelError(
                f"Labels table: {column} spans {values.min()}..{values.max()}; accuracies are "
                "fractions in [0, 1]"
            )
    named = labels["metric"].notna()
    for column in METRIC_COLUMNS[1:3]:
        if (labels[column].notna() & ~named).any():
            raise LabelError(f"Labels table: {column} has values where no metric is named")
    if (named & labels["test_acc"].notna()).any():
        raise LabelError("Labels table: rows that name another metric must not have accuracies")
    ordered = labels.sort_values(KEY)[LABELS.names]
    try:
        return pa.Table.from_pandas(ordered, schema=LABELS, preserve_index=False)
    except (ValueError, TypeError) as error:
        raise LabelError(f"Labels table: {error}") from error


def seed_means(labels: pd.DataFrame) -> pd.DataFrame:
    """Return one row an (architecture, image set): the shipped label, a mean over seeds.

    Adds ``seeds``, the number of rows averaged, and ``diverged``, how many of them diverged; they
    count with the values of guessing. Columns: identity, images, val_acc, test_acc, val_loss,
    test_loss, val_metric, test_metric, train_seconds (the sum over seeds), seeds, diverged.
    """
    keys = ["arch_id", "canonical_id", "space", "spec", "images"]
    grouped = labels.assign(diverged=labels["status"].eq("diverged")).groupby(keys, as_index=False)
    return grouped.agg(
        val_acc=("val_acc", "mean"),
        test_acc=("test_acc", "mean"),
        val_loss=("val_loss", "mean"),
        test_loss=("test_loss", "mean"),
        val_metric=("val_metric", "mean"),
        test_metric=("test_metric", "mean"),
        train_seconds=("train_seconds", "sum"),
        seeds=("seed", "size"),
        diverged=("diverged", "sum"),
    )
