"""Pickles of official benchmark files, read opcode by opcode, so that parts can go when complete.

Python's fast unpickler builds a whole file first: a benchmark of two gigabytes becomes thirteen in
memory. Its slower twin in pure Python does the same step by step, and here a dictionary is shown to
the caller as soon as it is complete, who may empty it. Globals come from an allow-list as in
:mod:`nascast.io.unpickle`; nothing is ever imported.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from nascast.io.inert_values import BENCHMARK_GLOBALS, Tensor
from nascast.io.pickle_uses import Uses, count_uses
from nascast.io.unpickle import PickleFormatError, UnsafePickleError, refusal

Shrink = Callable[[dict[Any, Any]], None]


def stream_pickle(
    stream: BinaryIO,
    name: str,
    allowed: Mapping[tuple[str, str], Any] = BENCHMARK_GLOBALS,
    shrink: Shrink | None = None,
    uses: Uses | None = None,
) -> Any:
    """Read one pickle and leave the stream right behind it.

    Args:
        stream: at the pickle's first byte.
        name: of the file, for messages.
        allowed: what each ``(module, name)`` in the pickle stands for; all else is refused.
        shrink: is called with each dictionary that has just been filled and may change it in
            place. One of more than a thousand entries comes once for each thousand.
        uses: how often each object is needed again (:func:`nascast.io.pickle_uses.count_uses` of
            the same pickle); without it every object lives until the pickle ends.

    Raises:
        UnsafePickleError: the pickle asks for anything that is not allowed.
        PickleFormatError: it is damaged, or laid out in another way.
        NascastError: what ``shrink`` raises.
    """
    reader = _Reader(stream, name, allowed, shrink, uses)
    try:
        return reader.load()
    except (_ShrinkError, UnsafePickleError) as error:
        raise (error.__cause__ or error) from None
    except Exception as error:  # a damaged pickle can raise whatever its parts raise
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PickleFormatError(
            f"{name} is damaged or no file of this kind ({reason}); delete it and fetch it again"
        ) from error


def load_streamed(
    path: Path,
    allowed: Mapping[tuple[str, str], Any] = BENCHMARK_GLOBALS,
    shrink: Shrink | None = None,
) -> Any:
    """Read a file that is one pickle, twice: to learn what it comes back to, and to build it.

    Args, errors: as :func:`stream_pickle`; a missing file is a PickleFormatError too.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as stream:
            uses = count_uses(stream)
        with Path(path).open("rb") as stream:
            return stream_pickle(stream, name, allowed, shrink, uses)
    except OSError as error:
        raise PickleFormatError(f"cannot read {name}: {error.strerror or error}") from error
    except (EOFError, ValueError) as error:
        raise PickleFormatError(
            f"{name} is damaged or no file of this kind ({error}); delete it and fetch it again"
        ) from error


class _ShrinkError(Exception):
    """Carries an error of the caller's own past the handling of damaged pickles."""


class _Reader(pickle._Unpickler):
    """Python's unpickler with a memory that forgets, and a look at filled dictionaries."""

    # What the standard library's reader works on; its type stubs leave it out.
    memo: dict[int, Any]
    stack: list[Any]
    append: Callable[[Any], None]
    read: Callable[[int], bytes]
    readline: Callable[[], bytes]
    pop_mark: Callable[[], list[Any]]

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        allowed: Mapping[tuple[str, str], Any],
        shrink: Shrink | None,
        uses: Uses | None,
    ) -> None:
        super().__init__(stream)
        self._name, self._allowed, self._shrink, self._uses = name, allowed, shrink, uses
        self._remembered = 0

    def find_class(self, module: str, name: str) -> Any:
        """Return what the global stands for, or refuse it by name."""
        if (module, name) not in self._allowed:
            raise UnsafePickleError(refusal(self._name, module, name))
        return self._allowed[module, name]

    def persistent_load(self, pid: Any) -> Any:
        """Stand in for a storage of torch, which is not read."""
        return Tensor(pid)

    dispatch: ClassVar[dict[int, Callable[..., None]]] = dict(pickle._Unpickler.dispatch)

    def _remember(self, number: int) -> None:
        self._remembered += 1
        if self._uses is None or self._uses.needs(number):
            self.memo[number] = self.stack[-1]

    def _recall(self, number: int) -> None:
        value = self.memo[number]
        if self._uses is not None and self._uses.take(number):
            del self.memo[number]
        self.append(value)

    def _put1(self) -> None:
        self._remember(self.read(1)[0])

    def _put4(self) -> None:
        self._remember(int.from_bytes(self.read(4), "little"))

    def _put_line(self) -> None:
        self._remember(int(self.readline()[:-1]))

    def _put_next(self) -> None:
        # Numbered by what was remembered before, whether or not it is still there.
        self._remember(self._remembered)

    def _get1(self) -> None:
        self._recall(self.read(1)[0])

    def _get4(self) -> None:
        self._recall(int.from_bytes(self.read(4), "little"))

    def _get_line(self) -> None:
        self._recall(int(self.readline()[:-1]))

    def _set_item(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._fill([key, value])

    def _set_items(self) -> None:
        items = self.pop_mark()
        self._fill(items)

    def _fill(self, items: list[Any]) -> None:
        filled = self.stack[-1]
        if type(filled) is not dict:
            raise ValueError(f"a {type(filled).__name__} gets entries of a dictionary")
        filled.update(zip(items[::2], items[1::2], strict=True))
        if self._shrink is not None:
            try:
                self._shrink(filled)
            except Exception as error:
                raise _ShrinkError from error

    dispatch |= {
        pickle.BINPUT[0]: _put1,
        pickle.LONG_BINPUT[0]: _put4,
        pickle.PUT[0]: _put_line,
        pickle.MEMOIZE[0]: _put_next,
        pickle.BINGET[0]: _get1,
        pickle.LONG_BINGET[0]: _get4,
        pickle.GET[0]: _get_line,
        pickle.SETITEM[0]: _set_item,
        pickle.SETITEMS[0]: _set_items,
    }
