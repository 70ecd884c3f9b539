from __future__ import annotations

import pytest
import torch

from nascast.graphs.axes import Axes, extents


@pytest.mark.parametrize(
    ("shape", "axis", "expected"),
    [
        ((2, 3, 5, 7), 1, (5, 7, 3)),
        ((2, 5, 7, 3), 3, (5, 7, 3)),
        ((2, 7, 3), 2, (1, 7, 3)),
        ((2, 3, 7), 1, (1, 7, 3)),
        ((2, 3), 1, (1, 1, 3)),
        ((2, 3, 4, 5, 7), 1, (20, 7, 3)),
        ((3,), 0, (1, 1, 3)),
        ((), 0, (1, 1, 1)),
    ],
)
def test_extents(shape: tuple[int, ...], axis: int, expected: tuple[int, int, int]) -> None:
    assert extents(torch.empty(shape, device="meta"), axis) == expected


def test_every_axis_of_indices_is_a_position() -> None:
    words = torch.empty(2, 9, dtype=torch.long, device="meta")
    assert extents(words, 1) == (1, 9, 1)
    images = torch.empty(2, 3, 5, 7, dtype=torch.uint8, device="meta")
    assert extents(images, 1) == extents(images > 0, 1) == (5, 7, 3)


def test_unless_more_is_known_channels_follow_the_rank() -> None:
    axes = Axes()
    for shape, axis in (((2, 3, 4, 4), 1), ((2, 3, 4, 4, 4), 1), ((2, 9, 3), 2), ((2, 3), 1)):
        assert axes.axis(torch.empty(shape, device="meta")) == axis
    assert axes.axis(torch.empty((), device="meta")) == 0


def test_views_carry_channels_along() -> None:
    axes = Axes()
    images = torch.empty(1, 6, 4, 5, device="meta")
    axes.put(images, 1)
    assert axes.axis(images.permute(0, 2, 3, 1)) == 3
    assert axes.axis(images.flatten(2)) == 1
    assert axes.axis(images.flatten(2).transpose(1, 2)) == 2
    assert axes.axis(images[:, 2:5]) == 1
    assert axes.extents(images.flatten(2).transpose(1, 2)) == (1, 20, 6)
    vectors = torch.empty(1, 6, device="meta")
    axes.put(vectors, 1)
    assert axes.axis(vectors[:, :, None, None]) == 1


def test_results_have_their_channels_where_the_input_has() -> None:
    axes = Axes()
    signals, result = torch.empty(1, 6, 9, device="meta"), torch.empty(1, 6, 9, device="meta")
    axes.derive(signals, 1, result, "same")
    assert axes.axis(result) == 1
    tokens = torch.empty(1, 9, 6, device="meta")
    axes.derive(signals, 1, tokens, "last")
    assert axes.axis(tokens) == 2
    pooled = torch.empty(1, 6, device="meta")
    axes.derive(signals, 1, pooled, "same")
    assert axes.axis(pooled) == 1
    rows = torch.empty(1, 4, 4, 6, device="meta")
    axes.derive(rows, 3, rows, "last")
    assert axes.axis(rows) == 3
    other = torch.empty(1, 6, 9, device="meta")
    axes.derive(tokens, 2, other, "first")
    assert axes.axis(other) == 1
    copied = torch.empty(1, 9, 6, device="meta")
    axes.copy(result.transpose(1, 2), copied)
    assert axes.axis(copied) == 2
    assert axes.axis(copied.transpose(1, 2)) == 1
