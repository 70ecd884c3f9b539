from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from nascast.images.base import ImageSet


@pytest.fixture(scope="session")
def images() -> ImageSet:
    """80 learnable images of 8 x 8 pixels in four classes: a class is a brighter quarter."""
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=112)
    pixels = rng.integers(0, 120, size=(112, 3, 8, 8))
    for image, label in zip(pixels, labels, strict=True):
        row, column = 4 * (label // 2), 4 * (label % 2)
        image[:, row : row + 4, column : column + 4] += 120
    tensor, targets = torch.from_numpy(pixels).to(torch.uint8), torch.from_numpy(labels)
    return ImageSet(
        name="quarters",
        train_images=tensor[:96],
        train_labels=targets[:96],
        test_images=tensor[96:],
        test_labels=targets[96:],
        validation=16,
        num_classes=4,
        mean=(0.35, 0.35, 0.35),
        std=(0.25, 0.25, 0.25),
    )


@pytest.fixture
def without_cuda_sync() -> Iterator[Callable[[], None]]:
    """Call it to make every later wait of the host for the CUDA device an error in this test."""
    yield lambda: torch.cuda.set_sync_debug_mode("error")
    torch.cuda.set_sync_debug_mode("default")
