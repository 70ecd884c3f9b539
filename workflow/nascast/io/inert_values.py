"""What the globals of a benchmark's pickle stand for: plain containers, numbers, inert records.

Official benchmark files hold little but dictionaries, lists, texts and numbers. The few classes
that their pickles name besides are listed here; what is not used by any reader becomes a record
that keeps its arguments and does nothing (:class:`nascast.io.pickled_frames.Record`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from nascast.io.pickled_frames import ARRAY_GLOBALS, LayoutError, Record, read_dtype


class Harmless:
    """A function that a pickle may call, but neither take apart nor change."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        """Call the function."""
        return self._function(*args)

    def __setstate__(self, state: Any) -> NoReturn:
        """Refuse what a pickle would set on a function."""
        raise LayoutError("found a function with a state; only plain values are read")


class Tensor(Record):
    """A tensor or storage of torch, of which nothing is read."""


def _scalar(dtype: Any, data: Any) -> Any:
    """Return the Python number of a NumPy scalar, whose data are bytes."""
    kind = read_dtype(dtype)
    if kind == np.dtype(object) or not isinstance(data, bytes) or len(data) != kind.itemsize:
        raise LayoutError("found a NumPy scalar that is no number")
    return np.frombuffer(data, dtype=kind)[0].item()


def _encode(text: Any, encoding: Any) -> bytes:
    """Return bytes that protocol 2 has to write as text."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise LayoutError("found text in an unexpected encoding")
    return text.encode("latin-1")


BENCHMARK_GLOBALS: Mapping[tuple[str, str], Any] = {
    **ARRAY_GLOBALS,
    ("collections", "OrderedDict"): dict,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
    ("_codecs", "encode"): Harmless(_encode),
    ("numpy.core.multiarray", "scalar"): Harmless(_scalar),
    ("numpy._core.multiarray", "scalar"): Harmless(_scalar),
    ("torch", "Size"): Tensor,
    ("torch", "FloatStorage"): Tensor,
    ("torch", "LongStorage"): Tensor,
    ("torch._utils", "_rebuild_tensor"): Tensor,
    ("torch._utils", "_rebuild_tensor_v2"): Tensor,
}
"""Names in the pickles of NATS-Bench, NAS-Bench-201 and TransNAS-Bench-101."""


class Inert(Record):
    """An object of a class that is not imported; its ``state`` holds its fields."""


class AlsoInert(Mapping[tuple[str, str], Any]):
    """An allow-list in which every class of one package stands for :class:`Inert`.

    For files that hold objects of the code that wrote them, whose classes may stand anywhere in it.

    Args:
        package: name of the package; its modules are meant, not those of other packages.
        allowed: the other entries.
    """

    def __init__(
        self, package: str, allowed: Mapping[tuple[str, str], Any] = BENCHMARK_GLOBALS
    ) -> None:
        self._package, self._allowed = package, allowed

    def __getitem__(self, key: tuple[str, str]) -> Any:
        """Return what a global stands for; raises KeyError if it is not allowed."""
        if key[0] == self._package or key[0].startswith(f"{self._package}."):
            return Inert
        return self._allowed[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the entries that can be listed: those outside the package."""
        return iter(self._allowed)

    def __len__(self) -> int:
        """Return the number of entries that can be listed."""
        return len(self._allowed)
