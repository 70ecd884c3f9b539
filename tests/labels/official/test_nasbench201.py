"""NAS-Bench-201's one large file in exactly the published form, written by torch itself."""

from __future__ import annotations

import bz2
import io
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.labels.official.nats_files import (
    SPECS,
    arch_results,
    archive_files,
    benchmark,
)

from nascast.io.members import read_members
from nascast.io.streamed_pickle import stream_pickle
from nascast.io.torch_archive import load_torch
from nascast.labels.official import nasbench201, nats
from nascast.labels.official.nasbench201 import Cells
from nascast.labels.schema import LabelError, to_table

NAME = "NAS-Bench-201-v1_1-096897.pth"
forms = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older form"])


def saved(folder: Path, content: Any, zipped: bool = False) -> Path:
    torch.save(content, folder / NAME, _use_new_zipfile_serialization=zipped)
    return folder / NAME


def read(path: Path, epochs: int = 4, complete: bool = False, **options: Any) -> pd.DataFrame:
    cells = Cells(path.name, epochs, **options)
    content = load_torch(path, shrink=cells.shrink)
    return pd.concat(list(cells.frames(content, complete)), ignore_index=True)


@forms
@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize(("epochs", "schedule"), [(2, 12), (4, 200)])
def test_the_same_rows_as_the_archive_of_pickles(
    tmp_path: Path, zipped: bool, runs: bool, epochs: int, schedule: int
) -> None:
    """Both files are written from the same trainings, and read by different code."""
    labels = read(saved(tmp_path, benchmark(), zipped), epochs, runs=runs)
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in archive_files().items():
        (folder / name).write_bytes(content)
    unpacked = (
        (name, stream_pickle(io.BytesIO(bz2.decompress(data)), name))
        for name, data in read_members(folder, nats.is_member)
    )
    frames = nats.read_nats(unpacked, NAME, schedule, runs, complete=False)
    expected = to_table(pd.concat(list(frames), ignore_index=True))
    assert to_table(labels).equals(expected)


def test_frames_are_cut_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, benchmark())
    whole = read(path)
    monkeypatch.setattr(nasbench201, "_ROWS", 5)
    assert read(path).equals(whole)


def test_missing_cells_and_schedules_are_named(tmp_path: Path) -> None:
    path = saved(tmp_path, benchmark())
    with pytest.raises(LabelError, match=rf"{NAME}: 3 cells, expected all 15625"):
        read(path, complete=True)
    with pytest.raises(LabelError, match="has no training of 200 epochs; it has 2, 4"):
        read(path, epochs=200)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"full": arch_results(0, 4), "less": arch_results(0, 2)}, "no NAS-Bench-201 file of all"),
        ([1], "no NAS-Bench-201 file of all"),
        (benchmark() | {"arch2infos": {}}, "has no training of 4 epochs; it has none"),
        (
            benchmark() | {"arch2infos": {0: {"full": arch_results(0, 4) | {"arch_str": 7}}}},
            "cell 7: has no string of its cell",
        ),
        (
            benchmark() | {"arch2infos": {0: {"full": arch_results(0, 4) | {"arch_str": "|x~0|"}}}},
            "cell .x~0.: NAS-Bench-201 spec",
        ),
        (
            benchmark() | {"arch2infos": {0: {"full": arch_results(0, 4) | {"all_results": {}}}}},
            "has no trainings",
        ),
        (
            benchmark()
            | {"arch2infos": {0: {"full": {"arch_str": SPECS[0], "all_results": {("a", 1): {}}}}}},
            "a, seed 1: is no training",
        ),
    ],
)
def test_files_of_another_kind_are_named(tmp_path: Path, content: Any, fault: str) -> None:
    with pytest.raises(LabelError, match=f"{NAME}.*{fault}"):
        read(saved(tmp_path, content))


def test_a_repeated_cell_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="stands in the file twice with 4 epochs"):
        read(saved(tmp_path, benchmark(cells=4)))


def test_trainings_that_share_their_parts_are_refused(tmp_path: Path) -> None:
    """A part is gone when its training has been read, and the next one must notice."""
    content = benchmark()
    trials = content["arch2infos"][0]["full"]["all_results"]
    first, second = list(trials)[:2]
    trials[second]["train_losses"] = trials[first]["train_losses"]
    with pytest.raises(LabelError, match="train_losses lacks epoch 0"):
        read(saved(tmp_path, content))


def test_wrong_trainings_are_named(tmp_path: Path) -> None:
    content = benchmark()
    trials = content["arch2infos"][1]["full"]["all_results"]
    trials["cifar10", 888]["eval_acc1es"]["ori-test@3"] = np.float64(120.0)
    with pytest.raises(LabelError, match=r"a training on cifar10, ori-test@3: 120\.0 is not a per"):
        read(saved(tmp_path, content))


@forms
def test_memory_stays_below_one_and_a_half_files(tmp_path: Path, zipped: bool) -> None:
    """Whole curves of 200 epochs, as in the published file: built whole they take six times it."""
    content = benchmark(cells=3, short=12, long=200)
    others = [f"|nor_conv_1x1~0|+|none~0|none~1|+|none~0|{a}~1|{b}~2|"
              for a in ("skip_connect", "nor_conv_3x3", "avg_pool_3x3")
              for b in ("skip_connect", "nor_conv_3x3", "avg_pool_3x3", "none")]  # fmt: skip
    for index, spec in enumerate(others, start=3):
        content["arch2infos"][index] = {
            "full": arch_results(index % 3, 200) | {"arch_str": spec},
            "less": arch_results(index % 3, 12) | {"arch_str": spec},
        }
    path = saved(tmp_path, content, zipped)
    del content
    tracemalloc.start()
    labels = read(path, epochs=200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(labels) == 15 * 4
    assert peak < 1.5 * path.stat().st_size
