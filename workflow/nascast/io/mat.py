"""Arrays of numbers in MATLAB files of version 5.

A file is a head of 128 bytes and then elements: a type, a size, and the data, padded to eight
bytes. An element may hold compressed elements; an array is an element of elements: flags, size,
name, numbers. SciPy reads all of the format, but crashes the interpreter on some damaged files.

Source: MathWorks, "MAT-File Format", chapter 1.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nascast.errors import NascastError

_HEAD_BYTES = 128
_VERSION_PLACE = 124
_VERSION = 0x0100
_MATRIX, _COMPRESSED = 14, 15
_MOST_BYTES = 1 << 31
# Element types that hold numbers, and classes of arrays of numbers (double to uint64).
_NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
_COMPLEX = 0x0800

Array = NDArray[np.generic]


class MatError(NascastError):
    """A MATLAB file is missing, damaged, or lacks an array."""


def read_mat(path: Path, names: Sequence[str]) -> dict[str, Array]:
    """Read named arrays of real numbers; what else the file holds is passed over.

    Args:
        path: the file. It and one array at a time are held in memory, 2 GiB of each at most.
        names: the arrays wanted.

    Returns:
        The arrays by name, first index fastest in memory, as MATLAB stores them.

    Raises:
        MatError: the file cannot be read, is damaged, or lacks an array of real numbers.
    """
    found: dict[str, Array] = {}
    try:
        data = Path(path).read_bytes()
        order = _byte_order(data)
        for kind, body in _elements(memoryview(data)[_HEAD_BYTES:], order):
            for inner, content in _unpacked(kind, body, order):
                array = _read_array(content, order, names) if inner == _MATRIX else None
                if array is not None:
                    found[array[0]] = array[1]
    except OSError as error:
        raise MatError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, struct.error, zlib.error) as error:
        raise MatError(
            f"{path} is damaged or no MATLAB file of version 5 ({error}); delete it and fetch it "
            "again"
        ) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise MatError(f"{path} has no array of real numbers {missing[0]}; it is another file")
    return found


def _byte_order(data: bytes) -> str:
    """Return ``<`` or ``>``; raises ValueError if the head is that of another format."""
    mark = data[_VERSION_PLACE + 2 : _HEAD_BYTES]
    order = {b"IM": "<", b"MI": ">"}.get(mark)
    if order is None:
        raise ValueError("its head names no order of bytes")
    (version,) = struct.unpack_from(f"{order}H", data, _VERSION_PLACE)
    if version != _VERSION:
        raise ValueError(f"it has version {version:#06x}, expected {_VERSION:#06x}")
    return order


def _elements(data: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Yield type and data of each element."""
    place = 0
    while place < len(data):
        if len(data) - place < 8:
            raise ValueError("it ends within the head of an element")
        kind, size = struct.unpack_from(f"{order}2I", data, place)
        if kind >> 16:  # up to four bytes stand in the head itself
            kind, size = kind & 0xFFFF, kind >> 16
            start, end, place = place + 4, place + 4 + size, place + 8
            if size > 4:
                raise ValueError(f"a small element claims {size} bytes")
        else:
            start, end = place + 8, place + 8 + size
            # Compressed elements alone are not padded.
            place = end if kind == _COMPRESSED else start + -(-size // 8) * 8
        if end > len(data):
            raise ValueError("it ends within an element")
        yield kind, data[start:end]


def _unpacked(kind: int, body: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Yield the element itself, or those that are compressed in it."""
    if kind != _COMPRESSED:
        yield kind, body
        return
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(body, _MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("a compressed element is truncated or larger than 2 GiB")
    yield from _elements(memoryview(plain), order)


def _read_array(body: memoryview, order: str, names: Sequence[str]) -> tuple[str, Array] | None:
    """Return name and numbers of an array, or None if it is not wanted or holds something else."""
    parts = _elements(body, order)
    flags, sizes, name = (_next(parts)[1] for _ in range(3))
    label = bytes(name).decode("latin-1")
    (flag,) = struct.unpack_from(f"{order}I", flags)
    kind = _CLASSES.get(flag & 0xFF)
    if label not in names or kind is None or flag & _COMPLEX:
        return None
    stored, numbers = _next(parts)
    if stored not in _NUMBERS:
        raise ValueError(f"the array {label} holds elements of type {stored}")
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    if len(shape) < 2 or min(shape) < 0:
        raise ValueError(f"the array {label} has the size {shape}")
    values = np.frombuffer(numbers, np.dtype(order + _NUMBERS[stored]))
    if len(values) != math.prod(shape):
        raise ValueError(f"the array {label} has {len(values)} numbers for the size {shape}")
    # MATLAB stores whole numbers in the smallest type that holds them.
    return label, values.astype(kind, copy=False).reshape(shape, order="F")


def _next(parts: Iterator[tuple[int, memoryview]]) -> tuple[int, memoryview]:
    for part in parts:
        return part
    raise ValueError("an array ends before its numbers")
