"""Packed Parquet image sets: decoding, and errors that name the row."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from nascast.images.base import ImageSetError, channel_statistics
from nascast.images.cifar import CIFAR
from nascast.images.packed import decode, read_packed

MIRROR = os.environ.get("NASCAST_MIRROR", "")


def encode(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format=kind)
    return stream.getvalue()


def pictures(count: int = 6, size: int = 8) -> np.ndarray:
    return np.random.default_rng(2).integers(256, size=(count, size, size, 3), dtype=np.uint8)


def packed(splits: list[str], labels: list[int] | None = None) -> pa.Table:
    images = pictures(len(splits))
    return pa.table(
        {
            "split": splits,
            "label": pa.array(labels or [0, 1, 2] * 2, pa.int16()),
            "jpeg": pa.array([encode(image) for image in images], pa.binary()),
        }
    )


def test_rows_go_to_their_split_with_their_labels() -> None:
    table = packed(["train", "test", "train", "train", "test", "train"])
    images = read_packed(table, "own", validation=1)
    expected = pictures().transpose(0, 3, 1, 2)
    assert np.array_equal(images.test_images.numpy(), expected[[1, 4]])
    assert images.test_labels.tolist() == [1, 1]
    rows = [
        int(np.flatnonzero((expected == image).all((1, 2, 3)))[0])
        for image in images.train_images.numpy()
    ]
    assert sorted(rows) == [0, 2, 3, 5]
    assert images.train_labels.tolist() == [row % 3 for row in rows]
    assert images.num_classes == 3
    assert images.validation == 1
    assert (images.mean, images.std) == channel_statistics(images.train_images)


def test_files_in_class_order_hold_out_every_class() -> None:
    images = pa.array([encode(pictures(1)[0])] * 301, pa.binary())
    labels = pa.array([k // 100 for k in range(300)] + [0], pa.int16())
    table = pa.table({"split": ["train"] * 300 + ["test"], "label": labels, "jpeg": images})
    held_out = read_packed(table, "own", validation=60).validation_labels
    again = read_packed(table, "own", validation=60).validation_labels
    assert torch.bincount(held_out).min() >= 10
    assert torch.equal(held_out, again)


def test_known_sets_get_their_published_normalisation() -> None:
    table = packed(["train"] * 5 + ["test"])
    images = read_packed(table, "cifar10", num_classes=10, validation=1)
    assert images.mean == CIFAR["cifar10"].mean
    assert images.num_classes == 10


def test_jpeg_comes_out_near_its_pixels() -> None:
    smooth = np.broadcast_to(np.arange(0, 256, 8, dtype=np.uint8)[None, :, None], (32, 32, 3))
    decoded = decode([encode(np.ascontiguousarray(smooth), "JPEG")], "own")
    assert decoded.shape == (1, 3, 32, 32)
    assert decoded.is_contiguous()
    difference = decoded[0].permute(1, 2, 0).numpy().astype(int) - smooth
    assert np.abs(difference).max() < 12


def test_wrong_tables_are_named() -> None:
    table = packed(["train"] * 5 + ["test"])
    with pytest.raises(ImageSetError, match=r"lack the columns \['label'\]"):
        read_packed(table.drop_columns("label"), "own")
    with pytest.raises(ImageSetError, match="unknown split 'valid'"):
        read_packed(packed(["train"] * 5 + ["valid"]), "own")
    with pytest.raises(ImageSetError, match="no row of split 'test'"):
        read_packed(packed(["train"] * 6), "own")
    with pytest.raises(ImageSetError, match="labels must be integers"):
        read_packed(table.set_column(1, "label", [["a"] * 6]), "own")
    with pytest.raises(ImageSetError, match=r"labels span -1\.\.-1|labels span -1\.\."):
        read_packed(packed(["train"] * 5 + ["test"], [-1, 0, 0, 0, 0, 0]), "own", validation=1)


def test_undecodable_rows_are_named() -> None:
    good = encode(pictures()[0])
    with pytest.raises(ImageSetError, match="own: image 1 cannot be decoded"):
        decode([good, good[:20]], "own")
    with pytest.raises(ImageSetError, match="own: image 1 cannot be decoded"):
        decode([good, None], "own")
    with pytest.raises(ImageSetError, match="image 1 is 4 x 4 pixels, the first one 8 x 8"):
        decode([good, encode(pictures(1, 4)[0])], "own")
    with pytest.raises(ImageSetError, match="no images"):
        decode([], "own")


@pytest.mark.skipif(
    not (MIRROR and Path(MIRROR, "cifar10_jpeg.parquet").is_file()),
    reason="NASCAST_MIRROR is unset or holds no cifar10_jpeg.parquet",
)
def test_real_cifar10_sample() -> None:
    """The first rows of each split: shapes, label range, and channel means near the published."""
    table = pq.read_table(Path(MIRROR, "cifar10_jpeg.parquet"))
    splits = np.asarray(table["split"].to_pylist())
    train, test = np.flatnonzero(splits == "train"), np.flatnonzero(splits == "test")
    assert (len(train), len(test)) == (50_000, 10_000)
    sample = table.take(np.concatenate([train[::50], test[::100]]))
    images = read_packed(sample, "cifar10", num_classes=10, validation=100)
    assert images.size == (32, 32)
    assert torch.bincount(images.train_labels, minlength=10).min() > 50
    mean, std = channel_statistics(images.train_images)
    np.testing.assert_allclose(mean, images.mean, atol=0.02)
    np.testing.assert_allclose(std, images.std, atol=0.02)
