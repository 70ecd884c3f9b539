"""NATS-Bench's archive in exactly the published form, as a folder and as a tar."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.labels.official.nats_files import (
    SPECS,
    accuracy,
    archive_files,
    cell_file,
    packed,
    write_folder,
    write_tar,
)

from nascast.io.members import decompress_bz2, read_members
from nascast.io.streamed_pickle import stream_pickle
from nascast.labels.official import nats
from nascast.labels.schema import LabelError, to_table
from nascast.spaces.nasbench201 import NASBench201

NAME = "NATS-tss-v1_0-3ffb9-simple"


def members(path: Path) -> Iterator[tuple[str, Any]]:
    for name, data in read_members(path, nats.is_member):
        yield name, stream_pickle(io.BytesIO(decompress_bz2(name, data)), name)


def read(path: Path, epochs: int = 200, **options: Any) -> pd.DataFrame:
    frames = nats.read_nats(members(path), path.name, epochs, complete=False, **options)
    return pd.concat(list(frames), ignore_index=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / NAME, archive_files())


def test_means_over_the_seeds(folder: Path) -> None:
    labels = read(folder)
    assert to_table(labels).num_rows == 3 * 4
    assert list(labels["spec"].unique()) == list(SPECS)
    assert set(labels["seed"]) == {-1}
    first = labels[(labels["spec"] == SPECS[1]) & (labels["images"] == "cifar10")].iloc[0]
    tests = [accuracy(1, "cifar10", "ori-test", seed, 3) for seed in (777, 888)]
    assert first["test_acc"] == pytest.approx(np.mean(tests) / 100, abs=1e-12)
    assert np.isnan(first["val_acc"])
    assert first["canonical_id"] == NASBench201().parse(SPECS[1]).canonical_id
    assert set(labels["source"]) == {NAME}


def test_each_training_under_its_seed(folder: Path) -> None:
    labels = read(folder, runs=True)
    assert to_table(labels).num_rows == 3 * 7
    seeds = labels.groupby("images")["seed"].agg(lambda found: sorted(set(found)))
    assert seeds.to_dict() == {
        "cifar10": [777, 888],
        "cifar10-valid": [777, 888],
        "cifar100": [777],
        "imagenet16-120": [777, 888],
    }


def test_the_short_schedule_is_another_table(folder: Path) -> None:
    labels = read(folder, epochs=12)
    assert set(labels["epochs"]) == {2}
    assert {len(curve) for curve in labels["train_acc_curve"]} == {2}


def test_a_tar_holds_the_same(tmp_path: Path, folder: Path) -> None:
    tar = write_tar(tmp_path / "a.tar", archive_files(), NAME)
    pd.testing.assert_frame_equal(
        read(tar).drop(columns="source"), read(folder).drop(columns="source")
    )


def test_frames_are_cut_by_cells(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats, "_CELLS_A_FRAME", 2)
    frames = list(nats.read_nats(members(folder), NAME, complete=False))
    assert [len(frame) for frame in frames] == [8, 4]


def test_members_are_chosen_by_name() -> None:
    assert nats.is_member("NATS-tss-v1_0-3ffb9-simple/000011.pickle.pbz2")
    assert nats.is_member("284.pickle.pbz2")
    assert not nats.is_member("meta.pickle.pbz2")
    assert not nats.is_member("000011.pickle")


def test_missing_and_repeated_cells_are_named(folder: Path) -> None:
    with pytest.raises(LabelError, match=f"{NAME}: 3 cells, expected all 15625; it is truncated"):
        list(nats.read_nats(members(folder), NAME))
    (folder / "000009.pickle.pbz2").write_bytes(packed(cell_file(1)))
    with pytest.raises(LabelError, match=r"000009\.pickle\.pbz2: the cell .* in another file"):
        read(folder)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([1, 2], "holds a list, expected a dictionary"),
        (
            {"01": {}, "12": {}, "90": {}},
            "no schedule of 200 epochs, it has 01, 12, 90; this is",
        ),
        ({"200": {"arch_str": 7}}, "has no string of its cell"),
        ({"200": {"arch_str": "64:64"}}, "NAS-Bench-201 spec '64:64' has 1 nodes"),
        ({"200": {"arch_str": SPECS[0]}}, "has no trainings"),
        ({"200": {"arch_str": SPECS[0], "all_results": {"a": 1}}}, "names no data set and seed"),
        (
            {"200": {"arch_str": SPECS[1], "all_results": {("cifar10", 777): None}}},
            "cifar10, seed 777: is no training",
        ),
    ],
)
def test_files_of_another_kind_are_named(folder: Path, content: Any, fault: str) -> None:
    (folder / "000001.pickle.pbz2").write_bytes(packed(content))
    with pytest.raises(LabelError, match=rf"{NAME}, 000001\.pickle\.pbz2.*{fault}"):
        read(folder)
