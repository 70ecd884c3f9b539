"""Hashes of files, computed in a stream so that size does not matter."""

from __future__ import annotations

import hashlib
from pathlib import Path

_BLOCK_BYTES = 1 << 20


def hash_file(path: Path, algorithm: str = "sha256") -> str:
    """Return the hexadecimal hash of a file's contents; raises OSError if it cannot be read."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with Path(path).open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
