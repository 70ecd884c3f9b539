import hashlib
from pathlib import Path

import pytest

from nascast.io.hashing import hash_file


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_agrees_with_hashlib_around_the_block_size(
    tmp_path: Path, size: int, algorithm: str
) -> None:
    data = bytes(index % 251 for index in range(1024)) * (size // 1024 + 1)
    (tmp_path / "f").write_bytes(data[:size])
    expected = hashlib.new(algorithm, data[:size]).hexdigest()
    assert hash_file(tmp_path / "f", algorithm) == expected


def test_known_value(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert hash_file(tmp_path / "f").startswith("ba7816bf8f01cfea414140de5dae2223")
