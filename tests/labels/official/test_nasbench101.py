"""Tfrecords in exactly the published form; also the whole public table, through such a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.labels.official.nasbench101_files import (
    bulk_framed,
    evaluation,
    framed,
    matrix_and_operations,
    metrics,
    payload,
    training,
)

from nascast.io.tfrecord import read_records as read_file
from nascast.io.unpickle import load_pickle
from nascast.labels.nasbench101 import read_nasbench101
from nascast.labels.official import nasbench101 as official
from nascast.labels.readers import benchmark_rows
from nascast.labels.schema import LABELS, LabelError, identity, to_table
from nascast.spaces.nasbench101 import NASBench101, write
from nascast.spaces.nasbench101_cells import graph_hash
from nascast.spaces.nasbench101_counts import count_cells
from nascast.spaces.nasbench101_enumeration import CELLS, enumerate_cells, listed

SPACE = NASBench101()
FILE = "nasbench_only108.tfrecord"
SPECS = [
    "maxpool3x3|10.1",
    "conv3x3-bn-relu,conv1x1-bn-relu|110.01.1",
    "conv3x3-bn-relu,maxpool3x3,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu"
    "|110001.01001.1000.100.10.1",
    "|1",
]
ARCHS = [SPACE.parse(spec) for spec in SPECS]
ACCURACIES = [(0.5, 0.625, 0.75), (0.9375, 0.9375, 0.9375), (0.1, 0.2, 0.4), (0.0, 1.0, 0.5)]


def cells() -> pd.DataFrame:
    sizes = [
        SPACE.plan(arch, SPACE.published, SPACE.published_image_size, 10).params() for arch in ARCHS
    ]
    return pd.DataFrame(
        {
            "canonical_id": [arch.canonical_id for arch in ARCHS],
            "spec": [arch.spec for arch in ARCHS],
            "params": sizes,
        }
    )


def records(epochs: int = 108) -> list[bytes]:
    """All trainings, run by run, so that the runs of a cell do not stand together."""
    params = cells()["params"].tolist()
    return [
        training(
            arch.canonical_id,
            spec,
            epochs,
            params[i],
            seconds=100.0 * (run + 1),
            val_acc=ACCURACIES[i][run] / 2,
            test_acc=ACCURACIES[i][run],
        )
        for run in range(3)
        for i, (arch, spec) in enumerate(zip(ARCHS, SPECS, strict=True))
    ]


def read(payloads: list[bytes], **options: object) -> pd.DataFrame:
    options = {"cells": cells(), "complete": False, **options}
    frames = list(official.read_records(payloads, FILE, **options))  # type: ignore[arg-type]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize("known", [True, False])
def test_means_over_the_runs(tmp_path: Path, known: bool) -> None:
    path = tmp_path / FILE
    path.write_bytes(framed(records()))
    labels = read(list(read_file(path)), cells=cells() if known else None)
    assert to_table(labels).num_rows == len(ARCHS)
    assert list(labels["arch_id"]) == sorted(arch.arch_id for arch in ARCHS)
    by_spec = labels.set_index("spec")
    for arch, accuracies in zip(ARCHS, ACCURACIES, strict=True):
        row = by_spec.loc[arch.spec]
        assert row["test_acc"] == pytest.approx(np.mean(accuracies), abs=1e-15)
        assert row["val_acc"] == pytest.approx(np.mean(accuracies) / 2, abs=1e-15)
        assert (row["seed"], row["epochs"], row["train_seconds"]) == (-1, 108, 200.0)
        assert row["canonical_id"] == arch.canonical_id
    assert set(labels["source"]) == {FILE}


def test_runs_in_the_order_of_the_file() -> None:
    labels = read(records(), runs=True)
    assert to_table(labels).num_rows == 3 * len(ARCHS)
    for arch, accuracies in zip(ARCHS, ACCURACIES, strict=True):
        rows = labels[labels["arch_id"] == arch.arch_id].sort_values("seed")
        assert list(rows["seed"]) == [0, 1, 2]
        assert tuple(rows["test_acc"]) == accuracies
        assert list(rows["train_seconds"]) == [100.0, 200.0, 300.0]


def test_one_budget_of_the_full_file() -> None:
    everything = [record for epochs in (4, 108, 12, 36) for record in records(epochs)]
    labels = read(everything, epochs=12)
    assert set(labels["epochs"]) == {12}
    assert len(labels) == len(ARCHS)
    with pytest.raises(LabelError, match=r"no training with 7 epochs; it has 4, 12, 36, 108"):
        read(everything, epochs=7)
    with pytest.raises(LabelError, match="it has none: it is empty"):
        read([])


def test_frames_are_cut_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(records())
    monkeypatch.setattr(official, "_ROWS", 3)
    parts = list(official.read_records(records(), FILE, cells(), complete=False))
    assert [len(part) for part in parts] == [3, 1]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)


def test_what_a_record_may_leave_out_is_null() -> None:
    bare = [training(ARCHS[0].canonical_id, SPECS[0], test_acc=0.5)] * 3
    labels = read(bare)
    assert labels["val_acc"].isna().all()
    assert labels["train_seconds"].isna().all()
    assert list(labels["test_acc"]) == [0.5]


def test_an_isomorphic_copy_is_the_same_cell() -> None:
    """Two parallel branches, in the other order than that of the benchmark's representative."""
    kept, copy = "conv3x3-bn-relu,maxpool3x3|110.01.1", "maxpool3x3,conv3x3-bn-relu|110.01.1"
    arch = SPACE.parse(copy)
    assert arch.spec == kept
    known = pd.DataFrame({"canonical_id": [arch.canonical_id], "spec": [kept], "params": [1]})
    labels = read([training(arch.canonical_id, copy, 108, 1, test_acc=0.25)] * 3, cells=known)
    assert list(labels["spec"]) == [kept]


