from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from nascast.io.mat import MatError, read_mat

CONTENT = {"X": np.arange(24, dtype=np.uint8).reshape(2, 3, 4), "y": np.array([[1], [10]])}


@pytest.mark.parametrize("packed", [True, False])
def test_named_arrays_come_back(tmp_path: Path, packed: bool) -> None:
    savemat(tmp_path / "a.mat", CONTENT | {"other": np.ones(3)}, do_compression=packed)
    found = read_mat(tmp_path / "a.mat", ["X", "y"])
    assert list(found) == ["X", "y"]
    for name, expected in CONTENT.items():
        np.testing.assert_array_equal(found[name], expected)
    assert found["X"].dtype == np.uint8


def test_missing_and_other_arrays_are_named(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"X": CONTENT["X"], "y": "text"})
    for name in ("y", "z"):
        with pytest.raises(MatError, match=rf"a\.mat has no array of numbers {name}"):
            read_mat(tmp_path / "a.mat", ["X", name])
    with pytest.raises(MatError, match=r"cannot read .*none\.mat: No such file"):
        read_mat(tmp_path / "none.mat", ["X"])


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
