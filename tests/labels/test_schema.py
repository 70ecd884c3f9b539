"""The Labels table: exact columns, checks, means over seeds."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from nascast.labels.schema import LABELS, LabelError, label_row, seed_means, to_table
from nascast.labels.trainer import TrainingRecord
from nascast.spaces.nasbench201 import NASBench201

ARCH = NASBench201().parse("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")


def record(test_acc: float = 0.5, status: str = "ok") -> TrainingRecord:
    return TrainingRecord(
        [1.5, 1.0], [1.6, 1.1], [0.2, 0.4], [0.2, 0.3], 1.2, test_acc, 2.5, status
    )


def frame(**columns: Any) -> pd.DataFrame:
    rows = [
        label_row(ARCH, "scenes10", seed, record(acc, status), "own training")
        for seed, acc, status in [(1, 0.6, "ok"), (0, 0.5, "ok"), (2, 0.1, "diverged")]
    ]
    return pd.DataFrame(rows).assign(**columns)


def test_rows_make_a_table_of_exactly_the_schema_in_key_order() -> None:
    table = to_table(frame())
    assert table.schema.equals(LABELS)
    assert table["seed"].to_pylist() == [0, 1, 2]
    first = table.slice(0, 1).to_pylist()[0]
    assert first["arch_id"] == ARCH.arch_id
    assert first["val_acc"] == pytest.approx(0.3)
    assert first["val_loss"] == pytest.approx(1.1)
    assert first["epochs"] == 2
    assert first["train_loss_curve"] == pytest.approx([1.5, 1.0])


def test_missing_values_and_curves_become_nulls() -> None:
    table = to_table(frame(val_acc=math.nan, val_acc_curve=None, train_seconds=math.nan))
    assert table["val_acc"].null_count == 3
    assert table["val_acc_curve"].null_count == 3
    assert table["train_seconds"].null_count == 3


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"note": "x"}, r"unknown columns \['note'\]"),
        ({"seed": 0}, r"2 repeated rows, the first for nasbench201-\w+ on scenes10 with seed 0"),
        ({"test_acc": 64.0}, "test_acc spans 64.0..64.0; accuracies are fractions"),
        ({"val_acc": -0.1}, "val_acc spans"),
        ({"epochs": "many"}, "Labels table: "),
        ({"arch_id": None}, "arch_id"),
    ],
)
def test_wrong_tables_are_named(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        to_table(frame(**columns))


def test_missing_columns_are_named() -> None:
    with pytest.raises(LabelError, match=r"missing columns \['status'\]"):
        to_table(frame().drop(columns="status"))


def test_shipped_label_is_the_mean_with_its_counts() -> None:
    means = seed_means(frame())
    assert len(means) == 1
    row = means.iloc[0]
    assert row["test_acc"] == pytest.approx(0.4)
    assert row["seeds"] == 3
    assert row["diverged"] == 1
    assert row["train_seconds"] == pytest.approx(7.5)
    assert row["spec"] == ARCH.spec
