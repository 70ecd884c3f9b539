"""Autoencoder and surface normals: targets, absolute error, similarity."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.images.base import ImageSet
from nascast.tasks.autoencoder import Autoencoder
from nascast.tasks.normal import Normal
from nascast.tasks.ssim import ssim
from nascast.tasks.translation import Translation


@pytest.mark.parametrize("task", [Autoencoder(), Normal()], ids=["autoencoder", "normal"])
def test_a_perfect_answer(task: Translation, scenes: ImageSet) -> None:
    targets = task.targets(scenes)[1]
    perfect = task.as_images(targets)
    assert perfect.shape == (12, 3, 16, 16)
    assert -1 <= perfect.min() < -0.5 < 0.5 < perfect.max() <= 1
    assert float(task.loss(perfect, targets)) == 0
    assert task.score(task.tally(perfect, targets), 12) == pytest.approx(1)


@pytest.mark.parametrize("task", [Autoencoder(), Normal()], ids=["autoencoder", "normal"])
def test_loss_and_metric_of_a_wrong_answer(task: Translation, scenes: ImageSet) -> None:
    targets = task.targets(scenes)[1]
    outputs = torch.rand((12, 3, 16, 16), generator=torch.Generator().manual_seed(0)) * 2 - 1
    truth = task.as_images(targets).numpy()
    error = np.abs(outputs.numpy() - truth).mean(dtype=np.float64)
    assert float(task.loss(outputs, targets)) == pytest.approx(error, rel=1e-5)
    assert float(task.loss(outputs, targets, "sum")) == pytest.approx(12 * error, rel=1e-5)
    similar = ssim(outputs / 2 + 0.5, torch.tensor(truth) / 2 + 0.5).mean()
    assert task.score(task.tally(outputs, targets), 12) == pytest.approx(float(similar), rel=1e-4)


def test_the_autoencoder_gives_the_image_back(scenes: ImageSet) -> None:
    train, _ = Autoencoder().targets(scenes)
    assert torch.equal(train, scenes.train_images)
    ends = Autoencoder().as_images(torch.tensor([0, 255], dtype=torch.uint8))
    assert ends.tolist() == [-1, 1]


def test_normals_are_unit_vectors(scenes: ImageSet) -> None:
    lengths = Normal().as_images(Normal().targets(scenes)[0]).norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), rtol=0, atol=2e-3)
