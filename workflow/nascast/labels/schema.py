"""The Labels table: one row an (architecture, image set, seed), trained or from a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    ]
)
"""Accuracies are fractions in [0, 1], losses nats; a curve has one value an epoch; null where the
source does not say."""

KEY = ["arch_id", "images", "seed"]


class LabelError(NascastError):
    """A label table or benchmark file that is not what it should be."""


def label_row(
    arch: Architecture, images: str, seed: int, record: TrainingRecord, source: str
) -> dict[str, Any]:
    """Return one training's row; ``seed`` counts the trainings of one architecture from zero."""
    return {
        **identity(arch),
        "images": images,
        "seed": seed,
        "val_acc": record.val_acc[-1],
        "test_acc": record.test_acc,
        "val_loss": record.val_loss[-1],
        "test_loss": record.test_loss,
        "train_loss_curve": record.train_loss,
        "val_loss_curve": record.val_loss,
        "train_acc_curve": record.train_acc,
        "val_acc_curve": record.val_acc,
        "train_seconds": record.train_seconds,
        "epochs": len(record.val_loss),
        "status": record.status,
        "source": source,
    }


def identity(arch: Architecture) -> dict[str, str]:
    """Return the columns that say which architecture a row is about."""
    return {
        "arch_id": arch.arch_id,
        "canonical_id": arch.canonical_id,
        "space": arch.space,
        "spec": arch.spec,
    }


def to_table(labels: pd.DataFrame) -> pa.Table:
    """Return a Labels frame as an Arrow table of exactly :data:`LABELS`, sorted by its key.

    Raises:
        LabelError: for missing or unknown columns, a repeated key, a value of the wrong type, or an
            accuracy outside [0, 1].
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
    ordered = labels.sort_values(KEY)[LABELS.names]
    try:
        return pa.Table.from_pandas(ordered, schema=LABELS, preserve_index=False)
    except (ValueError, TypeError) as error:
        raise LabelError(f"Labels table: {error}") from error


def seed_means(labels: pd.DataFrame) -> pd.DataFrame:
    """Return one row an (architecture, image set): the shipped label, a mean over seeds.

    Adds ``seeds``, the number of rows averaged, and ``diverged``, how many of them diverged; they
    count with the values of guessing. Columns: identity, images, val_acc, test_acc, val_loss,
    test_loss, train_seconds (the sum over seeds), seeds, diverged.
    """
    keys = ["arch_id", "canonical_id", "space", "spec", "images"]
    grouped = labels.assign(diverged=labels["status"].eq("diverged")).groupby(keys, as_index=False)
    return grouped.agg(
        val_acc=("val_acc", "mean"),
        test_acc=("test_acc", "mean"),
        val_loss=("val_loss", "mean"),
        test_loss=("test_loss", "mean"),
        train_seconds=("train_seconds", "sum"),
        seeds=("seed", "size"),
        diverged=("diverged", "sum"),
    )
