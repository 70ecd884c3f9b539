"""The one place that reads pickles, and only those made of a short list of harmless parts.

A pickle is a program, and reading one runs it. Some benchmark tables and CIFAR's archives are
published as pickles nevertheless. Here a pickle can name nothing but the entries of an allow-list,
and those of the default list stand for inert records (:mod:`nascast.io.pickled_frames`): nothing
of pandas, NumPy or the standard library runs on a pickle's behalf.
"""

from __future__ import annotations

import gzip
import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from nascast.errors import NascastError
from nascast.io.pickle_uses import count_uses
from nascast.io.pickled_frames import FRAME_GLOBALS, rebuild

_GZIP_MAGIC = b"\x1f\x8b"


class UnsafePickleError(NascastError):
    """A pickle asks for a global that is not on the allow-list; that global was not touched."""


class PickleFormatError(NascastError):
    """A pickle is missing, damaged, or holds more than plain values, arrays and frames."""


def load_pickle(
    source: Path | str | bytes | IO[bytes],
    allowed: Mapping[tuple[str, str], Any] = FRAME_GLOBALS,
    encoding: str = "ASCII",
) -> Any:
    """Read a pickle, plain or gzip'd, of plain values, NumPy arrays and pandas frames.

    Args:
        source: a file's path, an open binary file, or the bytes of a member of an archive.
        allowed: what each ``(module, name)`` in the pickle stands for; all else is refused.
        encoding: how Python 2's 8-bit strings are read, ``"bytes"`` for CIFAR's archives.

    Raises:
        UnsafePickleError: the pickle asks for anything that is not allowed.
        PickleFormatError: the file is missing, damaged, or laid out in another way.
    """
    name = str(source) if isinstance(source, Path | str) else str(getattr(source, "name", "file"))
    try:
        if isinstance(source, bytes):
            data = source
        else:
            data = Path(source).read_bytes() if isinstance(source, Path | str) else source.read()
    except OSError as error:
        raise PickleFormatError(f"cannot read {name}: {error.strerror}") from error
    try:
        plain = gzip.decompress(data) if data.startswith(_GZIP_MAGIC) else data
        # The unpickler reserves memory for whatever number a pickle gives to an object.
        count_uses(io.BytesIO(plain))
        return rebuild(_AllowListUnpickler(plain, name, allowed, encoding).load())
    except UnsafePickleError:
        raise
    except Exception as error:  # a damaged pickle can raise whatever its parts raise
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PickleFormatError(
            f"{name} cannot be read as a pickled table or array ({reason}); "
            "delete it and fetch it again, or export it to CSV or Parquet"
        ) from error


def refusal(file: str, module: str, name: str) -> str:
    """Return the message about a pickle that names what is not allowed."""
    return (
        f"{file} is refused: it asks for {module}.{name}, which is not on the list of harmless "
        "parts of a pickled table. Do not open it elsewhere unless you trust who made it"
    )


class _AllowListUnpickler(pickle.Unpickler):
    """Resolves globals from a mapping and nothing else; nothing is ever imported."""

    def __init__(
        self, data: bytes, name: str, allowed: Mapping[tuple[str, str], Any], encoding: str
    ) -> None:
        super().__init__(io.BytesIO(data), encoding=encoding)
        self._name = name
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        """Return what the global stands for, or refuse it by name."""
        if (module, name) not in self._allowed:
            raise UnsafePickleError(refusal(self._name, module, name))
        return self._allowed[module, name]
