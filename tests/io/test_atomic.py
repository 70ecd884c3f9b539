import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nascast.io.atomic import WriteError, atomic_path, atomic_write_bytes, atomic_write_text


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_writes_text_with_its_line_ends_and_makes_the_folder(tmp_path: Path) -> None:
    atomic_write_text(tmp_path / "a" / "b.txt", "tau τ\r\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "tau τ\r\n".encode()
    assert names(tmp_path / "a") == ["b.txt"]


def test_a_failing_block_keeps_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    atomic_write_bytes(target, b"old")

    def write_half() -> None:
        with atomic_path(target) as temporary:
            temporary.write_bytes(b"ne")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_half()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["table.csv"]


def test_readers_never_see_a_part(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        assert not target.exists()
        assert temporary.parent == target.parent
    assert target.read_bytes() == b"half"


def test_a_full_disk_gives_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "table.csv"
    atomic_write_bytes(target, b"old")

    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WriteError, match=r"table\.csv: No space left on device.*untouched.*Free"):
        atomic_write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["table.csv"]


def test_leftovers_of_dead_writers_go_and_those_of_live_ones_stay(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".x.csv.{dead.pid}.tmp").write_bytes(b"half")
    (tmp_path / f".x.csv.{os.getppid()}.tmp").write_bytes(b"half")
    (tmp_path / ".x.csv.notes.tmp").write_bytes(b"a user's own")
    atomic_write_bytes(tmp_path / "x.csv", b"whole")
    assert names(tmp_path) == [f".x.csv.{os.getppid()}.tmp", ".x.csv.notes.tmp", "x.csv"]


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(WriteError, match="results"):
        atomic_write_text(tmp_path / "results" / "x.csv", "1")
