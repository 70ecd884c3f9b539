"""Small made scenes with every dense target."""

from __future__ import annotations

import pytest
import torch

from nascast.images.base import ImageSet
from nascast.images.scenes import make_scenes


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def scenes() -> ImageSet:
    return make_scenes("rooms10", size=16, train=40, validation=8, test=12, dense=True)


@pytest.fixture(scope="session")
def large_scenes() -> ImageSet:
    return make_scenes("rooms10", size=32, train=6, validation=2, test=3, dense=True)
