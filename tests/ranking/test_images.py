from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nascast.ranking.base import CandidateError, RankingError
from nascast.ranking.images import OwnImages, RandomImages, load_images


@pytest.fixture
def pixels() -> tuple[torch.Tensor, torch.Tensor]:
    """Forty uint8 images of 8 x 8 pixels, the classes 0 to 3 in turn."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (40, 3, 8, 8), generator=generator, dtype=torch.uint8)
    return images, torch.arange(40) % 4


def test_random_batches_depend_on_their_seed_alone() -> None:
    images = RandomImages()
    inputs, labels = images.batch((3, 4, 4), 512, 5, 7)
    again = images.batch((3, 4, 4), 512, 5, 7)
    assert torch.equal(inputs, again[0])
    assert torch.equal(labels, again[1])
    assert not torch.equal(inputs, images.batch((3, 4, 4), 512, 5, 8)[0])
    assert labels.unique().tolist() == [0, 1, 2, 3, 4]
    assert abs(float(inputs.mean())) < 0.05
    assert abs(float(inputs.std()) - 1) < 0.05


def test_whole_numbers_are_those_of_the_example() -> None:
    example = torch.tensor([[3, 5, 3, 9]])
    inputs, _ = RandomImages().batch((4,), 64, 2, 0, example)
    assert inputs.dtype == torch.int64
    assert inputs.shape == (64, 4)
    assert inputs.unique().tolist() == [3, 5, 9]


def test_own_images_are_normalised_and_drawn_once(
    pixels: tuple[torch.Tensor, torch.Tensor],
) -> None:
    images = OwnImages(*pixels, "mine")
    inputs, labels = images.batch((3, 8, 8), 40, 4, 0)
    assert images.classes == 4
    assert sorted(labels.tolist()) == sorted(pixels[1].tolist())
    assert inputs.mean(dim=(0, 2, 3)).abs().max() < 1e-5
    assert (inputs.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-3
    row = int((labels == 2).nonzero()[0])
    raw = pixels[0].float()
    wanted = (raw - raw.mean((0, 2, 3), keepdim=True)) / raw.std((0, 2, 3), keepdim=True)
    assert any(torch.allclose(inputs[row], one, atol=1e-3) for one in wanted[pixels[1] == 2])


def test_own_images_are_resized_but_keep_their_channels(
    pixels: tuple[torch.Tensor, torch.Tensor],
) -> None:
    images = OwnImages(*pixels, "mine")
    assert images.batch((3, 16, 12), 4, 4, 0)[0].shape == (4, 3, 16, 12)
    with pytest.raises(CandidateError, match="reads inputs of 1 x 8 x 8, but mine has 3 x 8 x 8"):
        images.batch((1, 8, 8), 4, 4, 0)


def test_floating_numbers_are_taken_as_they_are() -> None:
    inputs = torch.arange(6.0, dtype=torch.float64).view(3, 2)
    drawn, labels = OwnImages(inputs, torch.tensor([0, 1, 2]), "mine").batch((2,), 3, 3, 0)
    assert torch.equal(drawn, inputs.float()[labels])
    with pytest.raises(CandidateError, match="needs uint8 images"):
        OwnImages(inputs, torch.tensor([0, 1, 2]), "mine").image_set(8)


def test_the_image_set_for_training(pixels: tuple[torch.Tensor, torch.Tensor]) -> None:
    images = OwnImages(*pixels, "mine").image_set(4)
    assert images.size == (4, 4)
    assert images.num_classes == 4
    assert torch.equal(images.fit_labels, pixels[1])


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (torch.zeros(3, 2), torch.zeros(3), "labels must be whole numbers"),
        (torch.zeros(3, 2), torch.zeros(2, dtype=torch.int64), "one for each of the 3 inputs"),
        (torch.zeros(3, 2), torch.tensor([0, -1, 1]), "labels must begin at 0, there is -1"),
        (torch.zeros(3, 2, dtype=torch.int64), torch.zeros(3, dtype=torch.int64), "inputs must be"),
        (torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64), "labels must be whole"),
    ],
)
def test_tensors_of_another_kind_are_refused(
    inputs: torch.Tensor, labels: torch.Tensor, message: str
) -> None:
    with pytest.raises(RankingError, match=message):
        OwnImages(inputs, labels, "mine")


def test_files_of_tensors(tmp_path: Path, pixels: tuple[torch.Tensor, torch.Tensor]) -> None:
    images, labels = pixels
    np.savez(tmp_path / "a.npz", images=images.numpy(), labels=labels.numpy().astype(np.int32))
    np.savez(tmp_path / "b.npz", x=images.numpy(), y=labels.numpy())
    torch.save((images, labels), tmp_path / "a.pt")
    torch.save({"images": images, "labels": labels}, tmp_path / "b.pt")
    for name in ("a.npz", "b.npz", "a.pt", "b.pt"):
        found = load_images(tmp_path / name)
        assert torch.equal(found.inputs, images)
        assert torch.equal(found.labels, labels)
        assert found.description == str(tmp_path / name)


def test_a_folder_has_a_folder_for_each_class(tmp_path: Path) -> None:
    for label, (name, colour) in enumerate([("cat", 10), ("dog", 200)]):
        (tmp_path / name).mkdir()
        for number in range(2 + label):
            Image.new("RGB", (6, 4), (colour, 0, 0)).save(tmp_path / name / f"{number}.png")
    (tmp_path / "dog" / "notes.txt").write_text("no image")
    found = load_images(tmp_path)
    assert found.inputs.shape == (5, 3, 4, 6)
    assert found.labels.tolist() == [0, 0, 1, 1, 1]
    assert found.inputs[:, 0, 0, 0].tolist() == [10, 10, 200, 200, 200]
    assert load_images(tmp_path, (1, 8, 8)).inputs.shape == (5, 1, 8, 8)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none", None, "there are no images at"),
        ("a.txt", b"", "is neither a folder nor"),
        ("a.npz", b"junk", "cannot be read"),
        ("a.pt", b"junk", "is no file of plain tensors"),
    ],
)
def test_other_paths_are_refused(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RankingError, match=message):
        load_images(tmp_path / name)


def test_files_that_hold_something_else(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", other=np.zeros(3))
    with pytest.raises(RankingError, match="must hold images and labels"):
        load_images(tmp_path / "a.npz")
    (tmp_path / "folder" / "cat").mkdir(parents=True)
    with pytest.raises(RankingError, match="has no images"):
        load_images(tmp_path / "folder")
    (tmp_path / "folder" / "cat" / "a.png").write_bytes(b"junk")
    with pytest.raises(RankingError, match="cannot be read as an image"):
        load_images(tmp_path / "folder")
