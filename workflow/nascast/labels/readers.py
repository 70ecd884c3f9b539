"""Readers of public NAS-Bench-201 tables: from a table as published to the Labels frame.

They take values (frames), never paths, and check all they rely on: columns, row counts, ranges,
and that every cell of the space occurs once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nascast.labels.schema import LABELS, MEAN_OF_SEEDS, LabelError, identity
from nascast.spaces.base import Architecture
from nascast.spaces.nasbench201 import NASBench201

NATS_BENCH_COLUMNS = {
    "cifar10": "CIFAR10TestAccuracy200Epochs",
    "cifar100": "CIFAR100TestAccuracy200Epochs",
    "imagenet16-120": "ImageNetTestAccuracy200Epochs",
}
MINI_BENCH_COLUMNS = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "imagenet"}
_CURVE_EPOCHS = 200


def read_nats_bench(table: pd.DataFrame) -> pd.DataFrame:
    """Read ``nats_bench.csv``: test accuracy after 200 epochs, mean over seeds, three image sets.

    Args:
        table: the file as ``pandas.read_csv`` gives it: columns :data:`NATS_BENCH_COLUMNS` in
            percent and ``ArchitectureString``, 15,625 rows.

    Returns:
        Labels frame, 46,875 rows, seed -1, validation values and curves null.

    Raises:
        LabelError: naming the file and what is wrong with it.
    """
    file = "nats_bench.csv"
    _require_columns(file, table, ["ArchitectureString", *NATS_BENCH_COLUMNS.values()])
    archs = _parse_cells(file, table["ArchitectureString"], complete=True)
    frames = [
        benchmark_rows(
            _rows(archs),
            images,
            None,
            _fractions(file, table[column]),
            epochs=200,
            source=file,
        )
        for images, column in NATS_BENCH_COLUMNS.items()
    ]
    return pd.concat(frames, ignore_index=True)


def read_mini_bench(table: pd.DataFrame) -> pd.DataFrame:
    """Read ``mini-bench-arch-cell-accs.pd``: validation and test accuracy after 12 epochs.

    Beware: this is NAS-Bench-201's 12-epoch budget, not its final accuracy; the two agree with
    Kendall's tau 0.70 on CIFAR-10. A task must not take one for the other, so ``epochs`` is 12.

    Args:
        table: the unpickled frame: ``cellstr`` and, for the image sets cifar10, cifar100 and
            imagenet, the columns ``<set>-val`` and ``<set>-test`` in percent, 15,625 rows.

    Returns:
        Labels frame, 46,875 rows, seed -1, curves null.

    Raises:
        LabelError: naming the file and what is wrong with it.
    """
    file = "mini-bench-arch-cell-accs.pd"
    parts = [f"{name}-{part}" for name in MINI_BENCH_COLUMNS.values() for part in ("val", "test")]
    _require_columns(file, table, ["cellstr", *parts])
    archs = _parse_cells(file, table["cellstr"], complete=True)
    frames = [
        benchmark_rows(
            _rows(archs),
            images,
            _fractions(file, table[f"{name}-val"]),
            _fractions(file, table[f"{name}-test"]),
            epochs=12,
            source=file,
        )
        for images, name in MINI_BENCH_COLUMNS.items()
    ]
    return pd.concat(frames, ignore_index=True)


def read_nasbench201_curves(table: pd.DataFrame) -> pd.DataFrame:
    """Read ``nasbench201_curves_200.csv``: accuracy curves of 200 cells over 200 epochs, CIFAR-10.

    Args:
        table: the file as ``pandas.read_csv`` gives it: ``arch_str`` and the JSON lists
            ``train_accs`` and ``val_accs``, in percent, means over seeds.

    Returns:
        Labels frame, one row a cell, seed -1; ``val_acc`` is the last value of its curve, test
        values and losses null.

    Raises:
        LabelError: naming the file and what is wrong with it.
    """
    file = "nasbench201_curves_200.csv"
    _require_columns(file, table, ["arch_str", "train_accs", "val_accs"])
    archs = _parse_cells(file, table["arch_str"], complete=False)
    train, val = (
        pd.Series(
            [_curve(file, arch, text) for arch, text in zip(archs, table[column], strict=True)]
        )
        for column in ("train_accs", "val_accs")
    )
    final = val.str[-1].to_numpy(np.float64)
    rows = benchmark_rows(_rows(archs), "cifar10", final, None, epochs=_CURVE_EPOCHS, source=file)
    return rows.assign(train_acc_curve=train, val_acc_curve=val)


def _require_columns(file: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise LabelError(
            f"{file}: columns {missing} are missing; it has {list(table.columns)}. Fetch the file "
            "from its pinned address again"
        )


def _parse_cells(file: str, specs: pd.Series[str], complete: bool) -> list[Architecture]:
    space = NASBench201()
    archs = []
    for row, spec in enumerate(specs):
        try:
            archs.append(space.parse(str(spec).strip()))
        except ValueError as error:
            raise LabelError(f"{file}, row {row}: {error}") from error
    distinct = len({arch.spec for arch in archs})
    if distinct != len(archs):
        raise LabelError(f"{file}: {len(archs) - distinct} of {len(archs)} rows repeat a cell")
    if complete and distinct != space.size:
        raise LabelError(
            f"{file}: {distinct} cells, expected all {space.size}; the file is truncated or "
            "another one"
        )
    return archs


def _fractions(file: str, percentages: pd.Series[Any]) -> np.ndarray:
    values = pd.to_numeric(percentages, errors="coerce").to_numpy(np.float64)
    if not ((values >= 0) & (values <= 100)).all():
        row = int(np.flatnonzero(~((values >= 0) & (values <= 100)))[0])
        raise LabelError(
            f"{file}, row {row}, column {percentages.name!r}: {percentages.iloc[row]} is not a "
            "percentage between 0 and 100"
        )
    if values.max() <= 1:
        raise LabelError(
            f"{file}, column {percentages.name!r}: no value exceeds 1, so these are fractions and "
            "not the percentages that this file holds"
        )
    return values / 100


def _curve(file: str, arch: Architecture, text: str) -> list[float]:
    try:
        curve = np.asarray(json.loads(text), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise LabelError(f"{file}, cell {arch.spec}: curve is no JSON list ({error})") from error
    if curve.shape != (_CURVE_EPOCHS,) or not ((curve >= 0) & (curve <= 100)).all():
        raise LabelError(
            f"{file}, cell {arch.spec}: a curve needs {_CURVE_EPOCHS} percentages, got "
            f"{curve.size} values"
        )
    return [float(value) for value in curve / 100]


def _rows(archs: Sequence[Architecture]) -> pd.DataFrame:
    rows: list[Mapping[str, str]] = [identity(arch) for arch in archs]
    return pd.DataFrame(rows)


def benchmark_rows(
    identities: pd.DataFrame,
    images: str,
    val_acc: np.ndarray | None,
    test_acc: np.ndarray | None,
    epochs: int,
    source: str,
) -> pd.DataFrame:
    """Return a Labels frame of a source that gives means over seeds and no curves.

    Args:
        identities: the columns of :func:`nascast.labels.schema.identity`, one row a network.
        images: image set of the labels.
        val_acc: fractions, ``(n,)``, or None where the source has none.
        test_acc: likewise.
        epochs: of the source's trainings.
        source: name of the published file.
    """
    frame = identities.assign(
        images=images,
        seed=MEAN_OF_SEEDS,
        val_acc=np.nan if val_acc is None else val_acc,
        test_acc=np.nan if test_acc is None else test_acc,
        epochs=epochs,
        status="ok",
        source=source,
    )
    for name in LABELS.names:
        if name not in frame.columns:
            frame[name] = None
    typed: pd.DataFrame = frame[LABELS.names].astype(
        {
            "seed": "int64",
            "epochs": "int32",
            "val_loss": "float64",
            "test_loss": "float64",
            "train_seconds": "float64",
            "val_metric": "float64",
            "test_metric": "float64",
        }
    )
    return typed
