"""Pickled DataFrames and arrays, rebuilt from inert records of what the pickle says.

Each name that such a pickle mentions stands for a record below, which keeps what it is given and
does nothing. :func:`rebuild` then makes the frame or array through public interfaces, so that
neither the safety nor the result depends on the internals of the installed pandas or NumPy.
Covered: frames of plain NumPy columns with a range or plain index, as pandas 0.14 to 2 wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

_PLAIN_TYPE = re.compile(r"(?:[biufc]\d+|[SU]\d+)")


class LayoutError(ValueError):
    """A pickle holds something else than plain arrays and frames of them."""


class Record:
    """Keeps a constructor's arguments and, if the pickle sets one, the state."""

    __slots__ = ("args", "state")
    args: tuple[Any, ...]
    state: Any

    def __new__(cls, *args: Any) -> Self:
        """Keep ``args``; a pickle may or may not call a constructor beyond this."""
        record = super().__new__(cls)
        record.args, record.state = args, None
        return record

    def __setstate__(self, state: Any) -> None:
        """Keep the state that a pickle sets."""
        self.state = state


class _ArrayType(Record):
    """``numpy.ndarray``, which array pickles name but never call."""


class _Array(Record):
    """``_reconstruct(type, shape, code)``, then state (version, shape, dtype, fortran, data)."""


class _Buffer(Record):
    """``_frombuffer(data, dtype, shape, order)``."""


class _DType(Record):
    """``dtype(code, align, copy)``, then state (version, byte order, subtype, names, ...)."""


class _IndexType(Record):
    """``pandas.Index``, named as the class of an index."""


class _RangeIndexType(Record):
    """``pandas.RangeIndex``, named as the class of an index."""


class _Index(Record):
    """``_new_Index(class, fields)``."""


class _Block(Record):
    """``new_block(values, placement)`` or ``_unpickle_block(values, placement, ndim)``."""


class _Partial(Record):
    """``partial(new_block, ndim=...)``, which the pickle then calls to make a block."""

    def __call__(self, *args: Any) -> _Block:
        return _Block(*args)


class _Manager(Record):
    """``BlockManager(blocks, axes)``, or with the state (axes, values, items, extra)."""


class _Frame(Record):
    """``DataFrame``, whose state holds the manager as ``_mgr`` or ``_data``."""


ARRAY_GLOBALS: Mapping[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): _DType,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.numeric", "_frombuffer"): _Buffer,
    ("numpy._core.numeric", "_frombuffer"): _Buffer,
}
FRAME_GLOBALS: Mapping[tuple[str, str], Any] = {
    **ARRAY_GLOBALS,
    ("builtins", "slice"): slice,
    ("functools", "partial"): _Partial,
    ("pandas", "DataFrame"): _Frame,
    ("pandas", "Index"): _IndexType,
    ("pandas", "RangeIndex"): _RangeIndexType,
    ("pandas.core.frame", "DataFrame"): _Frame,
    ("pandas.core.indexes.base", "Index"): _IndexType,
    ("pandas.core.indexes.base", "_new_Index"): _Index,
    ("pandas.core.indexes.range", "RangeIndex"): _RangeIndexType,
    ("pandas.core.internals.blocks", "new_block"): _Block,
    ("pandas._libs.internals", "_unpickle_block"): _Block,
    ("pandas.core.internals.managers", "BlockManager"): _Manager,
}


