"""CRC-32C (Castagnoli) of many byte strings at once: the checksum of TFRecord files.

One table look-up a byte, done for a column of many strings with one NumPy operation, which is about
a hundred times as fast as the same loop over the bytes of one string.

Source: RFC 3720, appendix B.4 (polynomial 0x1EDC6F41, here with its bits reversed).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_ALL_ONES = 0xFFFFFFFF


def _make_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _make_table()
_TABLE_ARRAY = np.array(_TABLE, dtype=np.uint32)


def crc32c(data: bytes) -> int:
    """Return the checksum of one byte string, for short ones."""
    state = _ALL_ONES
    for byte in data:
        state = _TABLE[(state ^ byte) & 0xFF] ^ state >> 8
    return state ^ _ALL_ONES


def crc32c_of_all(strings: Sequence[bytes]) -> NDArray[np.uint32]:
    """Return the checksum of each byte string, ``(n,)``.

    Memory is the number of strings times the length of the longest, a few times over.
    """
    lengths = np.array([len(data) for data in strings], dtype=np.int64)
    if not lengths.size or not lengths.max():
        return np.zeros(len(strings), dtype=np.uint32)
    order = np.argsort(-lengths, kind="stable")
    longest = int(lengths.max())
    padded = b"".join(strings[i].ljust(longest, b"\0") for i in order)
    columns = np.ascontiguousarray(np.frombuffer(padded, np.uint8).reshape(-1, longest).T)
    # Longest first: the strings that reach to a column are the first ones.
    reaching = np.searchsorted(-lengths[order], -np.arange(longest), side="left")
    state = np.full(len(strings), _ALL_ONES, dtype=np.uint32)
    for column, count in zip(columns, reaching.tolist(), strict=True):
        part = state[:count]
        part[:] = _TABLE_ARRAY[(part ^ column[:count]) & 0xFF] ^ part >> 8
    checksums = np.empty_like(state)
    checksums[order] = state ^ np.uint32(_ALL_ONES)
    return checksums
