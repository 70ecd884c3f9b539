import bz2
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from nascast.io.members import MemberError, decompress_bz2, read_members

FILES = {"b.txt": b"second", "a.txt": b"first", "sub/c.txt": b"third", "skipped.bin": b"x"}


def as_folder(path: Path) -> Path:
    for name, content in FILES.items():
        (path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (path / "folder" / name).write_bytes(content)
    return path / "folder"


def as_zip(path: Path) -> Path:
    with zipfile.ZipFile(path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    return path / "a.zip"


def as_tar(path: Path, mode: Literal["w", "w:gz"] = "w") -> Path:
    with tarfile.open(path / "a.tar", mode) as archive:
        for name, content in FILES.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path / "a.tar"


def texts(path: Path, longest: int = 100) -> dict[str, bytes]:
    return dict(read_members(path, lambda name: name.endswith(".txt"), longest))


EXPECTED = {name: content for name, content in FILES.items() if name.endswith(".txt")}


def test_a_folder_in_the_order_of_its_names(tmp_path: Path) -> None:
    found = texts(as_folder(tmp_path))
    assert found == EXPECTED
    assert list(found) == ["a.txt", "b.txt", "sub/c.txt"]


def test_archives_in_their_own_order(tmp_path: Path) -> None:
    assert list(texts(as_zip(tmp_path)).items()) == list(EXPECTED.items())
    assert list(texts(as_tar(tmp_path)).items()) == list(EXPECTED.items())
    assert texts(as_tar(tmp_path, "w:gz")) == EXPECTED


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    for path in (as_folder(tmp_path), as_zip(tmp_path), as_tar(tmp_path)):
        with pytest.raises(MemberError, match=r"b\.txt has 6 bytes or more, at most 5 expected"):
            texts(path, longest=5)


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    path = as_zip(tmp_path)
    content = path.read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        try:
            found = texts(path)
        except MemberError:
            continue
        assert set(found.values()) <= set(EXPECTED.values())


def test_damaged_archives_are_named(tmp_path: Path) -> None:
    for path in (as_zip(tmp_path), as_tar(tmp_path)):
        path.write_bytes(path.read_bytes()[: 515 if path.suffix == ".tar" else -30])
        with pytest.raises(MemberError, match=f"{path} cannot be read as a folder, tar or zip"):
            texts(path)
    with pytest.raises(MemberError, match=r"none cannot be read .*No such file"):
        texts(tmp_path / "none")


def test_bzip2_is_checked_and_bounded() -> None:
    data = bz2.compress(b"payload" * 100)
    assert decompress_bz2("a", data) == b"payload" * 100
    with pytest.raises(MemberError, match="a is a truncated bzip2 file"):
        decompress_bz2("a", data[:-3])
    with pytest.raises(MemberError, match="a is no whole bzip2 file"):
        decompress_bz2("a", data[:20] + b"\0" + data[21:])
    with pytest.raises(MemberError, match="a has 100 bytes or more, at most 99 expected"):
        decompress_bz2("a", bz2.compress(bytes(10_000_000)), longest=99)
