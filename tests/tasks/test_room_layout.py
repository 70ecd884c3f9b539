"""Room layout: standardised targets, the squared error and its negative."""

from __future__ import annotations

import pytest
import torch

from nascast.images.base import ImageSet
from nascast.tasks.room_layout import RoomLayout


def test_targets_are_standardised_over_what_is_trained_on(scenes: ImageSet) -> None:
    train, test = RoomLayout().targets(scenes)
    assert (train.shape, test.shape) == ((48, 6), (12, 6))
    fit = train[:40].double()
    torch.testing.assert_close(fit.mean(dim=0), torch.zeros(6).double(), rtol=0, atol=1e-5)
    torch.testing.assert_close(fit.square().mean(dim=0), torch.ones(6).double(), atol=1e-4, rtol=0)
    # Both parts are moved alike: differences keep their proportion.
    raw = scenes.extra["train_layout"], scenes.extra["test_layout"]
    std = raw[0][:40].std(dim=0, correction=0)
    torch.testing.assert_close((test[0] - train[0]) * std, raw[1][0] - raw[0][0])


def test_loss_and_metric_by_hand() -> None:
    task = RoomLayout()
    outputs = torch.tensor([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3.0]])
    targets = torch.tensor([[0.0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0.0]])
    assert float(task.loss(outputs, targets)) == pytest.approx((5 / 6 + 9 / 6) / 2)
    assert float(task.loss(outputs, targets, "sum")) == pytest.approx(5 / 6 + 9 / 6)
    assert task.score(task.tally(outputs, targets), 2) == pytest.approx(-(5 / 6 + 9 / 6) / 2)


def test_guessing_the_mean_has_loss_one(scenes: ImageSet) -> None:
    fit = RoomLayout().targets(scenes)[0][:40]
    assert RoomLayout().guess(fit, 10) == pytest.approx((1, -1), rel=1e-5)
