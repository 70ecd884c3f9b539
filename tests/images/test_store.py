"""Stored image sets come back equal; foreign and damaged files are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from nascast.images.base import ImageSetError
from nascast.images.digits import make_digits
from nascast.images.scenes import make_scenes
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


def test_dense_targets_are_kept_and_read_when_asked_for(tmp_path: Path) -> None:
    counts = {"size": 8, "train": 10, "validation": 4, "test": 6}
    dense = make_scenes("rooms10", **counts, dense=True)
    save_image_set(dense, tmp_path / "dense")
    save_image_set(make_scenes("rooms10", **counts), tmp_path / "plain")
    assert load_image_set(tmp_path / "dense").extra == {}
    loaded = load_image_set(tmp_path / "dense", ["normals", "scene"])
    assert set(loaded.extra) == {"train_normals", "test_normals", "train_scene", "test_scene"}
    for name, target in loaded.extra.items():
        assert torch.equal(target, dense.extra[name])
        assert target.dtype == dense.extra[name].dtype
    assert loaded.name == "rooms10"
    with pytest.raises(ImageSetError, match="plain has no dense targets train_layout, test_layout"):
        load_image_set(tmp_path / "plain", ["layout"])


def test_a_set_without_dense_targets_has_the_file_it_always_had(tmp_path: Path) -> None:
    images = make_digits(size=8, train=20, validation=4, test=6)
    save_image_set(images, tmp_path / "digits")
    with safe_open(tmp_path / "digits", framework="pt") as content:
        assert set(content.keys()) == {
            "train_images", "train_labels", "test_images", "test_labels",
        }  # fmt: skip
        assert set(content.metadata()) == {"image_set", "provenance"}


def test_files_that_hold_no_image_set_are_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not tensors at all")
    foreign = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, foreign)
    for path in (damaged, foreign):
        with pytest.raises(ImageSetError, match=f"{path.name} is not an image set that nascast"):
            load_image_set(path)
