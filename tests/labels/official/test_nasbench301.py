"""Training logs in exactly the published form, in a zip as published and in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.labels.official.nasbench301_files import PREFIX, SPEC, archive, config, log

from nascast.io.members import read_members
from nascast.labels.official import nasbench301
from nascast.labels.official.nasbench301 import Schedule, is_member, read_nasbench301
from nascast.labels.schema import LabelError, to_table
from nascast.spaces.darts import DARTS

OTHER = config() | {f"{PREFIX}edge_normal_0": "sep_conv_5x5"}
LOGS = {
    "rs/results_1.json": log(),
    "rs/results_2_ti.json": log(val=90.0, optimized_hyperparamater_config=OTHER),
    "darts/results_7.json": log(val=94.0),
    "readme.txt": "no log",
}


def read(path: Path, **options: Any) -> pd.DataFrame:
    frames = read_nasbench301(read_members(path, is_member), path.name, **options)
    return pd.concat(list(frames), ignore_index=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return archive(tmp_path / "logs.zip", LOGS)


def test_networks_finals_and_curves(path: Path) -> None:
    labels = read(path)
    assert to_table(labels).num_rows == 3
    arch = DARTS().parse(SPEC)
    rows = labels[labels["arch_id"] == arch.arch_id]
    assert list(rows["seed"]) == [0, 1]
    assert list(rows["val_acc"]) == pytest.approx([0.94, 0.945])  # darts/ before rs/
    row = rows.iloc[1]
    assert (row["spec"], row["canonical_id"]) == (arch.spec, arch.canonical_id)
    assert (row["test_acc"], row["val_loss"], row["epochs"]) == (0.9375, 0.25, 100)
    assert row["train_seconds"] == 5400.5
    assert row["train_loss_curve"][:3] == pytest.approx([2.0, 1.99, 1.98])
    assert row["train_acc_curve"][-1] == pytest.approx(0.7475)
    assert row["val_acc_curve"][[0, 99]] == pytest.approx([0.4, 0.895])
    assert row["val_loss_curve"][0] == 1.5
    assert len(set(labels["arch_id"])) == 2


def test_a_folder_holds_the_same(path: Path, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path) as zipped:
        zipped.extractall(tmp_path / "folder")
    pd.testing.assert_frame_equal(
        read(tmp_path / "folder").drop(columns="source"), read(path).drop(columns="source")
    )


def test_other_schedules_are_other_tables(tmp_path: Path) -> None:
    wide = config() | {f"{PREFIX}init_channels": 36, f"{PREFIX}layers": 20}
    logs = LOGS | {"gt/results_0.json": log(val=97.0, optimized_hyperparamater_config=wide)}
    path = archive(tmp_path / "logs.zip", logs)
    assert len(read(path)) == 3
    assert list(read(path, schedule=Schedule(100, 36, 20))["val_acc"]) == [0.97]
    with pytest.raises(LabelError, match=r"logs\.zip has no training log of 50 epochs with 32"):
        read(path, schedule=Schedule(epochs=50))


def test_frames_are_cut_without_a_seam(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(path)
    monkeypatch.setattr(nasbench301, "_ROWS", 2)
    pd.testing.assert_frame_equal(read(path), whole)


def test_a_curve_of_another_length_is_null(tmp_path: Path) -> None:
    short = log()
    short["learning_curves"]["Train/val_accuracy"].pop()
    del short["learning_curves"]["Train/train_loss"]
    row = read(archive(tmp_path / "a.zip", {"rs/results_0.json": short})).iloc[0]
    assert row["val_acc_curve"] is None
    assert row["train_loss_curve"] is None
    assert len(row["train_acc_curve"]) == 100


def test_members_are_chosen_by_name() -> None:
    assert is_member("nb_301_v13_lc_iclr_final/rs/results_12_ti.json")
    assert not is_member("rs/results.json")
    assert not is_member("rs/final_output.json")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "is no whole JSON file"),
        ("[" * 100_000, "is no whole JSON file"),
        ("[1]", "is no training log"),
        ({"config": {}}, r"has no optimized_hyperparamater_config; it is no training log of NAS"),
        (log(optimized_hyperparamater_config={}), "T_max is 'None', expected an integer"),
        (log(info=[]), "has no info"),
        (log(info=[{}]), "val_accuracy: 'None' is no percentage"),
        (log(test_accuracy=936.0), r"test_accuracy: 936\.0 is not a percentage"),
        (log(learning_curves=[1]), "learning_curves is no object"),
        (
            log(learning_curves={"Train/val_accuracy": ["x"] * 100}),
            "Train/val_accuracy: a curve holds something else",
        ),
        (
            log(optimized_hyperparamater_config=config() | {f"{PREFIX}edge_normal_3": "skip"}),
            "node 3 of the normal cell has 3 edges, expected 2",
        ),
        (
            log(optimized_hyperparamater_config=config() | {f"{PREFIX}edge_reduce_0": "conv"}),
            "conv",
        ),
    ],
)
def test_wrong_logs_are_named(tmp_path: Path, content: Any, fault: str) -> None:
    path = archive(tmp_path / "a.zip", {"rs/results_0.json": content})
    with pytest.raises(LabelError, match=rf"a\.zip, nb_301.*/rs/results_0\.json.*{fault}"):
        read(path)


def test_surrogates_name_what_can_load_them() -> None:
    with pytest.raises(
        LabelError,
        match=r"models\.zip holds pickled .*torch 1\.5\.0.* nasbench301 under Python 3\.7",
    ):
        nasbench301.refuse_surrogates("models.zip")


def test_curves_are_single_precision(path: Path) -> None:
    assert read(path)["val_acc_curve"][0].dtype == np.float32
