"""Published files that nascast reads: where they come from, and proof that they are the right ones.

A source is found, in this order: already in its folder; in a mirror (any folder of files, named
by the environment variable ``NASCAST_MIRROR``), by its name or by its hash; at its addresses.
Whichever way, its size and hash are checked before it gets its name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from nascast.io.atomic import WriteError, atomic_path
from nascast.io.catalogue import Source, SourceError, get_source
from nascast.io.download import DownloadError, DownloadPolicy, download
from nascast.io.hashing import hash_file

MIRROR_VARIABLE = "NASCAST_MIRROR"

_COPY_BYTES = 1 << 20
# Of a usual connection, for what a warning says.
_BYTES_A_SECOND = 10_000_000


class Status(StrEnum):
    """State of a source in its folder; only VERIFIED means that its hash was compared."""

    VERIFIED = "verified"
    PRESENT = "present"
    CORRUPT = "corrupt"
    MISSING = "missing"


def mirror_from_environment() -> Path | None:
    """Return the folder that ``NASCAST_MIRROR`` names, or None if it is unset or empty.

    Raises:
        SourceError: it names something that is not a folder.
    """
    value = os.environ.get(MIRROR_VARIABLE, "")
    if not value:
        return None
    if not Path(value).is_dir():
        raise SourceError(f"{MIRROR_VARIABLE}={value} is not a folder; correct or unset it")
    return Path(value)


def check(source: Source, folder: Path, *, hash_it: bool = True) -> Status:
    """Return the state of a source in a folder, by size and, unless told otherwise, by hash.

    A file whose publisher gives no hash is never more than present.
    """
    path = folder / source.filename
    if not path.is_file():
        return Status.MISSING
    if _fault(source, path, hash_it=hash_it) is not None:
        return Status.CORRUPT
    return Status.VERIFIED if hash_it and source.checksum else Status.PRESENT


def find_in_mirror(source: Source, mirror: Path) -> tuple[Path | None, str]:
    """Look a source up among the files of a folder, by name, then by size and hash if it has one.

    Returns:
        The verified file and an empty text, or None and the reason.
    """
    reason = f"has no {source.filename}, nor a file of its hash under another name"
    named = mirror / source.filename
    if named.is_file():
        fault = _fault(source, named)
        if fault is None:
            return named, ""
        reason = f"has a {source.filename} that {fault}"
    if source.checksum is None:
        return None, f"has no {source.filename}"
    try:
        files = [entry for entry in sorted(mirror.iterdir()) if entry.is_file()]
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    for candidate in files:
        is_named = candidate.name == source.filename
        if not is_named and _fault(source, candidate) is None:
            return candidate, ""
    return None, reason


def fetch(
    source: Source,
    folder: Path,
    mirror: Path | None = None,
    policy: DownloadPolicy | None = None,
    stream: TextIO | None = None,
) -> Path:
    """Put a verified copy of a source into a folder and return its path.

    A file that is already there and right is left alone; one that is there and wrong is replaced.

    Args:
        source: what to fetch.
        folder: where to put it, under ``source.filename``.
        mirror: folder of files to look in before any download.
        policy: patience of downloads.
        stream: where progress goes, by default standard error.

    Raises:
        SourceError: no way led to the right file; the message lists each way and its reason.
        WriteError: the folder cannot be written, or the disk is full.
    """
    target = folder / source.filename
    tried: list[str] = []
    if target.is_file():
        fault = _fault(source, target)
        if fault is None:
            return target
        tried.append(f"{target} {fault}")
    if mirror is not None:
        found, reason = find_in_mirror(source, mirror)
        if found is not None:
            return _copy(source, found, target)
        tried.append(f"the mirror {mirror} {reason}")
    for address in source.addresses:
        print(_warning(source, address), file=stream or sys.stderr, flush=True)
        fault = _try_address(source, address, target, policy, stream)
        if fault is None:
            return target
        tried.append(f"{address} {fault}")
    raise SourceError(_failure(source, tried))


def resolve_alternatives(
    names: Sequence[str], sources: Mapping[str, Source], folder: Path, mirror: Path | None = None
) -> Source:
    """Choose which of several sources that serve the same need to use.

    The first that is already in the folder wins, else the first that the mirror has, else the
    first with an address. Presence is judged by size; :func:`fetch` checks the hash.

    Raises:
        SourceError: a name is unknown, no name is given, or no alternative can be had.
    """
    choices = [get_source(sources, name) for name in names]
    for source in choices:
        if check(source, folder, hash_it=False) is Status.PRESENT:
            return source
    reasons: list[str] = []
    for source in choices:
        found, reason = find_in_mirror(source, mirror) if mirror else (None, "no mirror is set")
        if found is not None:
            return source
        reasons.append(f"{source.filename} ({reason})")
    for source in choices:
        if source.addresses:
            return source
    raise SourceError(
        f"none of the alternatives can be had: {', '.join(reasons) or 'none was named'}; "
        f"set {MIRROR_VARIABLE} to a folder that holds one of them"
    )


def _fault(source: Source, path: Path, *, hash_it: bool = True) -> str | None:
    """Say what is wrong with a file that should be a source, or None."""
    try:
        size = path.stat().st_size
        if source.bytes is not None and size != source.bytes:
            word = "is truncated" if size < source.bytes else "is too long"
            return f"{word}: it has {size} bytes, expected {source.bytes}"
        if source.checksum is None or not hash_it:
            return None if size else "is empty"
        algorithm, expected = source.checksum
        found = hash_file(path, algorithm)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if found != expected:
        return f"has the wrong content: its {algorithm} is {found}, expected {expected}"
    return None


def _copy(source: Source, found: Path, target: Path) -> Path:
    with atomic_path(target) as temporary:
        with found.open("rb") as reader, temporary.open("wb") as writer:
            while block := reader.read(_COPY_BYTES):
                writer.write(block)
        fault = _fault(source, temporary)
        if fault is not None:
            raise SourceError(f"the copy of {found} {fault}; check the disk and try again")
    return target


def _try_address(
    source: Source,
    address: str,
    target: Path,
    policy: DownloadPolicy | None,
    stream: TextIO | None,
) -> str | None:
    """Download from one address; returns the reason if that did not give the right file."""
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        resumed = part.exists() and part.stat().st_size > 0
        for restart in (False, True) if resumed else (True,):
            download(address, part, source.bytes, policy, stream, restart)
            fault = _fault(source, part)
            if fault is None:
                part.replace(target)
                return None
        part.unlink()
        return fault
    except DownloadError as error:
        if part.stat().st_size == 0:
            part.unlink()
        return str(error)
    except OSError as error:
        raise WriteError(f"cannot write {target}: {error.strerror}") from error


def _warning(source: Source, address: str) -> str:
    """Say before a download how large it is and how long it takes."""
    size = source.bytes or source.approximate_bytes
    takes = f", {size / _BYTES_A_SECOND / 60:.0f} minutes at 10 MB/s" if size else ""
    if size and size < _BYTES_A_SECOND * 60:
        takes = f", {size / _BYTES_A_SECOND:.0f} seconds at 10 MB/s"
    unchecked = "" if source.checksum else "; its publisher gives no hash, so it is not verified"
    return f"{source.filename}: downloading {address}, size {source.size_text}{takes}{unchecked}"


def _failure(source: Source, tried: Sequence[str]) -> str:
    """Compose the one message of a source that cannot be had."""
    size = f"{source.bytes} bytes" if source.bytes else f"size {source.size_text}"
    expected = " ".join(source.checksum) if source.checksum else "no hash"
    ways = "; ".join(f"({number}) {way}" for number, way in enumerate(tried, start=1))
    note = f" Note: {source.notes}" if source.notes and not source.addresses else ""
    retry = ", delete the wrong file" if any("wrong content" in way for way in tried) else ""
    return (
        f"cannot get {source.filename} ({size}, {expected}). "
        f"Tried: {ways or 'nothing, it has no address and no mirror is set'}. What to do: try "
        f"again{retry}, or set {MIRROR_VARIABLE} to a folder that holds the file.{note}"
    )
