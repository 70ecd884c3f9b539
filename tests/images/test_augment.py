"""Batched augmentation against a loop over single images."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.images.augment import Augmentation, augmentation_for, flip_and_crop
from nascast.images.base import ImageSet


def reference(image: np.ndarray, flip: bool, top: int, left: int, padding: int) -> np.ndarray:
    """One image the slow way: mirror, pad with black, cut."""
    if flip:
        image = image[:, :, ::-1]
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    return padded[:, top : top + image.shape[1], left : left + image.shape[2]]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    count=st.integers(1, 6),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    padding=st.integers(0, 4),
)
def test_batch_equals_the_loop(
    seed: int, count: int, height: int, width: int, padding: int
) -> None:
    rng = np.random.default_rng(seed)
    images = rng.integers(256, size=(count, 3, height, width), dtype=np.uint8)
    flips = rng.random(count) < 0.5
    offsets = rng.integers(2 * padding + 1, size=(2, count))
    result = flip_and_crop(
        torch.from_numpy(images), torch.from_numpy(flips), torch.from_numpy(offsets), padding
    )
    for index in range(count):
        expected = reference(images[index], flips[index], *offsets[:, index], padding)
        assert np.array_equal(result[index].numpy(), expected)


def toy_set() -> ImageSet:
    pixels = torch.randint(1, 256, (4000, 3, 6, 6), dtype=torch.uint8)
    labels = torch.zeros(4000, dtype=torch.int64)
    return ImageSet("toy", pixels, labels, pixels, labels, 0, 1, (0.5, 0.5, 0.5), (0.2, 0.2, 0.2))


def test_draws_cover_flips_and_every_offset_evenly() -> None:
    images = toy_set()
    augmentation = Augmentation(flip=True, padding=1, normalise=False)
    batch = torch.zeros_like(images.train_images)
    batch[:, :, 2, 1] = 255
    result = augmentation(images, batch, torch.Generator().manual_seed(1))
    assert result.max() == 1
    positions = result[:, 0].flatten(1).argmax(dim=1)
    counts = torch.bincount(positions, minlength=36)
    landed = counts[counts > 0]
    # 2 mirror images x 3 x 3 offsets, without overlap; 4,000 / 18 each, sd 14.5
    assert len(landed) == 18
    assert ((landed - 4000 / 18).abs() < 75).all()


def test_same_generator_state_same_batch() -> None:
    images = toy_set()
    augmentation = augmentation_for("cifar10", 32)
    batch = images.train_images[:50]
    first = augmentation(images, batch, torch.Generator().manual_seed(3))
    again = augmentation(images, batch, torch.Generator().manual_seed(3))
    other = augmentation(images, batch, torch.Generator().manual_seed(4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_nothing_random_is_plain_preparation() -> None:
    images = toy_set()
    batch = images.train_images[:50]
    still = Augmentation(flip=False, padding=0, normalise=True)
    generator = torch.Generator().manual_seed(0)
    assert torch.equal(still(images, batch, generator), images.normalise(batch))


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("cifar10", 32, Augmentation(True, 4, True)),
        ("cifar100", 16, Augmentation(True, 2, True)),
        ("imagenet16-120", 16, Augmentation(True, 2, False)),
        ("scenes10", 16, Augmentation(True, 2, True)),
        ("digits", 16, Augmentation(False, 2, True)),
    ],
)
def test_published_augmentations(name: str, size: int, expected: Augmentation) -> None:
    assert augmentation_for(name, size) == expected


def test_negative_padding_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        Augmentation(True, -1, True)
