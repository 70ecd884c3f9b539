"""SVHN in exactly the form of its MATLAB files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from nascast.images.base import ImageSetError
from nascast.images.svhn import svhn_from_arrays
from nascast.io.mat import read_mat


def part(rows: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    digits = (np.arange(rows) % 10 + 1).astype(np.uint8)[:, None]
    return {"X": rng.integers(256, size=(32, 32, 3, rows), dtype=np.uint8), "y": digits}


def test_the_files_give_planes_and_digits(tmp_path: Path) -> None:
    train, test = part(20, 0), part(12, 1)
    savemat(tmp_path / "train_32x32.mat", train, do_compression=True)
    savemat(tmp_path / "test_32x32.mat", test, do_compression=True)
    found = [read_mat(tmp_path / f"{name}_32x32.mat", ["X", "y"]) for name in ("train", "test")]
    images = svhn_from_arrays(*found, validation=5, counts=(20, 12))
    assert images.train_images.shape == (20, 3, 32, 32)
    assert images.test_images.is_contiguous()
    assert images.train_images[7, 2, 3, 4] == train["X"][3, 4, 2, 7]
    assert images.train_labels[:11].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert (images.num_classes, images.validation, images.name) == (10, 5, "svhn")
    reds = train["X"][:, :, 0].astype(float) / 255
    assert images.mean[0] == pytest.approx(reds.mean(), abs=1e-9)
    assert images.std[0] == pytest.approx(reds.std(), abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"X": np.zeros((32, 32, 3, 20))}, "X must be uint8 of shape .* got float64"),
        ({"X": np.zeros((20, 32, 32, 3), np.uint8)}, r"got uint8 of \(20, 32, 32, 3\)"),
        ({"y": np.ones((19, 1), np.uint8)}, "expected 20 integer labels"),
        ({"y": np.full((20, 1), 1.5)}, "expected 20 integer labels"),
        ({"y": np.zeros((20, 1), np.uint8)}, r"labels span 0\.\.0, not 1\.\.10"),
        ({"y": np.full((20, 1), 11)}, r"labels span 11\.\.11, not 1\.\.10"),
    ],
)
def test_other_arrays_are_named(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ImageSetError, match=rf"svhn, train_32x32\.mat: .*{fault}"):
        svhn_from_arrays(part(20, 0) | changes, part(12, 1), 5, (20, 12))


def test_missing_images_are_counted() -> None:
    with pytest.raises(ImageSetError, match="20 training and 12 test images, expected 73257"):
        svhn_from_arrays(part(20, 0), part(12, 1))
