"""ImageNet16-120: the first 120 classes of ImageNet at 16 x 16 pixels, from its official batches.

Ten files ``train_data_batch_1`` to ``train_data_batch_10`` and ``val_data``, pickled dictionaries
with ``data`` (n x 768, planes of red, green and blue) and ``labels`` from 1 to 1000.

Source: Chrabaszcz et al. 2017, "A Downsampled Variant of ImageNet as an Alternative to the CIFAR
datasets"; Dong & Yang 2020, "NAS-Bench-201", section 2.3, which takes 120 of the classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nascast.images.base import Channels, ImageSet, ImageSetError

CLASSES = 120
TRAIN_FILES = tuple(f"train_data_batch_{number}" for number in range(1, 11))
TEST_FILE = "val_data"
# Of NAS-Bench-201's data pipeline; NAP2's traces do not normalise these images.
MEAN: Channels = (122.68 / 255, 116.66 / 255, 104.01 / 255)
STD: Channels = (63.22 / 255, 61.26 / 255, 65.09 / 255)
_NAME = "imagenet16-120"
_SIDE = 16
_ALL_CLASSES = 1000

Part = tuple[NDArray[np.uint8], NDArray[np.int64]]


def imagenet16_from_batches(
    batches: Iterable[tuple[str, Any]],
    validation: int = 5000,
    counts: tuple[int, int] = (151_700, 6_000),
) -> ImageSet:
    """Return the image set of the eleven unpickled batches.

    Only the 120 classes of a batch are kept, so one whole batch is held at a time.

    Args:
        batches: file name and content of each batch, in any order.
        validation: training images at the end that are held out. The files stand in no order of
            classes, so the tail has them all.
        counts: expected numbers of training and test images; NAS-Bench-201 takes the second half
            of the test images for its own test part.

    Raises:
        ImageSetError: a batch is missing, or its content does not fit the format; names the file.
    """
    parts: dict[str, Part] = {}
    for file, batch in batches:
        if file in (*TRAIN_FILES, TEST_FILE):
            parts[file] = _read_batch(file, batch)
    missing = [file for file in (*TRAIN_FILES, TEST_FILE) if file not in parts]
    if missing:
        raise ImageSetError(f"{_NAME}: lacks {', '.join(missing)}; fetch them")
    train = [parts.pop(file) for file in TRAIN_FILES]
    images = _tensor(np.concatenate([pixels for pixels, _ in train]))
    labels = torch.from_numpy(np.concatenate([its for _, its in train]))
    test_pixels, test_labels = parts[TEST_FILE]
    if (len(images), len(test_pixels)) != counts:
        raise ImageSetError(
            f"{_NAME}: the batches have {len(images)} training and {len(test_pixels)} test images "
            f"of the {CLASSES} classes, expected {counts[0]} and {counts[1]}"
        )
    return ImageSet(
        name=_NAME,
        train_images=images,
        train_labels=labels,
        test_images=_tensor(test_pixels),
        test_labels=torch.from_numpy(test_labels),
        validation=validation,
        num_classes=CLASSES,
        mean=MEAN,
        std=STD,
    )


def _tensor(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pixels.reshape(-1, 3, _SIDE, _SIDE))


def _read_batch(file: str, batch: Any) -> Part:
    where = f"{_NAME}, {file}"
    if not isinstance(batch, Mapping) or "data" not in batch or "labels" not in batch:
        raise ImageSetError(f"{where}: needs a dictionary with 'data' and 'labels'")
    pixels, labels = np.asarray(batch["data"]), np.asarray(batch["labels"])
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != 3 * _SIDE**2:
        raise ImageSetError(
            f"{where}: 'data' must be uint8 of shape (n, 768), got {pixels.dtype} of "
            f"{pixels.shape}; these are images of another size"
        )
    if labels.shape != (len(pixels),) or labels.dtype.kind not in "iu":
        raise ImageSetError(
            f"{where}: expected {len(pixels)} integer labels, got {labels.dtype} of {labels.shape}"
        )
    if len(labels) and not (labels.min() >= 1 and labels.max() <= _ALL_CLASSES):
        raise ImageSetError(f"{where}: labels span {labels.min()}..{labels.max()}, not 1..1000")
    kept = labels <= CLASSES
    return pixels[kept], labels[kept].astype(np.int64) - 1
