"""Digits: no glyph in two parts, poses and backgrounds vary, the set is fixed by its seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from sklearn.datasets import load_digits

from nascast.images.base import ImageSetError
from nascast.images.digits import glyph_indices, make_digits, place_glyphs


def test_every_glyph_belongs_to_exactly_one_part() -> None:
    parts = [glyph_indices(part) for part in ("train", "validation", "test")]
    together = np.sort(np.concatenate(parts))
    assert np.array_equal(together, np.arange(1797))
    assert len(parts[0]) > len(parts[2]) > len(parts[1]) > 100
    for part in parts:
        assert set(load_digits().target[part]) == set(range(10))


def test_shapes_and_determinism() -> None:
    digits = make_digits(train=1100, validation=30, test=50)
    assert digits.name == "digits"
    assert digits.train_images.shape == (1130, 3, 16, 16)
    small = make_digits(train=20, validation=2, test=5)
    assert torch.equal(small.fit_images, digits.fit_images[:20])
    assert torch.equal(small.test_labels, digits.test_labels[:5])
    assert not torch.equal(make_digits(train=20, test=5, seed=1).fit_images, small.fit_images)


def test_placing_agrees_with_scipy() -> None:
    """The sampling is scipy's order-1 affine transform of the padded glyph."""
    glyph = np.pad(load_digits().images[3] / 16, 1)
    size, scale, angle, centre = 20, 0.7, 0.3, (0.2, -0.1)
    ink = place_glyphs(
        glyph[None].astype(np.float32),
        size,
        np.array([centre], dtype=np.float32),
        np.array([scale], dtype=np.float32),
        np.array([angle], dtype=np.float32),
    )[0]
    # rows and columns of the glyph as an affine function of rows and columns of the image
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = 4 / scale * turn * (2 / size)
    first_pixel = np.array([1 / size - 1 - centre[1], 1 / size - 1 - centre[0]])
    offset = 4 / scale * turn @ first_pixel + 4.5
    expected = ndimage.affine_transform(
        glyph, matrix, offset, output_shape=(size, size), order=1, mode="nearest"
    )
    np.testing.assert_allclose(ink, expected, atol=1e-5)


def test_classes_occur_about_evenly() -> None:
    labels = make_digits(size=8, train=4000, validation=1, test=1).fit_labels
    counts = torch.bincount(labels, minlength=10)
    assert counts.min() > 250
    assert counts.max() < 550


def test_too_small_images_are_refused() -> None:
    with pytest.raises(ImageSetError, match="at least 8 pixels a side, got 7"):
        make_digits(size=7)
