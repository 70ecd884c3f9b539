"""Writing files so that a reader sees the old content or the new one, never half of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nascast.errors import NascastError


class WriteError(NascastError):
    """A file could not be written; the file that stood there before is untouched."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that becomes ``path`` if the block succeeds.

    The parent folder is made when missing. On leaving, the temporary file is flushed to disk and
    renamed over ``path``; if the block raises, it is removed and ``path`` keeps its old content.
    Temporary files that a killed process left for the same ``path`` are removed on the way.

    Raises:
        WriteError: the disk is full, the folder is not writable, or any other system failure.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        yield temporary
        _flush_to_disk(temporary)
        os.replace(temporary, path)
        _flush_to_disk(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(
            f"cannot write {path}: {reason}; any older file of that name is untouched. "
            "Free space on the disk or check the folder's permissions, then run the same again"
        ) from error
    finally:
        with suppress(OSError):  # gone after the rename; else the first failure is the news
            temporary.unlink()


def atomic_write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` through a temporary file; raises WriteError."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def atomic_write_text(path: Path, data: str) -> None:
    """Write ``data`` as UTF-8 with its line ends as they are; raises WriteError."""
    atomic_write_bytes(path, data.encode("utf-8"))


def _flush_to_disk(path: Path) -> None:
    """Force a file, or a folder's list of names, out of the system's cache."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_abandoned(path: Path) -> None:
    """Remove temporary files for ``path`` whose writing process no longer lives."""
    prefix, suffix = f".{path.name}.", ".tmp"
    for entry in os.listdir(path.parent):
        process = entry.removeprefix(prefix).removesuffix(suffix)
        is_temporary = process.isdigit() and entry == f"{prefix}{process}{suffix}"
        if is_temporary and not _is_alive(int(process)):
            (path.parent / entry).unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
