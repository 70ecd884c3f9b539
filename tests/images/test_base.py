"""The image set value: checks, normalisation against torchvision's formula, resizing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nascast.images.base import ImageSet, ImageSetError, channel_statistics


def make_set(size: int = 8, train: int = 12, validation: int = 4) -> ImageSet:
    generator = torch.Generator().manual_seed(7)
    pixels = torch.randint(256, (train + 5, 3, size, size), generator=generator, dtype=torch.uint8)
    labels = torch.arange(train + 5) % 3
    return ImageSet(
        name="toy",
        train_images=pixels[:train],
        train_labels=labels[:train],
        test_images=pixels[train:],
        test_labels=labels[train:],
        validation=validation,
        num_classes=3,
        mean=(0.4, 0.5, 0.6),
        std=(0.2, 0.25, 0.3),
        extra={"train_scene": labels[:train]},
    )


def test_validation_part_is_the_tail_that_fit_leaves_out() -> None:
    images = make_set()
    assert torch.equal(images.validation_images, images.train_images[8:])
    assert torch.equal(
        torch.cat([images.fit_images, images.validation_images]), images.train_images
    )
    assert torch.equal(
        torch.cat([images.fit_labels, images.validation_labels]), images.train_labels
    )


def test_without_validation_all_images_fit() -> None:
    images = make_set(validation=0)
    assert len(images.fit_images) == 12
    assert len(images.validation_images) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train_images": torch.zeros(12, 3, 8, 8)}, "train part: images must be uint8"),
        ({"test_images": torch.zeros(5, 1, 8, 8, dtype=torch.uint8)}, r"\(n, 3, H, W\)"),
        ({"test_images": torch.zeros(5, 3, 9, 8, dtype=torch.uint8)}, "both need one shape"),
        ({"train_labels": torch.zeros(11, dtype=torch.int64)}, "labels must be int64"),
        ({"test_labels": torch.full((5,), 3)}, r"labels span 3\.\.3, outside 0\.\.2"),
        ({"test_labels": torch.full((5,), -1)}, r"labels span -1\.\.-1"),
        ({"validation": 12}, "validation=12 must be between 0"),
        ({"std": (0.1, 0.0, 0.1)}, "must be positive"),
        ({"extra": {"scene": torch.zeros(12)}}, "prefix train_ or test_"),
        ({"extra": {"test_scene": torch.zeros(12)}}, "got 12 entries"),
    ],
)
def test_contradictions_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ImageSetError, match=message):
        replace(make_set(), **change)


def test_normalise_equals_the_textbook_formula() -> None:
    images = make_set()
    mean = np.array(images.mean)[:, None, None]
    std = np.array(images.std)[:, None, None]
    expected = (images.train_images.numpy().astype(np.float64) / 255 - mean) / std
    result = images.normalise(images.train_images)
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result.numpy(), expected, atol=2e-6)


def test_channel_statistics_agree_with_numpy() -> None:
    images = make_set(size=13).train_images
    mean, std = channel_statistics(images)
    values = images.numpy().astype(np.float64) / 255
    np.testing.assert_allclose(mean, values.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, values.std(axis=(0, 2, 3)), rtol=1e-12)


def test_resize_agrees_with_pillow() -> None:
    images = make_set(size=32)
    small = images.resize(16)
    assert small.size == (16, 16)
    assert small.extra == {}
    for index in range(3):
        picture = Image.fromarray(images.train_images[index].permute(1, 2, 0).numpy())
        expected = np.asarray(picture.resize((16, 16), Image.Resampling.BILINEAR))
        found = small.train_images[index].permute(1, 2, 0).numpy()
        assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1


def test_resize_to_the_same_size_keeps_the_pixels() -> None:
    images = make_set()
    assert images.resize(8).train_images is images.train_images
    with pytest.raises(ImageSetError, match="cannot resize to 0"):
        images.resize(0)


@given(level=st.integers(0, 255), size=st.integers(1, 12))
def test_resizing_keeps_constant_images_constant(level: int, size: int) -> None:
    images = make_set()
    flat = replace(images, train_images=torch.full_like(images.train_images, level))
    assert (flat.resize(size).train_images == level).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_to_moves_every_tensor_and_changes_none() -> None:
    images = make_set()
    moved = images.to("cuda")
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        assert getattr(moved, name).device.type == "cuda"
        assert torch.equal(getattr(moved, name).cpu(), getattr(images, name))
    assert moved.extra["train_scene"].device.type == "cuda"
    gpu = moved.normalise(moved.train_images).cpu()
    torch.testing.assert_close(gpu, images.normalise(images.train_images))
