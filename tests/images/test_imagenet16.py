"""ImageNet16-120 in exactly the form of its pickled batches."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nascast.images.base import ImageSetError
from nascast.images.imagenet16 import TEST_FILE, TRAIN_FILES, imagenet16_from_batches
from nascast.io.inert_values import BENCHMARK_GLOBALS
from nascast.io.unpickle import UnsafePickleError, load_pickle

ROWS = 30


def batch(number: int) -> dict[str, Any]:
    """Every third image is of one of the 120 classes."""
    rng = np.random.default_rng(number)
    labels = [1 + i % 120 if i % 3 == 0 else 121 + i for i in range(ROWS)]
    data = rng.integers(256, size=(ROWS, 768), dtype=np.uint8)
    return {"data": data, "labels": labels, "mean": rng.random(768)}


def write(folder: Path) -> Path:
    for number, name in enumerate((*TRAIN_FILES, TEST_FILE)):
        (folder / name).write_bytes(pickle.dumps(batch(number), protocol=2))
    return folder


def batches(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in folder.iterdir():
        yield path.name, load_pickle(path, BENCHMARK_GLOBALS, "latin1")


def test_the_first_120_classes_are_kept_in_order(tmp_path: Path) -> None:
    images = imagenet16_from_batches(batches(write(tmp_path)), 10, (100, 10))
    assert images.train_images.shape == (100, 3, 16, 16)
    second = batch(1)
    assert images.train_images[11, 1, 2, 3] == second["data"][3, 256 + 2 * 16 + 3]
    assert images.train_labels[:10].tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    assert images.test_images[0, 0, 0, 0] == batch(10)["data"][0, 0]
    assert (images.num_classes, images.name) == (120, "imagenet16-120")
    assert images.mean == pytest.approx((0.48110, 0.45749, 0.40788), abs=1e-5)


def test_missing_batches_and_images_are_named(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(ImageSetError, match=r"have 100 training and 10 test .* expected 151700"):
        imagenet16_from_batches(batches(tmp_path))
    (tmp_path / "train_data_batch_4").unlink()
    with pytest.raises(ImageSetError, match="imagenet16-120: lacks train_data_batch_4; fetch"):
        imagenet16_from_batches(batches(tmp_path))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([1], "needs a dictionary"),
        ({"data": 1}, "needs a dictionary"),
        (batch(0) | {"data": np.zeros((ROWS, 3072), np.uint8)}, "images of another size"),
        (batch(0) | {"data": np.zeros((ROWS, 768))}, "must be uint8"),
        (batch(0) | {"labels": [1] * 7}, "expected 30 integer labels"),
        (batch(0) | {"labels": [0.5] * ROWS}, "expected 30 integer labels"),
        (batch(0) | {"labels": [0] * ROWS}, r"labels span 0\.\.0, not 1\.\.1000"),
    ],
)
def test_other_batches_are_named(content: Any, fault: str) -> None:
    with pytest.raises(ImageSetError, match=rf"imagenet16-120, val_data: .*{fault}"):
        imagenet16_from_batches([("val_data", content)])


def test_a_malicious_batch_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "ran",)

    write(tmp_path)
    (tmp_path / "val_data").write_bytes(pickle.dumps({"data": Evil()}))
    with pytest.raises(UnsafePickleError, match="val_data is refused"):
        imagenet16_from_batches(batches(tmp_path))
    assert not (tmp_path / "ran").exists()
