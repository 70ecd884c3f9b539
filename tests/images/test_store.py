"""Stored image sets come back equal; foreign and damaged files are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from nascast.images.base import ImageSetError
from nascast.images.digits import make_digits
from nascast.images.store import load_image_set, save_image_set


def test_a_set_comes_back_as_it_was(tmp_path: Path) -> None:
    images = make_digits(size=8, train=20, validation=4, test=6)
    path = tmp_path / "digits.safetensors"
    save_image_set(images, path)
    loaded = load_image_set(path)
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        assert torch.equal(getattr(loaded, name), getattr(images, name))
    for name in ("name", "validation", "num_classes", "mean", "std"):
        assert getattr(loaded, name) == getattr(images, name)
    assert [file.name for file in tmp_path.iterdir()] == ["digits.safetensors"]


def test_files_that_hold_no_image_set_are_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not tensors at all")
    foreign = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, foreign)
    for path in (damaged, foreign):
        with pytest.raises(ImageSetError, match=f"{path.name} is not an image set that nascast"):
            load_image_set(path)
