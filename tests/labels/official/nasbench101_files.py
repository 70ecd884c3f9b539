"""Writes files in exactly the form of NAS-Bench-101's tfrecords."""

from __future__ import annotations

import base64
import itertools
import json
import struct
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from nascast.io.crc32c import crc32c_of_all


def crc32c(data: bytes) -> int:
    """CRC-32C bit by bit, straight from its polynomial."""
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 * (state & 1))
    return state ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def framed(payloads: Iterable[bytes]) -> bytes:
    parts = []
    for payload in payloads:
        size = struct.pack("<Q", len(payload))
        parts += [size, masked(size), payload, masked(payload)]
    return b"".join(parts)


def varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def evaluation(**values: float) -> bytes:
    numbers = {"epoch": 1, "seconds": 2, "train_acc": 3, "val_acc": 4, "test_acc": 5}
    return b"".join(
        varint(numbers[name] << 3 | 1) + struct.pack("<d", value) for name, value in values.items()
    )


def metrics(evaluations: Sequence[bytes], params: int | None = None) -> str:
    message = b"".join(b"\x0a" + varint(len(part)) + part for part in evaluations)
    if params is not None:
        message += b"\x10" + varint(params)
    # The published file breaks the text into lines.
    return base64.encodebytes(message + b"\x19" + struct.pack("<d", 1234.5)).decode()


def payload(graph_hash: str, epochs: int, matrix: str, operations: str, message: str) -> bytes:
    return json.dumps([graph_hash, epochs, matrix, operations, message]).encode()


def matrix_and_operations(spec: str) -> tuple[str, str]:
    """Digits and names of a spec such as ``maxpool3x3|10.1``."""
    names, rows = spec.split("|")
    vertices = rows.count(".") + 2
    lines = [row.rjust(vertices, "0") for row in rows.split(".")] + ["0" * vertices]
    operations = ["input", *(names.split(",") if names else []), "output"]
    return "".join(lines), ",".join(operations)


def training(
    graph_hash: str,
    spec: str,
    epochs: int = 108,
    params: int | None = None,
    **final: float,
) -> bytes:
    """One record: three evaluations, the last one as given."""
    start, half = evaluation(epoch=0.0, val_acc=0.1), evaluation(epoch=epochs / 2, val_acc=0.5)
    message = metrics([start, half, evaluation(epoch=float(epochs), **final)], params)
    return payload(graph_hash, epochs, *matrix_and_operations(spec), message)


def bulk_framed(payloads: Iterable[bytes]) -> Iterator[bytes]:
    """Like :func:`framed`, thousands at a time, with the library's tested checksum."""
    sizes: dict[int, bytes] = {}
    remaining = iter(payloads)
    while batch := list(itertools.islice(remaining, 8192)):
        crcs = crc32c_of_all(batch).astype(np.uint64)
        masks = (crcs >> 15 | crcs << 17) % 2**32 + 0xA282EAD8
        parts = []
        for payload_, mask in zip(batch, (masks % 2**32).tolist(), strict=True):
            length = len(payload_)
            if length not in sizes:
                size = struct.pack("<Q", length)
                sizes[length] = size + masked(size)
            parts += [sizes[length], payload_, struct.pack("<I", mask)]
        yield b"".join(parts)
