"""SVHN, cropped digits, from its official files ``train_32x32.mat`` and ``test_32x32.mat``.

Source: Netzer et al. 2011, "Reading Digits in Natural Images with Unsupervised Feature Learning",
format 2 of its data page: ``X`` holds 32 x 32 x 3 x n pixels, ``y`` the digits, 10 for the digit 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nascast.images.base import ImageSet, ImageSetError, channel_statistics

_SIDE = 32
_DIGITS = 10


def svhn_from_arrays(
    train: Mapping[str, NDArray[np.generic]],
    test: Mapping[str, NDArray[np.generic]],
    validation: int = 5000,
    counts: tuple[int, int] = (73_257, 26_032),
) -> ImageSet:
    """Return the image set of the two files' arrays ``X`` and ``y``.

    Mean and standard deviation are those of the training images: no published ones exist.

    Args:
        train: arrays of ``train_32x32.mat``; the 531,131 extra images are not used.
        test: arrays of ``test_32x32.mat``.
        validation: training images at the end that are held out.
        counts: expected numbers of training and test images.

    Raises:
        ImageSetError: naming the file whose arrays do not fit the format.
    """
    train_images, train_labels = _read_part("train_32x32.mat", train)
    test_images, test_labels = _read_part("test_32x32.mat", test)
    if (len(train_images), len(test_images)) != counts:
        raise ImageSetError(
            f"svhn: the files have {len(train_images)} training and {len(test_images)} test "
            f"images, expected {counts[0]} and {counts[1]}"
        )
    mean, std = channel_statistics(train_images)
    return ImageSet(
        name="svhn",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        validation=validation,
        num_classes=_DIGITS,
        mean=mean,
        std=std,
    )


def _read_part(file: str, arrays: Mapping[str, NDArray[np.generic]]) -> tuple[Tensor, Tensor]:
    pixels, labels = arrays["X"], arrays["y"]
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[:3] != (_SIDE, _SIDE, 3):
        raise ImageSetError(
            f"svhn, {file}: X must be uint8 of shape (32, 32, 3, n), got {pixels.dtype} of "
            f"{pixels.shape}"
        )
    digits = labels.reshape(-1).astype(np.int64)
    if len(digits) != pixels.shape[3] or not (digits == labels.reshape(-1)).all():
        raise ImageSetError(
            f"svhn, {file}: expected {pixels.shape[3]} integer labels, got {labels.dtype} of "
            f"{labels.shape}"
        )
    if ((digits < 1) | (digits > _DIGITS)).any():
        raise ImageSetError(f"svhn, {file}: labels span {digits.min()}..{digits.max()}, not 1..10")
    images = np.ascontiguousarray(pixels.transpose(3, 2, 0, 1))
    return torch.from_numpy(images), torch.from_numpy(digits % _DIGITS)
