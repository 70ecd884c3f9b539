"""Real handwritten digits on cluttered backgrounds: stands for SVHN where nothing is downloaded.

The glyphs are the 1,797 digits of 8 x 8 pixels that ship with scikit-learn (UCI's "Optical
Recognition of Handwritten Digits", Alpaydin & Kaynak 1998). No glyph is in two parts of the set.
As in street numbers, the digit is tinted, scaled, turned and shifted, and pieces of other digits
stand around it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from nascast.images.base import ImageSet, ImageSetError
from nascast.images.scenes_blocks import BLOCK, Block, assemble, to_bytes, uniform
from nascast.images.scenes_render import pixel_grid
from nascast.images.scenes_shapes import Field
from nascast.seeds import derive_seed

_GLYPH_SIZE = 8
_FRAGMENTS = 3
_NOISE = np.float32(0.2)
# Tenths of the glyphs: seven train, one validates, two test.
_PART_OF_TENTH = ("train",) * 7 + ("validation",) + ("test",) * 2


def make_digits(
    size: int = 16, train: int = 16384, validation: int = 1024, test: int = 4096, seed: int = 0
) -> ImageSet:
    """Make the ``digits`` set: 10 classes, RGB.

    Args:
        size: height and width in pixels.
        train: number of training images besides the validation part.
        validation: number of validation images.
        test: number of test images.
        seed: which of the endlessly many sets of this kind.

    Raises:
        ImageSetError: if the size is below 8 pixels, where glyphs cannot be told apart.
    """
    if size < _GLYPH_SIZE:
        raise ImageSetError(f"digits: need at least {_GLYPH_SIZE} pixels a side, got {size}")
    glyphs, labels = _load_glyphs()
    members = {part: glyph_indices(part) for part in ("train", "validation", "test")}

    def render(part: str, rng: np.random.Generator, count: int) -> Block:
        return _render_block(glyphs, labels, members[part], size, rng)

    counts = {"train": train, "validation": validation, "test": test}
    return assemble("digits", 10, counts, ("digits", seed), render)


def glyph_indices(part: str) -> NDArray[np.int64]:
    """Return which of scikit-learn's glyphs belong to a part; each belongs to one for good."""
    tenths = [derive_seed("digit-glyph", index) % 10 for index in range(len(_load_glyphs()[1]))]
    return np.flatnonzero([_PART_OF_TENTH[tenth] == part for tenth in tenths])


def _load_glyphs() -> tuple[Field, NDArray[np.int64]]:
    digits = load_digits()
    ink = (digits.images / 16).astype(np.float32)
    # A border of blank pixels lets sampling outside a glyph clamp to it.
    return np.pad(ink, ((0, 0), (1, 1), (1, 1))), digits.target.astype(np.int64)


def _render_block(
    glyphs: Field,
    labels: NDArray[np.int64],
    members: NDArray[np.int64],
    size: int,
    rng: np.random.Generator,
) -> Block:
    colour = _smooth_background(rng, size)
    for _ in range(_FRAGMENTS):
        fragment = members[rng.integers(len(members), size=BLOCK)]
        angle = uniform(rng, -3.1416, 3.1416)
        distance = uniform(rng, 0.7, 1.1)
        centre = np.stack([np.cos(angle) * distance, np.sin(angle) * distance], axis=1)
        ink = place_glyphs(glyphs[fragment], size, centre, uniform(rng, 0.4, 0.7), angle)
        ink *= uniform(rng, 0.25, 0.55)[:, None, None]
        _tint(colour, ink, uniform(rng, 0.2, 1, 3))
    chosen = members[rng.integers(len(members), size=BLOCK)]
    centre = uniform(rng, -0.3, 0.3, 2)
    ink = place_glyphs(
        glyphs[chosen], size, centre, uniform(rng, 0.55, 0.95), uniform(rng, -0.4, 0.4)
    )
    tint = uniform(rng, 0.3, 1, 3)
    tint /= tint.max(axis=1, keepdims=True)
    _tint(colour, ink, tint)
    colour += rng.standard_normal(colour.shape, dtype=np.float32) * _NOISE
    return {"images": to_bytes(colour), "labels": labels[chosen]}


def _smooth_background(rng: np.random.Generator, size: int) -> Field:
    """Interpolate a random colour at 3 x 3 points over the image, (BLOCK, size, size, 3)."""
    points = uniform(rng, 0.05, 0.6, 3, 3, 3)
    position = np.linspace(0, 2, size, dtype=np.float32)[:, None]
    weights = np.maximum(0, 1 - np.abs(position - np.arange(3, dtype=np.float32)))
    background: Field = np.einsum("hi,nijc,wj->nhwc", weights, points, weights, optimize=True)
    return np.ascontiguousarray(background)


def place_glyphs(glyphs: Field, size: int, centre: Field, scale: Field, rotation: Field) -> Field:
    """Sample each padded glyph bilinearly at its own pose: ink in [0, 1], (n, size, size)."""
    x, y = pixel_grid(size)
    dx = (x - centre[:, 0, None, None]) / scale[:, None, None]
    dy = (y - centre[:, 1, None, None]) / scale[:, None, None]
    cosine, sine = np.cos(rotation)[:, None, None], np.sin(rotation)[:, None, None]
    last = np.float32(_GLYPH_SIZE + 1)
    half = np.float32(_GLYPH_SIZE / 2)
    column = np.clip((cosine * dx + sine * dy + 1) * half + np.float32(0.5), 0, last)
    row = np.clip((cosine * dy - sine * dx + 1) * half + np.float32(0.5), 0, last)
    left, top = np.minimum(column.astype(np.int64), 8), np.minimum(row.astype(np.int64), 8)
    across, down = column - left.astype(np.float32), row - top.astype(np.float32)
    image = np.arange(len(glyphs))[:, None, None]
    upper = glyphs[image, top, left] * (1 - across) + glyphs[image, top, left + 1] * across
    lower = glyphs[image, top + 1, left] * (1 - across) + glyphs[image, top + 1, left + 1] * across
    ink: Field = upper * (1 - down) + lower * down
    return ink


def _tint(colour: Field, ink: Field, tint: Field) -> None:
    colour += ink[..., None] * (tint[:, None, None, :] - colour)
