"""An image set: every image in one tensor, so that a mini-batch is one indexing operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.nn import functional

from nascast.errors import NascastError

_RESIZE_CHUNK = 4096

Channels = tuple[float, float, float]
"""One value a colour channel."""


class ImageSetError(NascastError):
    """Images or labels that cannot be what their source says they are."""


@dataclass(frozen=True)
class ImageSet:
    """A labelled image set with a training, a validation and a test part.

    The validation part is the declared tail of ``train_images``: its last ``validation`` images,
    which training must not touch (:attr:`fit_images` leaves them out).

    Attributes:
        name: registered name, e.g. ``"cifar10"`` or ``"scenes10"``.
        train_images: uint8, shape (n, 3, H, W), in [0, 255].
        train_labels: int64, shape (n,), in [0, num_classes).
        test_images: uint8, shape (m, 3, H, W).
        test_labels: int64, shape (m,).
        validation: how many images at the end of the training part are held out.
        num_classes: number of classes.
        mean: mean of each channel, on the scale [0, 1].
        std: standard deviation of each channel, on the scale [0, 1].
        extra: dense targets of made images by name, each with a ``train_`` or ``test_`` prefix and
            the same first axis as the images; empty unless they were asked for.

    Raises:
        ImageSetError: if shapes, types or label ranges contradict each other.
    """

    name: str
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    validation: int
    num_classes: int
    mean: Channels
    std: Channels
    extra: Mapping[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            self._check_part(part, getattr(self, f"{part}_images"), getattr(self, f"{part}_labels"))
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise ImageSetError(
                f"{self.name}: training images are {tuple(self.train_images.shape[1:])} and test "
                f"images {tuple(self.test_images.shape[1:])}; both need one shape"
            )
        if not 0 <= self.validation < len(self.train_images):
            raise ImageSetError(
                f"{self.name}: validation={self.validation} must be between 0 and the number of "
                f"training images, {len(self.train_images)}, without reaching it"
            )
        if min(self.std) <= 0:
            raise ImageSetError(f"{self.name}: std={self.std} must be positive in every channel")
        for name, target in self.extra.items():
            part = name.split("_", 1)[0]
            images = {"train": self.train_images, "test": self.test_images}.get(part)
            if images is None or len(target) != len(images):
                raise ImageSetError(
                    f"{self.name}: dense target {name!r} needs the prefix train_ or test_ and one "
                    f"entry an image of that part, got {len(target)} entries"
                )

    def _check_part(self, part: str, images: Tensor, labels: Tensor) -> None:
        where = f"{self.name}, {part} part"
        if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3:
            raise ImageSetError(
                f"{where}: images must be uint8 of shape (n, 3, H, W), got {images.dtype} of "
                f"shape {tuple(images.shape)}"
            )
        if labels.dtype != torch.int64 or labels.shape != (len(images),):
            raise ImageSetError(
                f"{where}: labels must be int64 of shape ({len(images)},), got {labels.dtype} of "
                f"shape {tuple(labels.shape)}"
            )
        if len(labels) == 0:
            raise ImageSetError(f"{where}: there are no images")
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= self.num_classes:
            raise ImageSetError(
                f"{where}: labels span {low}..{high}, outside 0..{self.num_classes - 1}"
            )

    @property
    def fit_images(self) -> Tensor:
        """Training images without the validation part, (n - validation, 3, H, W)."""
        return self.train_images[: len(self.train_images) - self.validation]

    @property
    def fit_labels(self) -> Tensor:
        """Labels of :attr:`fit_images`."""
        return self.train_labels[: len(self.train_labels) - self.validation]

    @property
    def validation_images(self) -> Tensor:
        """The held-out tail of the training images, (validation, 3, H, W)."""
        return self.train_images[len(self.train_images) - self.validation :]

    @property
    def validation_labels(self) -> Tensor:
        """Labels of :attr:`validation_images`."""
        return self.train_labels[len(self.train_labels) - self.validation :]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of an image in pixels."""
        return int(self.train_images.shape[2]), int(self.train_images.shape[3])

    def to(self, device: torch.device | str) -> ImageSet:
        """Return the same set with every tensor on ``device``."""
        return replace(
            self,
            train_images=self.train_images.to(device),
            train_labels=self.train_labels.to(device),
            test_images=self.test_images.to(device),
            test_labels=self.test_labels.to(device),
            extra={name: target.to(device) for name, target in self.extra.items()},
        )

    def normalise(self, images: Tensor) -> Tensor:
        """Return uint8 images (b, 3, H, W) as float32 with this set's mean and std removed."""
        return normalise(images, self.mean, self.std)

    def resize(self, size: int) -> ImageSet:
        """Return the set at ``size`` x ``size`` pixels; dense targets are dropped.

        Shrinking averages over the area that a new pixel covers (antialiased bilinear filter), so
        that no aliases appear as texture.

        Raises:
            ImageSetError: if ``size`` is not positive.
        """
        if size < 1:
            raise ImageSetError(f"{self.name}: cannot resize to {size} pixels")
        if self.size == (size, size):
            return replace(self, extra={})
        return replace(
            self,
            train_images=_resize(self.train_images, size),
            test_images=_resize(self.test_images, size),
            extra={},
        )


def normalise(images: Tensor, mean: Channels, std: Channels) -> Tensor:
    """Return ``(images / 255 - mean) / std`` in one fused scale and shift.

    Args:
        images: uint8, (b, 3, H, W).
        mean: one value a channel on the scale [0, 1].
        std: one positive value a channel on the scale [0, 1].

    Returns:
        float32, (b, 3, H, W), in the memory format of ``images``.
    """
    # Copied without waiting: this runs once a mini-batch and must not stall a GPU.
    scale = torch.tensor([1 / (255 * s) for s in std]).to(images.device, non_blocking=True)
    shift = torch.tensor([m / s for m, s in zip(mean, std, strict=True)])
    shift = shift.to(images.device, non_blocking=True)
    return images.float().mul_(scale.view(-1, 1, 1)).sub_(shift.view(-1, 1, 1))


def channel_statistics(images: Tensor) -> tuple[Channels, Channels]:
    """Return mean and standard deviation of each channel of uint8 images (n, 3, H, W), on [0, 1].

    Both come from the 256-bin histogram of each channel, which is exact and needs no float copy of
    the images.
    """
    means, stds = [], []
    values = torch.arange(256, dtype=torch.float64) / 255
    for channel in range(3):
        counts = torch.bincount(images[:, channel].flatten().cpu(), minlength=256).double()
        weights = counts / counts.sum()
        mean = float((weights * values).sum())
        means.append(mean)
        stds.append(float((weights * (values - mean).square()).sum().sqrt()))
    return (means[0], means[1], means[2]), (stds[0], stds[1], stds[2])


def _resize(images: Tensor, size: int) -> Tensor:
    resized = torch.empty(
        (len(images), images.shape[1], size, size), dtype=torch.uint8, device=images.device
    )
    for start in range(0, len(images), _RESIZE_CHUNK):
        chunk = images[start : start + _RESIZE_CHUNK].float()
        small = functional.interpolate(
            chunk, size=(size, size), mode="bilinear", antialias=True, align_corners=False
        )
        resized[start : start + _RESIZE_CHUNK] = small.round_().clamp_(0, 255).to(torch.uint8)
    return resized
