"""How often a pickle comes back to each object that it remembers, found without building anything.

A pickle numbers what it may need again. Read as it stands, a file of two gigabytes remembers a
hundred million keys and dictionaries until its end; knowing what is needed how often,
:mod:`nascast.io.streamed_pickle` forgets each when it was needed last.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from typing import BinaryIO

_BLOCK_BYTES = 1 << 20
# Counts stop here, and what is needed so often is never forgotten.
MANY = 255

# Bytes behind an opcode; a negative number says how many bytes tell the length of what follows.
_LINE, _TWO_LINES, _UNKNOWN = 100, 101, 102
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: -1,
    pickletools.TAKEN_FROM_ARGUMENT4: -4,
    pickletools.TAKEN_FROM_ARGUMENT4U: -4,
    pickletools.TAKEN_FROM_ARGUMENT8U: -8,
}


def _sizes() -> list[int]:
    sizes = [_UNKNOWN] * 256
    for code in pickletools.opcodes:
        size = 0 if code.arg is None else code.arg.n
        if size == pickletools.UP_TO_NEWLINE:
            size = _TWO_LINES if code.name in ("GLOBAL", "INST") else _LINE
        sizes[ord(code.code)] = _LENGTHS.get(size, size)
    return sizes


_SIZES = _sizes()
_CODES = {code.name: ord(code.code) for code in pickletools.opcodes}
_GETS = {_CODES["BINGET"], _CODES["LONG_BINGET"]}
_PUTS = {_CODES["BINPUT"], _CODES["LONG_BINPUT"]}
_STOP, _GET, _PUT = _CODES["STOP"], _CODES["GET"], _CODES["PUT"]
_LONGEST_ARGUMENT = 16


class Uses:
    """How often each remembered object is still needed, by its number."""

    def __init__(self) -> None:
        self._counts = bytearray()

    def add(self, number: int) -> None:
        """Count one use."""
        if number >= len(self._counts):
            # Twice as many at least, so that growing costs no more than counting.
            self._counts.extend(bytes(max(number + 1 - len(self._counts), len(self._counts))))
        self._counts[number] = min(self._counts[number] + 1, MANY)

    def needs(self, number: int) -> bool:
        """Tell whether an object is still needed."""
        return number < len(self._counts) and self._counts[number] > 0

    def take(self, number: int) -> bool:
        """Take one use; tell whether it was the last."""
        left = self._counts[number] if number < len(self._counts) else MANY
        if left == MANY:
            return False
        self._counts[number] = left - 1
        return left == 1


def count_uses(stream: BinaryIO) -> Uses:
    """Read one pickle up to its end and count the uses of what it remembers.

    Args:
        stream: at the pickle's first byte; it is read beyond the pickle's end.

    Raises:
        EOFError: the stream ends before the pickle does.
        ValueError: an opcode is unknown, or an object has a number larger than the pickle.
    """
    uses = Uses()
    for number in _fetched(stream):
        uses.add(number)
    return uses


def _fetched(stream: BinaryIO) -> Iterator[int]:
    """Yield the number of each object that is fetched, up to the end of the pickle."""
    data, place, before = stream.read(_BLOCK_BYTES), 0, 0
    while True:
        if place + _LONGEST_ARGUMENT > len(data):
            before += place
            data, place = data[place:] + stream.read(_BLOCK_BYTES), 0
            if not data:
                raise EOFError("the pickle ends before its end")
        code = data[place]
        size = _SIZES[code]
        place += 1
        if 0 <= size < _LINE:
            if code in _GETS or code in _PUTS:
                number = int.from_bytes(data[place : place + size], "little")
                _check(number, before + place)
                if code in _GETS:
                    yield number
            elif code == _STOP:
                return
            place += size
        elif size < 0:
            place += -size + int.from_bytes(data[place : place - size], "little")
            if place > len(data):
                _skip(stream, place - len(data))
                before, data, place = before + place, b"", 0
        elif size == _UNKNOWN:
            raise ValueError(f"byte {code} is no opcode of a pickle")
        else:
            for _ in range(size - _LINE + 1):
                end = data.find(b"\n", place)
                while end < 0:
                    data = data[place:] + _more(stream, len(data) - place)
                    before, place, end = before + place, 0, data.find(b"\n")
                line, place = data[place:end], end + 1
            if code in (_GET, _PUT):
                number = int(line)
                _check(number, before + place)
                if code == _GET:
                    yield number


def _check(number: int, read: int) -> None:
    if not 0 <= number <= read:
        raise ValueError(f"an object has the number {number} after {read} bytes")


def _more(stream: BinaryIO, have: int) -> bytes:
    more = stream.read(_BLOCK_BYTES)
    if not more or have > _BLOCK_BYTES:
        raise EOFError("the pickle ends within a line")
    return more


def _skip(stream: BinaryIO, size: int) -> None:
    while size > 0:
        block = stream.read(min(size, _BLOCK_BYTES))
        if not block:
            raise EOFError("the pickle ends within a text")
        size -= len(block)
