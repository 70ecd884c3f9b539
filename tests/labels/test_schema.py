"""The Labels table: exact columns, checks, means over seeds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from nascast.labels.schema import (
    LABELS,
    METRIC_COLUMNS,
    LabelError,
    complete,
    label_row,
    seed_means,
    to_table,
)
from nascast.labels.trainer import TrainingRecord
from nascast.spaces.nasbench201 import NASBench201

ARCH = NASBench201().parse("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")


def record(test_acc: float = 0.5, status: str = "ok") -> TrainingRecord:
    return TrainingRecord(
        [1.5, 1.0], [1.6, 1.1], [0.2, 0.4], [0.2, 0.3], 1.2, test_acc, 2.5, status
    )


def ssim_record() -> TrainingRecord:
    return TrainingRecord(
        [0.5, 0.4], [0.5, 0.3], [0.1, 0.2], [0.2, 0.6], 0.35, 0.55, 2.5, "ok", "ssim"
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
        ({"test_metric": 0.4}, "test_metric has values where no metric is named"),
        ({"metric": "ssim"}, "name another metric must not have accuracies"),
        ({"epochs": "many"}, "Labels table: "),
        ({"arch_id": None}, "arch_id"),
    ],
)
def test_wrong_tables_are_named(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        to_table(frame(**columns))


def test_another_metric_stands_in_its_own_columns() -> None:
    rows = [
        label_row(ARCH, "scenes10", 0, record(), "own training"),
        label_row(ARCH, "normal", 0, ssim_record(), "own training"),
    ]
    normal, scenes = to_table(pd.DataFrame(rows)).to_pylist()
    assert (normal["metric"], normal["images"]) == ("ssim", "normal")
    assert (normal["val_metric"], normal["test_metric"]) == (0.6, 0.55)
    assert normal["val_metric_curve"] == pytest.approx([0.2, 0.6])
    assert normal["train_metric_curve"] == pytest.approx([0.1, 0.2])
    assert (normal["test_loss"], normal["val_loss"]) == (0.35, 0.3)
    for column in ("val_acc", "test_acc", "train_acc_curve", "val_acc_curve"):
        assert normal[column] is None
    assert all(scenes[column] is None for column in METRIC_COLUMNS)
    assert scenes["test_acc"] == 0.5


def test_rows_from_before_other_metrics_are_completed() -> None:
    old = frame().drop(columns=METRIC_COLUMNS)
    table = to_table(complete(old))
    assert table.equals(to_table(frame()))
    with pytest.raises(LabelError, match=r"missing columns \['metric'\]"):
        complete(frame().drop(columns="metric"))


def test_the_mean_of_another_metric_is_taken_over_seeds() -> None:
    low = replace(ssim_record(), test_metric=0.25, val_metric=[0.2, 0.4])
    rows = [label_row(ARCH, "normal", k, r, "") for k, r in enumerate((ssim_record(), low))]
    row = seed_means(pd.DataFrame(rows)).iloc[0]
    assert row["test_metric"] == pytest.approx(0.4)
    assert row["val_metric"] == pytest.approx(0.5)
    assert math.isnan(row["test_acc"])


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
