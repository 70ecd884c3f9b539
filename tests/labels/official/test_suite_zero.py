"""The suite's score files in exactly the published form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.labels.official.suite_zero_files import KEYS, PROXIES, content, scores, write_json
from tests.stages.files import ORIGIN

from nascast.io.json_stream import stream_entries
from nascast.io.parquet import read_parquet, write_parquet
from nascast.labels.official import suite_zero
from nascast.labels.schema import LabelError
from nascast.proxies.base import status_of
from nascast.proxies.registry import SUITE_ZERO
from nascast.spaces import registry
from nascast.stages.schemas import PROXIES_SCHEMA


def read(path: Path, space: str) -> pd.DataFrame:
    frames = suite_zero.read_suite_zero(stream_entries(path), path.name, space)
    return pd.concat(list(frames), ignore_index=True)


@pytest.mark.parametrize("space", KEYS)
def test_scores_of_each_space(tmp_path: Path, space: str) -> None:
    table = read(write_json(tmp_path / f"zc_{space}.json", content(space)), space)
    assert len(table) == 2 * len(KEYS[space]) * len(PROXIES)
    assert set(table["task"]) == {f"{space}-cifar10", f"{space}-imagenet16-120"}
    for place, spec in enumerate(KEYS[space].values()):
        arch = registry.create(space).parse(spec)
        rows = table[(table["spec"] == spec) & (table["task"] == f"{space}-cifar10")]
        assert set(rows["arch_id"]) == {arch.arch_id}
        assert list(rows["proxy"]) == list(PROXIES)
        assert list(rows["value"]) == [10.0 * place + i for i in range(len(PROXIES))]
        assert rows["together_seconds"].to_numpy() == pytest.approx(rows["seconds"].sum())


def test_rows_are_those_of_measured_proxies(tmp_path: Path) -> None:
    """The same file as the stage that measures; and the thirteen proxies have our names."""
    table = read(write_json(tmp_path / "zc.json", content("nasbench201")), "nasbench201")
    write_parquet(table.astype({"seed": "int32"}), tmp_path / "a.parquet", PROXIES_SCHEMA, ORIGIN)
    back = read_parquet(tmp_path / "a.parquet", schema=PROXIES_SCHEMA)
    assert list(back["value"]) == list(table["value"])
    assert set(table["proxy"]) == set(SUITE_ZERO)


def test_what_is_no_number_has_a_status(tmp_path: Path) -> None:
    entry = scores(0.0)
    wild = {"zen": float("inf"), "grasp": float("nan"), "snip": float("-inf"), "synflow": 10**400}
    for name, value in wild.items():
        entry[name]["score"] = value
    path = write_json(tmp_path / "zc.json", {"svhn": {"(1, 0, 2, 3, 3, 3)": entry}})
    path.write_text(path.read_text().replace("1" + "0" * 400, "1e400"))
    table = read(path, "transnas_micro").set_index("proxy")
    for name in PROXIES:
        assert table["status"][name] == status_of(table["value"][name])
    assert table["status"][["zen", "grasp", "snip", "synflow", "plain"]].tolist() == [
        "overflow", "nan", "overflow", "overflow", "ok",
    ]  # fmt: skip


def test_frames_are_cut_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_json(tmp_path / "zc.json", content("nasbench101"))
    whole = read(path, "nasbench101")
    monkeypatch.setattr(suite_zero, "_ARCHITECTURES_A_FRAME", 3)
    frames = list(suite_zero.read_suite_zero(stream_entries(path), "zc.json", "nasbench101"))
    assert [len(frame) for frame in frames] == [3 * len(PROXIES), len(PROXIES)]
    pd.testing.assert_frame_equal(pd.concat(frames, ignore_index=True), whole)


@pytest.mark.parametrize(
    ("space", "key"),
    [
        ("nasbench201", "(0, 1, 2)"),
        ("nasbench201", "(0, 1, 2, 3, 4, 5)"),
        ("nasbench201", "(0, 1, 2, 3, 4, true)"),
        ("nasbench201", "(0, 1, 2, 3, 4, 1.0)"),
        ("nasbench201", "os.system"),
        ("nasbench201", "(" * 300),
        ("nasbench201", "(0, 1, 2, 3, 4, 1)" + " " * 500),
        ("nasbench101", "(0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 3, 0)"),
        ("nasbench101", "(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0)"),
        ("nasbench101", "(0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 3, 1)"),
        ("nasbench101", "(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1)"),
        ("nasbench101", "(0, 1)"),
        ("nasbench101", "7"),
        ("darts", "((), ())"),
        ("darts", "(((0, 3)), 5)"),
        ("darts", "5"),
        ("transnas_micro", "(4, 0, 0, 0, 0, 0)"),
        ("transnas_macro", "(1, 0, 2, 3, 4, 4)"),
        ("transnas_macro", "(9, 9)"),
    ],
)
def test_other_keys_are_named(space: str, key: str) -> None:
    with pytest.raises(LabelError, match=f"zc, cifar10, .*names no architecture of {space}"):
        list(suite_zero.read_suite_zero([("cifar10", key, scores(0.0))], "zc", space))


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ([1], "holds no scores by proxy"),
        ({"id": 1, "val_accuracy": 3}, "holds no scores by proxy"),
        ({"zen": {"score": 1}}, "zen: time is 'None', expected a number"),
        ({"zen": {"score": "1", "time": 1}}, "zen: score is '1', expected a number"),
        ({"zen": 1.0}, "zen: score is 'None', expected a number"),
        ({"zen": {"score": 1, "time": -1}}, r"zen: took -1\.0 seconds"),
        ({"zen": {"score": 1, "time": float("nan")}}, "zen: took nan seconds"),
    ],
)
def test_other_entries_are_named(entry: Any, fault: str) -> None:
    with pytest.raises(LabelError, match=fault):
        list(suite_zero.read_suite_zero([("a", "(1, 1, 1, 1, 1, 1)", entry)], "zc", "nasbench201"))


def test_empty_repeated_and_foreign_files() -> None:
    with pytest.raises(LabelError, match="zc has no scores"):
        list(suite_zero.read_suite_zero([], "zc", "darts"))
    entry = ("a", "(1, 1, 1, 1, 1, 1)", scores(0.0))
    with pytest.raises(LabelError, match="stands in the file twice"):
        list(suite_zero.read_suite_zero([entry, entry], "zc", "nasbench201"))
    with pytest.raises(LabelError, match="no scores of the space hiaml; there are nasbench101"):
        list(suite_zero.read_suite_zero([entry], "zc", "hiaml"))


def test_huge_integers_overflow() -> None:
    entry = scores(0.0) | {"zen": {"score": -(10**400), "time": 1}}
    frames = suite_zero.read_suite_zero([("a", "(1, 1, 1, 1, 1, 1)", entry)], "z", "nasbench201")
    table = next(iter(frames)).set_index("proxy")
    assert table["value"]["zen"] == -np.inf
