import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nascast.io.torch_archive import load_torch
from nascast.io.unpickle import PickleFormatError, UnsafePickleError

CONTENT = {"curves": {"a": [0.5, 1.5], "b": (1, "x")}, "size": np.float64(2.5), "seen": {1, 2}}
forms = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older form"])


def saved(path: Path, content: Any, zipped: bool) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return path


@forms
def test_reads_what_torch_saved(tmp_path: Path, zipped: bool) -> None:
    path = saved(tmp_path / "a.pth", CONTENT, zipped)
    assert zipfile.is_zipfile(path) is zipped
    found = load_torch(path)
    assert found == CONTENT
    assert type(found["size"]) is float


@forms
def test_tensors_are_stood_in_for(tmp_path: Path, zipped: bool) -> None:
    path = saved(tmp_path / "a.pth", {"weights": torch.ones(3), "curve": [1.0]}, zipped)
    assert load_torch(path)["curve"] == [1.0]


@forms
def test_malicious_files_are_refused(tmp_path: Path, zipped: bool) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "ran",)

    path = saved(tmp_path / "a.pth", {"a": Evil()}, zipped)
    with pytest.raises(UnsafePickleError, match="is refused: it asks for"):
        load_torch(path)
    assert not (tmp_path / "ran").exists()


@forms
def test_truncated_files_are_named(tmp_path: Path, zipped: bool) -> None:
    path = saved(tmp_path / "a.pth", CONTENT, zipped)
    content = path.read_bytes()
    for size in (0, 1, 10, 60, len(content) // 2):
        path.write_bytes(content[:size])
        with pytest.raises(PickleFormatError, match=r"a\.pth is damaged or no file"):
            load_torch(path)


def test_flipped_bits_of_an_archive_never_pass_unseen(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pth", CONTENT, True)
    content = path.read_bytes()
    start = content.index(b"curves")
    for place in range(start, start + 120):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises((PickleFormatError, UnsafePickleError)):
            load_torch(path)


def test_other_versions_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    magic = 0x1950A86A20F9469CFC6C
    for first, version, message in (
        (7, 1001, "neither the form of a zip"),
        (magic, 9, "version 9"),
    ):
        parts = (first, version, {}, CONTENT)
        path.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in parts))
        with pytest.raises(PickleFormatError, match=message):
            load_torch(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/other.pkl", b"")
    with pytest.raises(PickleFormatError, match=r"the archive has 0 files <name>/data\.pkl"):
        load_torch(path)
    with pytest.raises(PickleFormatError, match=r"cannot read .*: No such file"):
        load_torch(tmp_path / "none.pth")


@forms
def test_memory_stays_below_the_file_where_parts_are_dropped(tmp_path: Path, zipped: bool) -> None:
    """300 parts of 2,000 numbers under as many keys of their own, each part dropped when read."""
    parts = {
        i: {"values": {f"{i} x-valid@{k}": k + i / 7 for k in range(2000)}} for i in range(300)
    }
    path = saved(tmp_path / "a.pth", parts, zipped)

    def shrink(filled: dict[Any, Any]) -> None:
        if "values" in filled:
            inner = filled.pop("values")
            filled["mean"] = sum(inner.values()) / len(inner)
            inner.clear()

    del parts
    tracemalloc.start()
    found = load_torch(path, shrink=shrink)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[7] == {"mean": pytest.approx(999.5 + 1)}
    assert path.stat().st_size > 12_000_000
    assert peak < 0.5 * path.stat().st_size
