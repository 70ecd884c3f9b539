"""Files of ``torch.save`` that hold results and no weights, read without torch.

Since torch 1.6 such a file is a zip archive with the pickle in ``<name>/data.pkl``; before, it is a
row of pickles: a magic number, a protocol version, facts about the machine, and the content.
Tensors in it are stood in for, and not read.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from nascast.io.inert_values import BENCHMARK_GLOBALS
from nascast.io.pickle_uses import count_uses
from nascast.io.streamed_pickle import Shrink, stream_pickle
from nascast.io.unpickle import PickleFormatError

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_BLOCK_BYTES = 1 << 20
# What the standard library raises on damaged archives and pickles; RuntimeError is that of an
# archive that claims encryption or a method of compression that nobody has.
_DAMAGED = (
    EOFError, ValueError, struct.error, zipfile.BadZipFile, zlib.error, RuntimeError,
)  # fmt: skip


def load_torch(
    path: Path,
    allowed: Mapping[tuple[str, str], Any] = BENCHMARK_GLOBALS,
    shrink: Shrink | None = None,
) -> Any:
    """Read the content of a file of ``torch.save``.

    The file is read twice: first to learn what its pickle comes back to, then to build the content,
    of which nothing else is kept in memory than what ``shrink`` leaves.

    Args:
        path: the file.
        allowed: what each ``(module, name)`` in the pickle stands for; all else is refused.
        shrink: is called with each dictionary that has just been filled and may change it.

    Raises:
        UnsafePickleError: the pickle asks for anything that is not allowed.
        PickleFormatError: the file is missing, damaged, or no file of ``torch.save``.
        NascastError: what ``shrink`` raises.
    """
    name = str(path)
    try:
        with _content(path) as stream:
            uses = count_uses(stream)
        with _content(path) as stream:
            content = stream_pickle(stream, name, allowed, shrink, uses)
            # An archive's checksum is compared when its last byte has been read.
            while stream.read(_BLOCK_BYTES):
                continue
    except OSError as error:
        raise PickleFormatError(f"cannot read {name}: {error.strerror or error}") from error
    except (
        EOFError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise PickleFormatError(
            f"{name} is damaged or no file of torch.save ({error}); delete it and fetch it again"
        ) from error
    return content


@contextmanager
def _content(path: Path) -> Iterator[BinaryIO]:
    """Open a file of either form at the pickle of its content."""
    with Path(path).open("rb") as file:
        if file.read(2) == b"PK":
            with zipfile.ZipFile(file) as archive, archive.open(_data_member(archive)) as member:
                yield member  # type: ignore[misc]
            return
        file.seek(0)
        name = str(path)
        head = [stream_pickle(file, name) for _ in range(3)]
        if head[0] != _MAGIC:
            raise ValueError("it has neither the form of a zip archive nor the older one")
        if head[1] != _VERSION:
            raise ValueError(f"it has version {head[1]} of the older form, expected {_VERSION}")
        yield file


def _data_member(archive: zipfile.ZipFile) -> str:
    names = [name for name in archive.namelist() if name.split("/")[1:] == ["data.pkl"]]
    if len(names) != 1:
        raise ValueError(f"the archive has {len(names)} files <name>/data.pkl, expected one")
    return names[0]
