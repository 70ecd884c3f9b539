"""Assembly of made sets: parts, counts across block borders, seeds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.images.base import ImageSet, ImageSetError, channel_statistics
from nascast.images.scenes_blocks import BLOCK, Block, assemble, to_bytes, uniform


def render(part: str, rng: np.random.Generator, count: int) -> Block:
    pixels = rng.integers(256, size=(BLOCK, 3, 2, 2), dtype=np.uint8)[:count]
    return {"images": pixels, "labels": rng.integers(4, size=BLOCK), "depth": np.arange(BLOCK)}


def make(train: int, validation: int = 3, test: int = 5, seed: int = 0) -> ImageSet:
    counts = {"train": train, "validation": validation, "test": test}
    return assemble("toy", 4, counts, ("toy", seed), render)


def test_larger_parts_begin_with_smaller_ones_across_blocks() -> None:
    large, small = make(BLOCK + 10), make(BLOCK - 1)
    assert len(large.fit_images) == BLOCK + 10
    assert torch.equal(large.fit_images[: BLOCK - 1], small.fit_images)
    assert torch.equal(large.fit_labels[: BLOCK - 1], small.fit_labels)
    assert torch.equal(large.validation_images, small.validation_images)
    assert not torch.equal(large.fit_images[:10], large.fit_images[BLOCK:])


def test_parts_and_seeds_have_their_own_streams() -> None:
    images = make(5, 5, 5)
    assert not torch.equal(images.fit_images, images.validation_images)
    assert not torch.equal(images.fit_images, images.test_images)
    assert not torch.equal(images.fit_images, make(5, 5, 5, seed=1).fit_images)


def test_dense_targets_and_statistics_follow_the_images() -> None:
    images = make(7)
    assert set(images.extra) == {"train_depth", "test_depth"}
    assert images.extra["train_depth"].tolist() == [*range(7), *range(3)]
    assert (images.mean, images.std) == channel_statistics(images.train_images)


def test_empty_parts_are_refused_before_anything_is_rendered() -> None:
    with pytest.raises(ImageSetError, match="toy: the validation part needs at least one image"):
        assemble("toy", 4, {"train": 1, "validation": 0, "test": 1}, ("toy",), lambda *_: {})


def test_uniform_stays_in_its_range() -> None:
    values = uniform(np.random.default_rng(0), -0.5, 2.0, 3)
    assert values.shape == (BLOCK, 3)
    assert values.dtype == np.float32
    assert values.min() >= -0.5
    assert values.max() < 2.0
    assert values.mean() == pytest.approx(0.75, abs=0.05)


def test_bytes_are_clipped_and_channel_first() -> None:
    colour = np.zeros((1, 2, 2, 3), dtype=np.float32)
    colour[0, 0, 1] = [-0.2, 0.5, 1.3]
    pixels = to_bytes(colour)
    assert pixels.shape == (1, 3, 2, 2)
    assert pixels[0, :, 0, 1].tolist() == [0, 128, 255]