def good(**changes: object) -> bytes:
    digits, names = matrix_and_operations(SPECS[0])
    fields = {
        "graph_hash": ARCHS[0].canonical_id,
        "epochs": 108,
        "matrix": digits,
        "operations": names,
        "message": metrics([evaluation(test_acc=0.5)] * 3, cells()["params"][0]),
    }
    return payload(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (b"\xff\xfe", ": is no JSON"),
        (b"[" * 100_000, ": is no JSON"),
        (b'{"a": 1}', "needs a list of graph hash, epochs"),
        (b'["a", 108, "0", "input"]', "needs a list of graph hash, epochs"),
        (good(epochs="108"), "needs a list of graph hash, epochs"),
        (good(matrix="01" * 4), "the matrix of 3 vertices reads '01010101'"),
        (good(matrix="012" * 3), "the matrix of 3 vertices reads '012012012'"),
        (good(matrix="010000010"), "an edge to an earlier vertex"),
        (good(operations="input,conv7x7,output"), "unknown operation 'conv7x7'"),
        (good(operations="maxpool3x3,output"), "must begin with input"),
        (good(message="%%%"), "its metrics cannot be read"),
        (good(message="AAA="), "its metrics cannot be read"),
        (good(message=metrics([evaluation(test_acc=0.5)] * 2)), "2 evaluations, expected 3"),
        (good(message=metrics([evaluation(test_acc=93.1)] * 3)), "test_acc is 93.1, expected a fr"),
        (good(message=metrics([evaluation(test_acc=np.nan)] * 3)), "test_acc is nan"),
        (good(message=metrics([evaluation(test_acc=0.5)] * 3, 7)), "7 trainable parameters, the"),
        (good(graph_hash="0" * 32), "no cell has the graph hash 000000"),
        (good(graph_hash=ARCHS[1].canonical_id), "its matrix and operations are those of maxpool"),
    ],
)
def test_wrong_records_are_named(record: bytes, fault: str) -> None:
    with pytest.raises(LabelError, match=rf"{FILE}, record 0.*{fault}"):
        read([record] * 3)


