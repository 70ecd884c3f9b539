"""The files inside a folder, a tar or a zip archive, one after the other, as they are asked for."""

from __future__ import annotations

import bz2
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from nascast.errors import NascastError

_BLOCK_BYTES = 1 << 20


class MemberError(NascastError):
    """A folder or archive is missing or damaged, or one of its files is too large."""


def read_members(
    path: Path, wanted: Callable[[str], bool], longest: int = 1 << 26
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each wanted file, holding one at a time.

    Args:
        path: a folder, read in the order of the names with its subfolders, or an archive (tar,
            compressed or not, or zip), read in its own order.
        wanted: chooses by name; names are relative, with ``/`` between folders.
        longest: bytes that a file may have.

    Raises:
        MemberError: the folder or archive cannot be read, is damaged, or has a larger file.
    """
    path = Path(path)
    try:
        if path.is_dir():
            yield from _of_folder(path, wanted, longest)
        elif zipfile.is_zipfile(path):
            yield from _of_zip(path, wanted, longest)
        else:
            yield from _of_tar(path, wanted, longest)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise MemberError(
            f"{path} cannot be read as a folder, tar or zip archive ({reason}); delete it and "
            "fetch it again"
        ) from error


def decompress_bz2(name: str, data: bytes, longest: int = 1 << 26) -> bytes:
    """Return what a bzip2 file holds.

    Raises:
        MemberError: the file is damaged, truncated, or holds more than ``longest`` bytes.
    """
    decompressor = bz2.BZ2Decompressor()
    try:
        plain = decompressor.decompress(data, max_length=longest + 1)
    except (OSError, ValueError, EOFError) as error:
        raise MemberError(f"{name} is no whole bzip2 file ({error}); fetch it again") from error
    _check_size(name, len(plain), longest)
    if not decompressor.eof:
        raise MemberError(f"{name} is a truncated bzip2 file; fetch it again")
    return plain


def _of_folder(
    path: Path, wanted: Callable[[str], bool], longest: int
) -> Iterator[tuple[str, bytes]]:
    names = {entry.relative_to(path).as_posix(): entry for entry in path.rglob("*")}
    for name in sorted(names):
        if wanted(name) and names[name].is_file():
            _check_size(f"{path}/{name}", names[name].stat().st_size, longest)
            yield name, names[name].read_bytes()


def _of_zip(path: Path, wanted: Callable[[str], bool], longest: int) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if wanted(entry.filename) and not entry.is_dir():
                _check_size(f"{path}, {entry.filename}", entry.file_size, longest)
                try:
                    with archive.open(entry) as stream:
                        content = _read(stream, f"{path}, {entry.filename}", longest)
                except (RuntimeError, NotImplementedError) as error:  # encrypted, odd methods
                    raise zipfile.BadZipFile(f"{entry.filename}: {error}") from error
                yield entry.filename, content


def _of_tar(path: Path, wanted: Callable[[str], bool], longest: int) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path, mode="r:*") as archive:
        for entry in archive:
            if wanted(entry.name) and entry.isreg():
                _check_size(f"{path}, {entry.name}", entry.size, longest)
                stream = archive.extractfile(entry)
                if stream is not None:
                    content = _read(stream, f"{path}, {entry.name}", longest)
                    if len(content) < entry.size:
                        raise tarfile.ReadError(f"{entry.name} is truncated")
                    yield entry.name, content
            # Else the list of what was passed grows with the archive.
            archive.members = []  # type: ignore[attr-defined]


def _read(stream: IO[bytes], name: str, longest: int) -> bytes:
    content = bytearray()
    while block := stream.read(_BLOCK_BYTES):
        content += block
        _check_size(name, len(content), longest)
    return bytes(content)


def _check_size(name: str, size: int, longest: int) -> None:
    if size > longest:
        raise MemberError(
            f"{name} has {size} bytes or more, at most {longest} expected; this is another file"
        )
