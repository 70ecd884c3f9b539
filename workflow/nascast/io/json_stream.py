"""JSON files of an object of objects, entry by entry, so that size does not matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from nascast.errors import NascastError

_BLOCK_CHARACTERS = 1 << 20
_SPACE = " \t\n\r"


class JsonError(NascastError):
    """A JSON file is missing, damaged, or laid out in another way; names the file and the place."""


def stream_entries(path: Path, longest: int = 1 << 24) -> Iterator[tuple[str, str, Any]]:
    """Yield both keys and the value of each entry of ``{"a": {"b": value, ...}, ...}``.

    One value is held at a time.

    Args:
        path: the file, UTF-8.
        longest: characters that a key or a value may have.

    Raises:
        JsonError: the file cannot be read, is no such object, is truncated, or has something larger
            in it. Entries before the damage may have been yielded.
    """
    try:
        with Path(path).open(encoding="utf-8") as stream:
            text = _Text(stream, Path(path), longest)
            for outer in text.read_keys():
                for inner in text.read_keys():
                    yield outer, inner, text.value()
            text.end()
    except OSError as error:
        raise JsonError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise JsonError(f"{path} is no text in UTF-8; delete it and fetch it again") from error


class _Text:
    """A window on the file that moves on with what is read."""

    def __init__(self, stream: TextIO, path: Path, longest: int) -> None:
        self._stream, self._path, self._longest = stream, path, longest
        self._window, self._place, self._before, self._ended = "", 0, 0, False
        self._decoder = json.JSONDecoder()

    def read_keys(self) -> Iterator[str]:
        """Yield the keys of an object; the value must be read before the next key."""
        self._take("{")
        if self._peek() == "}":
            self._place += 1
            return
        while True:
            self._peek()
            key = self.value()
            if not isinstance(key, str):
                raise self._fault(f"expected a key, found {str(key)[:20]}")
            self._take(":")
            yield key
            if self._take(",}") == "}":
                return

    def value(self) -> Any:
        """Read one value of any kind."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._place)
            except json.JSONDecodeError as error:
                if self._ended:
                    raise self._fault(f"{error.msg}; it is truncated or damaged") from error
            except RecursionError as error:
                raise self._fault("a value is nested too deeply") from error
            except ValueError as error:  # a number of too many digits
                raise self._fault(str(error)) from error
            else:
                # A number goes on in the next block unless something else stands behind it.
                if end < len(self._window) or self._ended:
                    self._place = end
                    return value
            if len(self._window) - self._place > self._longest:
                raise self._fault(f"a value has more than {self._longest} characters")
            self._read()

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self._peek():
            raise self._fault("something follows the end of the object")

    def _take(self, expected: str) -> str:
        found = self._peek()
        if not found or found not in expected:
            raise self._fault(f"expected {' or '.join(expected)}, found {found or 'the end'}")
        self._place += 1
        return found

    def _peek(self) -> str:
        """Return the next character that is no white space, or nothing at the end."""
        while True:
            while self._place < len(self._window):
                character = self._window[self._place]
                if character not in _SPACE:
                    return character
                self._place += 1
            if self._ended:
                return ""
            self._read()

    def _read(self) -> None:
        # As much again as is waiting: a value is looked at a few times only, whatever its length.
        waiting = len(self._window) - self._place
        block = self._stream.read(max(_BLOCK_CHARACTERS, waiting))
        self._ended = not block
        self._before += self._place
        self._window, self._place = self._window[self._place :] + block, 0

    def _fault(self, fault: str) -> JsonError:
        return JsonError(
            f"{self._path}, character {self._before + self._place}: {fault}. Delete the file and "
            "fetch it again"
        )
