import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.io import savemat

from nascast.io.mat import MatError, read_mat

CONTENT = {"X": np.arange(24, dtype=np.uint8).reshape(2, 3, 4), "y": np.array([[1], [10]])}


@pytest.mark.parametrize("packed", [True, False])
def test_named_arrays_come_back(tmp_path: Path, packed: bool) -> None:
    others = {"other": np.ones(3), "text": "words", "z": np.ones((2, 2)) * 1j, "cell": [{"a": 1}]}
    savemat(tmp_path / "a.mat", others | CONTENT, do_compression=packed)
    found = read_mat(tmp_path / "a.mat", ["X", "y"])
    assert set(found) == {"X", "y"}
    for name, expected in CONTENT.items():
        np.testing.assert_array_equal(found[name], expected)
    assert found["X"].dtype == np.uint8


@given(
    array=arrays.arrays(
        st.sampled_from(["u1", "i2", "i4", "u8", "f4", "f8"]),
        arrays.array_shapes(min_dims=2, max_dims=4, max_side=5),
    ),
    packed=st.booleans(),
)
def test_whatever_scipy_writes(
    array: Any, packed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.mat"
    savemat(path, {"a": array}, do_compression=packed)
    found = read_mat(path, ["a"])["a"]
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def element(kind: int, data: bytes) -> bytes:
    return struct.pack(">2I", kind, len(data)) + data + bytes(-len(data) % 8)


def test_a_big_endian_file_and_numbers_stored_small(tmp_path: Path) -> None:
    """As an old workstation wrote doubles that are small whole numbers."""
    parts = element(6, struct.pack(">2I", 6, 0)) + element(5, struct.pack(">2i", 1, 3))
    name = struct.pack(">2H", 1, 1) + b"a\0\0\0"
    matrix = element(14, parts + name + element(2, bytes([7, 8, 9])))
    head = b"old".ljust(124, b" ") + struct.pack(">H", 0x0100) + b"MI"
    (tmp_path / "a.mat").write_bytes(head + matrix)
    found = read_mat(tmp_path / "a.mat", ["a"])["a"]
    assert found.tolist() == [[7.0, 8.0, 9.0]]
    assert found.dtype == np.float64


def test_missing_and_other_arrays_are_named(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"X": CONTENT["X"], "y": "text"})
    for name in ("y", "z"):
        with pytest.raises(MatError, match=rf"a\.mat has no array of real numbers {name}"):
            read_mat(tmp_path / "a.mat", ["X", name])
    with pytest.raises(MatError, match=r"cannot read .*none\.mat: No such file"):
        read_mat(tmp_path / "none.mat", ["X"])


def test_a_damaged_compressed_array_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, CONTENT, do_compression=True)
    content = path.read_bytes()
    for place in range(136, len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0x20
        path.write_bytes(damaged)
        try:
            found = read_mat(path, ["X", "y"])
        except MatError:
            continue
        np.testing.assert_array_equal(found["X"], CONTENT["X"])


@pytest.mark.parametrize("packed", [True, False])
def test_truncated_files_are_named(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "a.mat"
    savemat(path, CONTENT, do_compression=packed)
    content = path.read_bytes()
    for size in range(0, len(content) - 1, 7):
        path.write_bytes(content[:size])
        with pytest.raises(MatError, match=r"a\.mat"):
            read_mat(path, ["X", "y"])


def test_other_versions_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, CONTENT)
    content = bytearray(path.read_bytes())
    content[124:126] = b"\x00\x02"  # version 7.3 is an HDF5 file
    path.write_bytes(content)
    with pytest.raises(MatError, match="no MATLAB file of version 5"):
        read_mat(path, ["X"])
