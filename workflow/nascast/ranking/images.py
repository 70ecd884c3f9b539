"""Mini-batches for candidates: random images, or the user's own folder or tensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet, channel_statistics
from nascast.images.batches import image_order
from nascast.ranking.base import CandidateError, RankingError, Shape
from nascast.seeds import derive_seed

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".tif", ".tiff")
MOST_IMAGES = 20_000
"""A larger folder is sampled, so that it fits into memory."""
_KEYS = (("images", "labels"), ("x", "y"))


class Images(ABC):
    """Where mini-batches come from.

    Attributes:
        description: for the reader of a ranking.
        classes: how many classes the labels tell apart; None where any number will do.
    """

    description: str
    classes: int | None = None

    @abstractmethod
    def batch(
        self, shape: Shape, size: int, classes: int, seed: int, example: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return inputs ``(size, *shape)`` and labels ``(size,)``, the same for equal arguments.

        Args:
            shape: of one input.
            size: inputs.
            classes: outputs of the network.
            seed: which mini-batch.
            example: an input whose numbers say what is allowed, where they are whole.

        Raises:
            CandidateError: the images cannot be brought to this shape.
        """


class RandomImages(Images):
    """Normal noise of mean 0 and deviation 1 with random labels: what normalised images are like.

    Whole numbers, e.g. of tokens, are drawn from those of the example input.
    """

    description: str = "random images"

    def batch(
        self, shape: Shape, size: int, classes: int, seed: int, example: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return noise and labels drawn uniformly."""
        generator = torch.Generator().manual_seed(seed)
        labels = torch.randint(classes, (size,), generator=generator)
        if example is not None and not example.is_floating_point():
            known = example.flatten().cpu()
            chosen = torch.randint(len(known), (size, *shape), generator=generator)
            return known[chosen], labels
        return torch.randn((size, *shape), generator=generator), labels


class OwnImages(Images):
    """Labelled inputs in memory.

    Args:
        inputs: ``(n, ...)``; uint8 images are normalised by their own mean and deviation, floating
            numbers are taken as they are.
        labels: int64, ``(n,)``, from 0.
        description: where they come from.

    Raises:
        RankingError: the tensors are something else.
    """

    def __init__(self, inputs: Tensor, labels: Tensor, description: str) -> None:
        _check(inputs, labels, description)
        self.inputs = inputs if inputs.dtype == torch.uint8 else inputs.float()
        self.labels = labels.long()
        self.classes = int(labels.max()) + 1
        self.description = description
        self._sets: dict[int, ImageSet] = {}

    def batch(
        self, shape: Shape, size: int, classes: int, seed: int, example: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return images drawn without repetition where there are enough of them."""
        (chosen,) = image_order(len(self.labels), 1, size, seed)
        inputs = self.inputs[chosen]
        if inputs.dtype == torch.uint8:
            inputs = self._normalised(inputs)
        if tuple(inputs.shape[1:]) != shape:
            inputs = self._resized(inputs, shape)
        return inputs, self.labels[chosen]

    def image_set(self, side: int) -> ImageSet:
        """Return the images for training, resized to squares.

        Raises:
            CandidateError: they are not uint8 images of three channels.
        """
        if self.inputs.dtype != torch.uint8 or self.inputs.ndim != 4 or self.inputs.shape[1] != 3:
            raise CandidateError(
                f"partial training needs uint8 images of shape (n, 3, height, width); "
                f"{self.description} has {self.inputs.dtype} of shape {tuple(self.inputs.shape)}"
            )
        if side not in self._sets:
            self._sets[side] = self._image_set().resize(side)
        return self._sets[side]

    def _image_set(self) -> ImageSet:
        mean, std = channel_statistics(self.inputs)
        return ImageSet(
            name="own",
            train_images=self.inputs,
            train_labels=self.labels,
            test_images=self.inputs[:1],
            test_labels=self.labels[:1],
            validation=0,
            num_classes=self.classes or 1,
            mean=mean,
            std=(max(std[0], _LEAST), max(std[1], _LEAST), max(std[2], _LEAST)),
        )

    def _normalised(self, inputs: Tensor) -> Tensor:
        every = self.inputs[:: max(1, len(self.inputs) // 1024)].float()
        axes = [0, *range(2, every.dim())] if every.dim() == 4 else [0]
        mean = every.mean(dim=axes, keepdim=True)
        std = every.std(dim=axes, keepdim=True).clamp(min=255 * _LEAST)
        return (inputs.float() - mean) / std

    def _resized(self, inputs: Tensor, shape: Shape) -> Tensor:
        if len(shape) != 3 or inputs.dim() != 4 or inputs.shape[1] != shape[0]:
            raise CandidateError(
                f"reads inputs of {_times(shape)}, but {self.description} has "
                f"{_times(tuple(inputs.shape[1:]))}"
            )
        return functional.interpolate(
            inputs, size=shape[1:], mode="bilinear", antialias=True, align_corners=False
        )


_LEAST = 1e-3


def load_images(path: Path, shape: Shape | None = None) -> OwnImages:
    """Read labelled images.

    Args:
        path: a folder with one folder of image files a class, a ``.npz`` file with the arrays
            ``images`` and ``labels`` (or ``x`` and ``y``), or a ``.pt`` file with a pair of tensors
            or a dictionary of them.
        shape: channels, height and width that files of a folder are brought to; the size of the
            first one if left out.

    Raises:
        RankingError: names what is wrong with the path.
    """
    if path.is_dir():
        return _load_folder(path, shape)
    if not path.is_file():
        raise RankingError(f"there are no images at {path}: give a folder, a .pt or a .npz file")
    readers = {".pt": _read_pt, ".pth": _read_pt, ".npz": _read_npz}
    if path.suffix.lower() not in readers:
        raise RankingError(f"{path} is neither a folder nor a .pt or .npz file")
    inputs, labels = readers[path.suffix.lower()](path)
    return OwnImages(inputs, labels, str(path))


def _load_folder(path: Path, shape: Shape | None) -> OwnImages:
    classes = sorted(entry for entry in path.iterdir() if entry.is_dir() and entry.name[0] != ".")
    files = [
        (file, label)
        for label, folder in enumerate(classes)
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in SUFFIXES
    ]
    if not files:
        raise RankingError(
            f"{path} has no images: it needs a folder for each class, with files that end in "
            f"{', '.join(SUFFIXES)}"
        )
    if len(files) > MOST_IMAGES:
        rng = np.random.default_rng(derive_seed("rank", "folder"))
        files = [files[i] for i in sorted(rng.choice(len(files), MOST_IMAGES, replace=False))]
    if shape is not None and len(shape) != 3:
        raise RankingError(f"images of {path} cannot be brought to inputs of {_times(shape)}")
    mode = "L" if shape is not None and shape[0] == 1 else "RGB"
    size = None if shape is None else (shape[2], shape[1])
    pixels = []
    for file, _ in files:
        array = _decode(file, mode, size)
        size = size or (array.shape[2], array.shape[1])
        pixels.append(array)
    inputs = torch.from_numpy(np.stack(pixels))
    return OwnImages(inputs, torch.tensor([label for _, label in files]), str(path))


def _decode(file: Path, mode: str, size: tuple[int, int] | None) -> np.ndarray[Any, Any]:
    """Return uint8, ``(channels, height, width)``."""
    try:
        with Image.open(file) as image:
            decoded = image.convert(mode)
    except (UnidentifiedImageError, OSError) as error:
        raise RankingError(f"{file} cannot be read as an image: {error}") from error
    if size is not None and decoded.size != size:
        decoded = decoded.resize(size, Image.Resampling.BILINEAR)
    array = np.asarray(decoded)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def _read_npz(path: Path) -> tuple[Tensor, Tensor]:
    try:
        with np.load(path, allow_pickle=False) as content:
            found = {name: torch.from_numpy(content[name]) for name in content.files}
    except (OSError, ValueError, TypeError) as error:
        raise RankingError(f"{path} cannot be read: {error}") from error
    return _pair(found, path)


def _read_pt(path: Path) -> tuple[Tensor, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its readers do
        first = str(error).strip().splitlines()[0] if str(error).strip() else "unknown format"
        raise RankingError(f"{path} is no file of plain tensors: {first}") from error
    return _pair(content, path)


def _pair(content: object, path: Path) -> tuple[Tensor, Tensor]:
    pair: object = content
    if isinstance(content, dict):
        pair = next(
            ((content[x], content[y]) for x, y in _KEYS if x in content and y in content), content
        )
    if (
        isinstance(pair, tuple | list)
        and len(pair) == 2
        and all(isinstance(part, Tensor) for part in pair)
    ):
        return pair[0], pair[1]
    raise RankingError(
        f"{path} must hold images and labels: named so, named x and y, or (in a .pt file) a pair"
    )


def _check(inputs: Tensor, labels: Tensor, description: str) -> None:
    if not (inputs.is_floating_point() or inputs.dtype == torch.uint8) or inputs.dim() < 2:
        raise RankingError(
            f"{description}: inputs must be uint8 or floating numbers with a batch axis, not "
            f"{inputs.dtype} of shape {tuple(inputs.shape)}"
        )
    if labels.is_floating_point() or labels.shape != inputs.shape[:1] or not len(labels):
        raise RankingError(
            f"{description}: labels must be whole numbers, one for each of the {len(inputs)} "
            f"inputs, not {labels.dtype} of shape {tuple(labels.shape)}"
        )
    if int(labels.min()) < 0:
        raise RankingError(f"{description}: labels must begin at 0, there is {int(labels.min())}")


def _times(shape: Shape) -> str:
    return " x ".join(map(str, shape))