def rebuild(value: Any) -> Any:
    """Replace the records in a loaded pickle by frames and arrays, also inside containers.

    Raises:
        LayoutError: a record does not have the layout of its kind.
    """
    if isinstance(value, _Frame):
        return _frame(value)
    if isinstance(value, _Array | _Buffer):
        return _array(value)
    if isinstance(value, _Index):
        return _index(value)
    if isinstance(value, Record | type):
        kind = value if isinstance(value, type) else type(value)
        raise LayoutError(f"a lone {kind.__name__.strip('_').lower()} means nothing")
    if isinstance(value, dict):
        return {rebuild(key): rebuild(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(rebuild(item) for item in value)
    return value


def _frame(record: _Frame) -> pd.DataFrame:
    state = record.state
    _require(isinstance(state, dict), "a frame without its manager")
    manager = state.get("_mgr", state.get("_data"))
    _require(isinstance(manager, _Manager), "a frame without its manager")
    blocks, axes = _blocks_and_axes(manager)
    _require(len(axes) == 2, f"a frame with {len(axes)} axes")
    names, index = _index(axes[0]), _index(axes[1])
    columns: dict[int, np.ndarray] = {}
    for values, places in blocks:
        _require(
            values.shape == (len(places), len(index)),
            f"a block of shape {values.shape} for {len(places)} columns of {len(index)} rows",
        )
        columns.update(zip(places, values, strict=True))
    _require(sorted(columns) == list(range(len(names))), "columns without values, or twice")
    frame = pd.DataFrame({place: columns[place] for place in range(len(names))}, index=index)
    frame.columns = names
    return frame


def _blocks_and_axes(manager: _Manager) -> tuple[list[tuple[np.ndarray, list[int]]], list[Any]]:
    """Return (values, column numbers) of each block, and the axes, from either layout."""
    if manager.state is None:
        _require(len(manager.args) >= 2, "a manager without blocks and axes")
        raw, axes = manager.args[:2]
        _require(all(isinstance(block, _Block) for block in raw), "an unknown kind of block")
        pairs = [block.args[:2] for block in raw]
    else:
        layout = manager.state[-1]
        _require(isinstance(layout, dict) and "0.14.1" in layout, "a manager older than 0.14")
        axes = layout["0.14.1"]["axes"]
        pairs = [(block["values"], block["mgr_locs"]) for block in layout["0.14.1"]["blocks"]]
    sized = [(_array(values), places) for values, places in pairs]
    return [(values, _places(places, len(values))) for values, places in sized], list(axes)


def _places(places: Any, count: int) -> list[int]:
    """Return the column numbers of a block with ``count`` columns."""
    if isinstance(places, slice):
        start, stop, step = (places.start or 0, places.stop, places.step or 1)
        numbers = range(start, start + count * step, step)
        _require(stop is None or numbers == range(start, stop, step), "a block off its columns")
        return list(numbers)
    return [int(place) for place in _array(places)]


def _index(record: Any) -> pd.Index[Any]:
    _require(isinstance(record, _Index) and len(record.args) == 2, "an unknown kind of index")
    kind, fields = record.args
    if kind is _RangeIndexType:
        return pd.RangeIndex(fields["start"], fields["stop"], fields["step"], name=fields["name"])
    _require(kind is _IndexType, "an unknown kind of index")
    index: pd.Index[Any] = pd.Index(_array(fields["data"]), name=fields["name"])
    return index


def _array(record: Any) -> np.ndarray:
    _require(isinstance(record, _Array | _Buffer), f"a {type(record).__name__} for an array")
    if isinstance(record, _Buffer):
        data, dtype_record, shape, order = record.args
    else:
        _, shape, dtype_record, fortran, data = record.state
        order = "F" if fortran else "C"
    dtype = read_dtype(dtype_record)
    if dtype == np.dtype(object):
        _require(isinstance(data, list), "an array of objects without its list")
        flat = np.empty(len(data), dtype=object)
        flat[:] = [_scalar(item) for item in data]
    else:
        raw = data.encode("latin1") if isinstance(data, str) else data  # from Python 2
        flat = np.frombuffer(raw, dtype=dtype).copy()
    return flat.reshape(tuple(shape), order=order)


def _scalar(item: Any) -> Any:
    known = item is None or isinstance(item, str | bytes | bool | int | float)
    _require(known, f"a {type(item).__name__} inside an array")
    return item


def read_dtype(record: Any) -> np.dtype[Any]:
    """Return the type that a record of ``numpy.dtype`` tells of.

    Raises:
        LayoutError: it is no plain number, text or object type.
    """
    _require(isinstance(record, _DType) and bool(record.args), "an array without its dtype")
    code, state = _text(record.args[0]), record.state
    _require(isinstance(state, Sequence) and len(state) >= 5, f"the dtype {code} without state")
    _require(all(part is None for part in state[2:5]), f"the structured dtype {code}")
    if code in ("O", "O4", "O8"):
        return np.dtype(object)
    _require(_PLAIN_TYPE.fullmatch(code) is not None, f"the dtype {code}")
    order = _text(state[1])
    _require(order in ("<", ">", "|"), f"the byte order {order}")
    return np.dtype(order + code)


def _text(value: Any) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _require(holds: bool, found: str) -> None:
    if not holds:
        raise LayoutError(f"found {found}; only plain columns, arrays and indexes are read")
