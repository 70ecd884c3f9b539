"""TransNAS-Bench-101's file in exactly the published form, written by torch itself."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.labels.official.transnas_files import EPOCHS, SPECS, content, saved, value

from nascast.io.torch_archive import load_torch
from nascast.labels.official import transnas
from nascast.labels.official.transnas import MEASURES, read_transnas, shrink
from nascast.labels.schema import LabelError, to_table
from nascast.tasks import registry

NAME = "transnas-bench_v10141024.pth"


def read(path: Path, space: str = "transnas_micro", complete: bool = False) -> pd.DataFrame:
    frames = read_transnas(load_torch(path, shrink=shrink), path.name, space, complete)
    return pd.concat(list(frames), ignore_index=True)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older form"])
@pytest.mark.parametrize("space", ["micro", "macro"])
def test_all_tasks_of_a_space(tmp_path: Path, space: str, zipped: bool) -> None:
    labels = read(saved(tmp_path / NAME, content(), zipped), f"transnas_{space}")
    assert to_table(labels).num_rows == 2 * 7
    assert list(labels["spec"].unique()) == list(SPECS[space])
    for place, spec in enumerate(SPECS[space]):
        rows = labels[labels["spec"] == spec].set_index("images")
        assert list(rows.index) == list(MEASURES)
        scene = rows.loc["class_scene"]
        assert scene["test_acc"] == pytest.approx(value(place, "test", "top1", EPOCHS - 1) / 100)
        assert scene["val_loss"] == pytest.approx(value(place, "valid", "loss", EPOCHS - 1))
        expected = [value(place, "valid", "top1", e) / 100 for e in range(EPOCHS)]
        assert scene["val_acc_curve"] == pytest.approx(expected)
        room = rows.loc["room_layout"]
        assert room["val_metric"] == pytest.approx(value(place, "valid", "neg_loss", EPOCHS - 1))
        assert room["metric"] == "negative_l2"
        segments = rows.loc["segmentsemantic"]
        assert segments["test_metric"] == pytest.approx(
            value(place, "test", "mIoU", EPOCHS - 1) / 100
        )
        normal = rows.loc["normal"]
        assert normal["test_metric"] == pytest.approx(value(place, "test", "ssim", EPOCHS - 1))
        assert normal["test_loss"] == pytest.approx(value(place, "test", "l1_loss", EPOCHS - 1))


def test_metrics_are_those_of_our_tasks() -> None:
    for name, measure in MEASURES.items():
        assert registry.create(name).metric == measure.metric


def test_the_file_decides_the_unit_of_miou(tmp_path: Path) -> None:
    changed = content()
    for tasks in changed["data"]["micro"].values():
        for part in ("train", "valid", "test"):
            tasks["segmentsemantic"]["metrics"][f"{part}_mIoU"] = [0.125, 0.25, 0.375]
    labels = read(saved(tmp_path / NAME, changed)).set_index("images")
    assert set(labels.loc["segmentsemantic", "test_metric"]) == {0.375}


def test_frames_are_cut_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / NAME, content())
    whole = read(path)
    monkeypatch.setattr(transnas, "_ROWS", 8)
    pd.testing.assert_frame_equal(read(path), whole)


def test_missing_architectures_are_counted(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=rf"{NAME}: 2 architectures of transnas_micro, expected"):
        read(saved(tmp_path / NAME, content()), complete=True)
    with pytest.raises(LabelError, match="has no space hiaml; there are transnas_micro"):
        read(tmp_path / NAME, "hiaml")


def changed(*path: Any, to: Any) -> dict[str, Any]:
    result = copy.deepcopy(content())
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return result


SPEC = SPECS["micro"][0]


@pytest.mark.parametrize(
    ("value_", "fault"),
    [
        ([1], "it is no TransNAS-Bench-101 v1.0 file"),
        (changed("data", to=None), "it is no TransNAS-Bench-101 v1.0 file"),
        (changed("data", to=[1]), "has no architectures of transnas_micro"),
        (changed("data", "micro", to={}), "has no architectures of transnas_micro"),
        (changed("data", "micro", SPEC, to=[1]), "leads to no tasks"),
        (changed("data", "micro", "64-99", to={}), "TransNAS micro spec '64-99'"),
        (changed("data", "micro", SPEC, "jigsaw", to=None), "lacks the task jigsaw"),
        (changed("data", "micro", SPEC, "jigsaw", to=3), "jigsaw: has no metrics"),
        (changed("data", "micro", SPEC, "jigsaw", "total_epochs", to=4), "each of its 4 epochs"),
        (changed("data", "micro", SPEC, "jigsaw", "metrics", "valid_top1", to=7.0), "valid_top1"),
        (
            changed("data", "micro", SPEC, "jigsaw", "metrics", "valid_top1", to=[1, 2, 200]),
            r"jigsaw: 200\.0 is not a percentage",
        ),
        (
            changed("data", "micro", SPEC, "jigsaw", "metrics", "valid_top1", to=[1, 2, "x"]),
            "metric valid_top1: a curve holds something else",
        ),
    ],
)
def test_files_of_another_kind_are_named(tmp_path: Path, value_: Any, fault: str) -> None:
    with pytest.raises(LabelError, match=fault):
        read(saved(tmp_path / NAME, value_))