def test_a_computed_hash_must_be_the_stated_one() -> None:
    with pytest.raises(LabelError, match=r"record 0: its graph hash is 0000.*, that of its matrix"):
        read([good(graph_hash="0" * 32)], cells=None)


def test_missing_trainings_are_counted() -> None:
    with pytest.raises(LabelError, match=r"1 cells have not been trained 3 times.*: 2\."):
        read(records()[:-1])
    with pytest.raises(LabelError, match=r"4 cells, expected all 423624; the file is truncated"):
        read(records(), complete=True)


def test_every_column_of_the_labels(tmp_path: Path) -> None:
    assert list(read(records()).columns) == LABELS.names


def runs_of(mean: float) -> tuple[float, float, float]:
    """Three accuracies around a mean that can be added and taken apart without rounding."""
    step = 2.0**-10
    exact = (mean - step) + step == mean and (mean + step) - step == mean
    return (mean - step, mean, mean + step) if exact else (mean, mean, mean)


def trainings(hashes: list[str], specs: list[str], means: np.ndarray) -> Iterator[bytes]:
    for graph, spec, mean in zip(hashes, specs, means.tolist(), strict=True):
        for accuracy in runs_of(mean):
            yield training(graph, spec, test_acc=accuracy)


def assert_same_rows(found: pd.DataFrame, compact: pd.DataFrame) -> None:
    """Equal in all columns, bit by bit; only the source names another file."""
    assert set(found["source"]) == {FILE}
    left, right = to_table(found.assign(source="")), to_table(compact.assign(source=""))
    assert left.equals(right)


def test_a_sample_of_the_real_table_through_a_tfrecord(mirror: Path, tmp_path: Path) -> None:
    """The cells that alone have their parameters, which finds their rows without an order."""
    found = enumerate_cells()
    params, _ = count_cells(found, SPACE.published, SPACE.published_image_size)
    table = pd.DataFrame({"cell": listed(found), "params": params})
    alone = table.drop_duplicates("params", keep=False)
    published = load_pickle(mirror / "nasbench101_params.pkl.gz")["params"].to_numpy()
    rows = pd.Series(np.arange(CELLS), index=np.round(published * 1e6).astype(np.int64))
    accuracies = load_pickle(mirror / "nasbench101_accuracies.pkl.gz")["accuracy"].to_numpy()
    means = accuracies[rows.loc[alone["params"]].to_numpy()].astype(np.float64)
    archs = [SPACE.from_cell(cell) for cell in alone["cell"]]
    specs, hashes = [arch.spec for arch in archs], [arch.canonical_id for arch in archs]

    path = tmp_path / FILE
    path.write_bytes(framed(trainings(hashes, specs, means)))
    labels = read(list(read_file(path)), cells=None)
    identities = pd.DataFrame([identity(arch) for arch in archs])
    assert len(labels) == 210
    assert_same_rows(labels, benchmark_rows(identities, "cifar10", None, means, 108, ""))


@pytest.mark.reliability
def test_the_whole_real_table_through_a_tfrecord(mirror: Path, tmp_path: Path) -> None:
    """All 423,624 cells and 1,270,872 records: the labels are those of the compact table."""
    found = enumerate_cells()
    params, _ = count_cells(found, SPACE.published, SPACE.published_image_size)
    every = listed(found)
    known = pd.DataFrame(
        {
            "canonical_id": [graph_hash(cell) for cell in every],
            "spec": [write(cell) for cell in every],
            "params": params,
        }
    ).sort_values("canonical_id", ignore_index=True)
    tables = [load_pickle(mirror / f"nasbench101_{k}.pkl.gz") for k in ("accuracies", "params")]
    compact = read_nasbench101(*tables, known)

    path = tmp_path / FILE
    means = tables[0]["accuracy"].to_numpy(np.float64)
    with path.open("wb") as file:
        payloads = trainings(known["canonical_id"].tolist(), known["spec"].tolist(), means)
        for part in bulk_framed(payloads):
            file.write(part)
    frames = list(official.read_records(read_file(path), FILE, known))
    assert_same_rows(pd.concat(frames, ignore_index=True), compact)
