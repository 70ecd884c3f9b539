"""The jigsaw: which pixels a piece shows, and in which order the pieces stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from nascast.images.base import ImageSet
from nascast.tasks.errors import TaskError
from nascast.tasks.jigsaw import Jigsaw, cut, piece_side, visible_side
from nascast.tasks.permutations import permutation_set


def ninths(side: int) -> ImageSet:
    """Images whose ninths have one grey value each, 0 to 240 in reading order."""
    cell = side // 3
    values = torch.arange(9, dtype=torch.uint8).view(3, 3) * 30
    grey = values.repeat_interleave(cell, 0).repeat_interleave(cell, 1)
    images = grey.expand(30, 3, 3 * cell, 3 * cell).contiguous()
    labels = torch.zeros(30, dtype=torch.int64)
    # Normalising with this mean and deviation gives the number of the ninth.
    scale = (30 / 255,) * 3
    return ImageSet("ninths", images, labels, images, labels, 2, 1, (0.0,) * 3, scale)


@pytest.mark.parametrize("side", [15, 30, 48])
def test_piece_k_is_what_the_permutation_puts_there(side: int) -> None:
    task = Jigsaw(permutations=12)
    images = ninths(side)
    targets = torch.arange(30) % 12
    pieces = task.inputs(images, images.train_images, targets)
    assert pieces.shape == (30, 9, 3, piece_side(side), piece_side(side))
    shown = pieces.mean(dim=(2, 3, 4))
    expected = torch.tensor(permutation_set(12))[targets].float()
    torch.testing.assert_close(shown, expected, rtol=0, atol=1e-4)
    assert pieces.std(dim=(2, 3, 4)).max() < 1e-4


def test_pieces_are_the_middles_of_the_ninths() -> None:
    images = torch.arange(32 * 32).view(1, 1, 32, 32)
    pieces = cut(images)
    assert pieces.shape == (1, 9, 1, 8, 8)
    # One pixel of border, ninths of ten pixels, of which the middle eight are seen.
    assert torch.equal(pieces[0, 0, 0], images[0, 0, 2:10, 2:10])
    assert torch.equal(pieces[0, 5, 0], images[0, 0, 12:20, 22:30])


@pytest.mark.parametrize(
    ("side", "visible", "read"), [(12, 3, 8), (16, 4, 8), (32, 8, 8), (48, 12, 16), (255, 68, 72)]
)
def test_sides_of_pieces(side: int, visible: int, read: int) -> None:
    assert (visible_side(side), piece_side(side)) == (visible, read)


def test_images_that_are_too_small_are_refused() -> None:
    with pytest.raises(TaskError, match="at least 12 pixels a side, got 11"):
        piece_side(11)


def test_each_image_has_its_permutation_for_good(scenes: ImageSet) -> None:
    train, test = Jigsaw(6).targets(scenes)
    assert set(train.tolist()) == set(range(6))
    assert not torch.equal(train[: len(test)], test)
    renamed = Jigsaw(6).targets(replace(scenes, name="other"))[0]
    assert not torch.equal(train, renamed)
    assert Jigsaw(6).guess(test, 10)[1] == pytest.approx(1 / 6)
