"""Protocol Buffers' wire format: the fields of a message, without the protobuf package.

Source: Protocol Buffers documentation, "Encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_DOUBLE = struct.Struct("<d")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10


class WireError(ValueError):
    """Bytes that are no message."""


def fields(message: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Yield number and value of each field, in the order of the message.

    A varint is an unsigned integer, a 64-bit field is read as a double, and everything with a
    length (texts, nested messages) as well as a 32-bit field is left as bytes.

    Raises:
        WireError: the message ends within a field, or uses a type that is none of these.
    """
    place, end = 0, len(message)
    while place < end:
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        value: int | float | bytes
        if number == 0:
            raise WireError(f"field number 0 before byte {place}")
        if kind == _FIXED64:
            stop = place + 8
            if stop > end:
                raise WireError(f"field {number} ends behind the message")
            value = _DOUBLE.unpack_from(message, place)[0]
        elif kind == _VARINT:
            value, stop = _varint(message, place)
        elif kind in (_BYTES, _FIXED32):
            size, place = _varint(message, place) if kind == _BYTES else (4, place)
            stop = place + size
            if stop > end:
                raise WireError(f"field {number} ends behind the message")
            value = message[place:stop]
        else:
            raise WireError(f"field {number} has the wire type {kind}")
        yield number, value
        place = stop


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Return an integer of seven bits a byte, lowest first, and where it ends."""
    value = 0
    for shift in range(_MAX_VARINT_BYTES):
        if place + shift >= len(message):
            raise WireError(f"the message ends within the number at byte {place}")
        byte = message[place + shift]
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, place + shift + 1
    raise WireError(f"the number at byte {place} has more than {_MAX_VARINT_BYTES} bytes")
