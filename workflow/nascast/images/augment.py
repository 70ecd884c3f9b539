"""Random flips and crops as batched tensor code: one gather a batch, no loop over images."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet

_REFERENCE_SIZE = 32


@dataclass(frozen=True)
class Augmentation:
    """What a training batch goes through.

    Attributes:
        flip: mirror each image with probability 1/2.
        padding: black border in pixels before a random crop back to the image's size.
        normalise: remove the set's mean and standard deviation; otherwise only scale to [0, 1].
    """

    flip: bool
    padding: int
    normalise: bool

    def __post_init__(self) -> None:
        if self.padding < 0:
            raise ValueError(f"Augmentation.padding must not be negative, got {self.padding}")

    def prepare(self, images: ImageSet, batch: Tensor) -> Tensor:
        """Return an uint8 batch (b, 3, H, W) as float32 without any random change."""
        return images.normalise(batch) if self.normalise else batch.float().div_(255)

    def __call__(self, images: ImageSet, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Return an uint8 training batch (b, 3, H, W), flipped, cropped and scaled, as float32.

        Args:
            images: the set that ``batch`` was taken from; gives mean and std.
            batch: uint8, (b, 3, H, W).
            generator: source of the random draws; they are made on its device, so a CPU generator
                gives the same batch on every device.
        """
        count = len(batch)
        device = generator.device
        flips = torch.rand(count, generator=generator, device=device) < 0.5 * self.flip
        offsets = torch.randint(
            2 * self.padding + 1, (2, count), generator=generator, device=device
        )
        flips = flips.to(batch.device, non_blocking=True)
        offsets = offsets.to(batch.device, non_blocking=True)
        return self.prepare(images, flip_and_crop(batch, flips, offsets, self.padding))


def flip_and_crop(batch: Tensor, flips: Tensor, offsets: Tensor, padding: int) -> Tensor:
    """Mirror, pad with zeros and crop every image by its own draw.

    Args:
        batch: (b, c, H, W) of any type.
        flips: bool, (b,): which images are mirrored left to right, before the crop.
        offsets: int64, (2, b): top row and left column of the crop in the padded image, each in
            [0, 2 * padding].
        padding: border in pixels.

    Returns:
        (b, c, H, W), contiguous.
    """
    count, _, height, width = batch.shape
    padded = functional.pad(batch, (padding, padding, padding, padding))
    rows = offsets[0][:, None] + torch.arange(height, device=batch.device)
    columns = offsets[1][:, None] + torch.arange(width, device=batch.device)
    columns = torch.where(flips[:, None], width + 2 * padding - 1 - columns, columns)
    position = (rows[:, :, None] * padded.shape[3] + columns[:, None, :]).view(count, 1, -1)
    position = position.expand(-1, batch.shape[1], -1)
    return padded.flatten(2).gather(2, position).view_as(batch)


def augmentation_for(name: str, size: int) -> Augmentation:
    """Return the published training augmentation of an image set at a given image size.

    CIFAR: flip, crop with 4 pixels of padding at 32 pixels, normalise. ImageNet16-120: flip, crop
    with 2 pixels at 16, no normalisation. SVHN and its stand-in ``digits``: no flip, because a
    mirrored digit is no digit. Made scenes follow CIFAR. Padding shrinks with the images, by an
    eighth of their size.

    Source: NAS-Bench-201's data pipeline (Dong & Yang 2020, section 2.3).
    """
    padding = size * 4 // _REFERENCE_SIZE
    return Augmentation(
        flip=name not in ("digits", "svhn"),
        padding=padding,
        normalise=name != "imagenet16-120",
    )
