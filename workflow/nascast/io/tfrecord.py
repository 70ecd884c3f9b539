"""TFRecord files without TensorFlow: their framing, with every checksum verified.

A record is its length (8 bytes, little endian), the masked CRC-32C of these 8 bytes, the payload,
and the masked CRC-32C of the payload. Nothing else stands in a file: no header, no index, no end.

Source: TensorFlow documentation, "TFRecord and tf.train.Example", section "TFRecords format
details".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nascast.errors import NascastError
from nascast.io.crc32c import crc32c, crc32c_of_all

_HEAD = struct.Struct("<QI")
_CRC = struct.Struct("<I")
_MASK_DELTA = 0xA282EAD8
_BATCH_RECORDS = 8192
_BATCH_BYTES = 1 << 24


class RecordError(NascastError):
    """A TFRecord file is missing or damaged; names the file, the record and its offset."""


def read_records(path: Path, longest: int = 1 << 20) -> Iterator[bytes]:
    """Yield the payload of each record, in the order of the file.

    A few thousand records are held at a time, 16 MiB of them at most or one if that is longer.

    Args:
        path: the file.
        longest: bytes that a payload may have; a damaged or foreign file can claim any number.

    Raises:
        RecordError: the file cannot be read, ends within a record, or a checksum is wrong. Records
            before the damage may have been yielded.
    """
    try:
        with Path(path).open("rb") as stream:
            for first, offsets, payloads, expected in _batches(stream, Path(path), longest):
                wrong = np.flatnonzero(_masked(crc32c_of_all(payloads)) != np.array(expected))
                if len(wrong):
                    number = int(wrong[0])
                    raise _damaged(
                        path, first + number, offsets[number], "its payload has another checksum"
                    )
                yield from payloads
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from error


def _batches(
    stream: BinaryIO, path: Path, longest: int
) -> Iterator[tuple[int, list[int], list[bytes], list[int]]]:
    """Yield number of the first record, offsets, payloads and their stated checksums."""
    first, offset, widest = 0, 0, 0
    offsets: list[int] = []
    payloads: list[bytes] = []
    expected: list[int] = []
    while head := stream.read(_HEAD.size):
        number = first + len(payloads)
        if len(head) < _HEAD.size:
            raise _damaged(path, number, offset, "the file ends within its length")
        size, size_crc = _HEAD.unpack(head)
        # A wrong length would make the rest of the file unreadable, so it is checked first.
        if size_crc != _masked_length(size):
            raise _damaged(path, number, offset, "its length has another checksum")
        if size > longest:
            raise _damaged(path, number, offset, f"it has {size} bytes, at most {longest} expected")
        body = stream.read(size + _CRC.size)
        if len(body) < size + _CRC.size:
            raise _damaged(path, number, offset, "the file ends within its payload")
        widest = max(widest, size)
        if payloads and widest * (len(payloads) + 1) > _BATCH_BYTES:
            yield first, offsets, payloads, expected
            first, widest, offsets, payloads, expected = number, size, [], [], []
        offsets.append(offset)
        payloads.append(body[:size])
        expected.append(_CRC.unpack_from(body, size)[0])
        offset += _HEAD.size + len(body)
        if len(payloads) == _BATCH_RECORDS:
            yield first, offsets, payloads, expected
            first, widest, offsets, payloads, expected = number + 1, 0, [], [], []
    yield first, offsets, payloads, expected


def _masked(crcs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the form in which TFRecord stores checksums, so that data may hold checksums too."""
    turned = crcs >> np.uint32(15) | crcs << np.uint32(17)
    return turned + np.uint32(_MASK_DELTA)


@lru_cache(maxsize=4096)
def _masked_length(size: int) -> int:
    crc = np.array([crc32c(struct.pack("<Q", size))], dtype=np.uint32)
    return int(_masked(crc)[0])


def _damaged(path: Path, number: int, offset: int, fault: str) -> RecordError:
    return RecordError(
        f"{path} is damaged at record {number}, byte {offset}: {fault}. Delete the file and fetch "
        "it again"
    )
