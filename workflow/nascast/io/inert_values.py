"""What the globals of a benchmark's pickle stand for: plain containers, numbers, inert records.

Official benchmark files hold little but dictionaries, lists, texts and numbers. The few classes
that their pickles name besides are listed here; what is not used by any reader becomes a record
that keeps its arguments and does nothing (:class:`nascast.io.pickled_frames.Record`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
