"""Segmentation: intersection over union worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.tasks.segmentsemantic import SEGMENTS, SegmentSemantic

TASK = SegmentSemantic()
# Two images of two by two pixels.
TRUTH = torch.tensor([[[0, 0], [1, 1]], [[1, 1], [4, 4]]], dtype=torch.uint8)
ANSWER = torch.tensor([[[0, 1], [1, 1]], [[1, 0], [4, 7]]])


def logits(answer: torch.Tensor, height: float = 5.0) -> torch.Tensor:
    return height * functional.one_hot(answer, SEGMENTS).permute(0, 3, 1, 2).float()


def test_mean_intersection_over_union_by_hand() -> None:
    """Class 0: 1 of 3, class 1: 3 of 5, class 4: 1 of 2, class 7: 0 of 1; no other occurs."""
    tally = TASK.tally(logits(ANSWER), TRUTH)
    assert int(tally.sum()) == 8
    assert (int(tally[0, 1]), int(tally[1, 1]), int(tally[4, 7])) == (1, 3, 1)
    assert TASK.score(tally, 2) == pytest.approx((1 / 3 + 3 / 5 + 1 / 2 + 0) / 4)


def test_images_are_counted_together() -> None:
    parts = [TASK.tally(logits(ANSWER[k : k + 1]), TRUTH[k : k + 1]) for k in range(2)]
    means = [TASK.score(part, 1) for part in parts]
    # (1/2 + 2/3) / 2 and (0 + 1/2 + 1/2 + 0) / 4
    assert means == pytest.approx([7 / 12, 1 / 4])
    assert TASK.score(parts[0] + parts[1], 2) == pytest.approx(43 / 120)


def test_a_perfect_answer_and_a_guess() -> None:
    perfect = logits(TRUTH.long())
    assert TASK.score(TASK.tally(perfect, TRUTH), 2) == 1
    loss, miou = TASK.guess(TRUTH, 10)
    assert loss == pytest.approx(math.log(16))
    # Class 0 everywhere: 2 of 8 pixels; classes 1 and 4 are missed.
    assert miou == pytest.approx((2 / 8 + 0 + 0) / 3)


def test_the_loss_is_a_mean_over_pixels() -> None:
    right, wrong = math.log(math.exp(5) + 15) - 5, math.log(math.exp(5) + 15)
    expected = (5 * right + 3 * wrong) / 8
    assert float(TASK.loss(logits(ANSWER), TRUTH)) == pytest.approx(expected, rel=1e-5)
    assert float(TASK.loss(logits(ANSWER), TRUTH, "sum")) == pytest.approx(2 * expected, rel=1e-5)


def test_every_class_of_the_scenes_has_an_output(scenes: ImageSet) -> None:
    train, _ = TASK.targets(scenes)
    assert int(train.max()) < TASK.outputs(10) == 16
    assert train.shape == (48, 16, 16)
