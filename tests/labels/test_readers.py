"""Benchmark readers: on frames of the published form, written here, and on the real files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nascast.io.unpickle import load_pickle
from nascast.labels.readers import (
    MINI_BENCH_COLUMNS,
    NATS_BENCH_COLUMNS,
    read_mini_bench,
    read_nasbench201_curves,
    read_nats_bench,
)
from nascast.labels.schema import LabelError, to_table
from nascast.spaces.nasbench201 import NASBench201

MIRROR = os.environ.get("NASCAST_MIRROR", "")
SPECS = [arch.spec for arch in NASBench201().enumerate()]


def real_file(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not (MIRROR and Path(MIRROR, name).is_file()),
        reason=f"NASCAST_MIRROR is unset or holds no {name}",
    )


def nats_frame() -> pd.DataFrame:
    values = np.linspace(10, 94, len(SPECS))
    columns = {column: values - k for k, column in enumerate(NATS_BENCH_COLUMNS.values())}
    return pd.DataFrame({**columns, "ArchitectureString": SPECS, "UniqueString": ""})


def mini_frame() -> pd.DataFrame:
    values = np.linspace(1, 89, len(SPECS))
    columns = {
        f"{name}-{part}": values + k
        for name in MINI_BENCH_COLUMNS.values()
        for k, part in enumerate(("val", "test"))
    }
    return pd.DataFrame({"arch": range(len(SPECS)), "cellstr": SPECS, **columns})


def curve_frame() -> pd.DataFrame:
    rising = json.dumps(list(np.linspace(10, 90, 200)))
    return pd.DataFrame({"arch_str": SPECS[:5], "train_accs": rising, "val_accs": rising})


def test_nats_bench_rows() -> None:
    labels = read_nats_bench(nats_frame())
    assert len(labels) == 3 * 15_625
    assert set(labels["images"]) == {"cifar10", "cifar100", "imagenet16-120"}
    assert (labels["seed"] == -1).all()
    assert (labels["epochs"] == 200).all()
    assert labels["val_acc"].isna().all()
    row = labels[(labels["spec"] == SPECS[-1]) & (labels["images"] == "cifar100")].iloc[0]
    assert row["test_acc"] == pytest.approx(0.93)
    assert row["canonical_id"] == NASBench201().parse(SPECS[-1]).canonical_id
    assert to_table(labels).num_rows == len(labels)


def test_mini_bench_rows_say_twelve_epochs() -> None:
    labels = read_mini_bench(mini_frame())
    assert (labels["epochs"] == 12).all()
    row = labels[(labels["spec"] == SPECS[0]) & (labels["images"] == "imagenet16-120")].iloc[0]
    assert row["val_acc"] == pytest.approx(0.01)
    assert row["test_acc"] == pytest.approx(0.02)
    assert to_table(labels).num_rows == 3 * 15_625


def test_curves_rows() -> None:
    labels = read_nasbench201_curves(curve_frame())
    assert len(labels) == 5
    assert (labels["epochs"] == 200).all()
    assert labels["val_acc"].tolist() == pytest.approx([0.9] * 5)
    assert labels["test_acc"].isna().all()
    assert labels["train_acc_curve"].iloc[3][0] == pytest.approx(0.1)
    assert to_table(labels)["val_acc_curve"].null_count == 0


def test_wrong_columns_rows_and_values_are_named() -> None:
    nats = nats_frame()
    column = NATS_BENCH_COLUMNS["cifar10"]
    with pytest.raises(LabelError, match=r"nats_bench.csv: columns \['CIFAR10Test.*missing"):
        read_nats_bench(nats.drop(columns=column))
    with pytest.raises(LabelError, match="15624 cells, expected all 15625"):
        read_nats_bench(nats.iloc[:-1])
    with pytest.raises(LabelError, match="1 of 15625 rows repeat a cell"):
        read_nats_bench(pd.concat([nats.iloc[:-1], nats.iloc[:1]]))
    with pytest.raises(LabelError, match=r"row 7, column 'CIFAR10.*': 101\.0 is not a percentage"):
        read_nats_bench(nats.assign(**{column: nats[column].where(nats.index != 7, 101.0)}))
    with pytest.raises(LabelError, match=r"row 2, column .* nan is not a percentage"):
        read_nats_bench(nats.assign(**{column: nats[column].where(nats.index != 2)}))
    with pytest.raises(LabelError, match="these are fractions"):
        read_nats_bench(nats.assign(**{column: nats[column] / 100}))
    broken = nats.assign(ArchitectureString=["|conv~0|", *SPECS[1:]])
    with pytest.raises(LabelError, match=r"nats_bench\.csv, row 0: NAS-Bench-201 spec"):
        read_nats_bench(broken)
    with pytest.raises(LabelError, match=r"columns \['imagenet-test'\] are missing"):
        read_mini_bench(mini_frame().drop(columns="imagenet-test"))


def test_broken_curves_are_named() -> None:
    curves = curve_frame()
    with pytest.raises(LabelError, match="curve is no JSON list"):
        read_nasbench201_curves(curves.assign(val_accs="[1, 2"))
    with pytest.raises(LabelError, match="needs 200 percentages, got 2 values"):
        read_nasbench201_curves(curves.assign(train_accs="[1, 2]"))


@real_file("nats_bench.csv")
def test_real_nats_bench() -> None:
    labels = read_nats_bench(pd.read_csv(Path(MIRROR, "nats_bench.csv")))
    best = labels.loc[labels[labels["images"] == "cifar10"]["test_acc"].idxmax()]
    assert best["test_acc"] == pytest.approx(0.9437, abs=1e-4)


@real_file("nasbench201_curves_200.csv")
def test_real_curves_belong_to_their_cells() -> None:
    """Joined by spec, the last validation accuracy ranks cells as the 200-epoch table does."""
    curves = read_nasbench201_curves(pd.read_csv(Path(MIRROR, "nasbench201_curves_200.csv")))
    finals = read_nats_bench(pd.read_csv(Path(MIRROR, "nats_bench.csv")))
    joined = curves.merge(finals[finals["images"] == "cifar10"], on="arch_id")
    assert len(joined) == 200
    assert joined["val_acc_x"].corr(joined["test_acc_y"], method="kendall") > 0.85


@real_file("mini-bench-arch-cell-accs.pd")
def test_real_mini_bench_is_the_early_budget() -> None:
    early = read_mini_bench(load_pickle(Path(MIRROR, "mini-bench-arch-cell-accs.pd")))
    best = early.groupby("images")["test_acc"].max()
    assert best["cifar10"] == pytest.approx(0.8916, abs=1e-6)
    assert best["imagenet16-120"] < 0.4
