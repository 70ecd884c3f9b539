"""Image sets packed into one Parquet table: a row an image with split, label and JPEG bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from nascast.images.base import Channels, ImageSet, ImageSetError, channel_statistics
from nascast.images.cifar import CIFAR
from nascast.seeds import derive_seed

COLUMNS = ("split", "label", "jpeg")


def read_packed(
    table: pa.Table, name: str, num_classes: int | None = None, validation: int = 5000
) -> ImageSet:
    """Decode a packed image set.

    Args:
        table: columns ``split`` (``"train"`` or ``"test"``), ``label`` (integer) and ``jpeg``
            (bytes of any image file that Pillow reads); all images of one size.
        name: name of the set; CIFAR-10 and CIFAR-100 get their published mean and standard
            deviation, others their own.
        num_classes: number of classes; one more than the largest label if not given.
        validation: training images at the end that are held out.

    Raises:
        ImageSetError: naming the column or row that is wrong.
    """
    missing = [column for column in COLUMNS if column not in table.column_names]
    if missing:
        raise ImageSetError(
            f"{name}: packed images lack the columns {missing}; there are {table.column_names}"
        )
    splits = np.asarray(table["split"].to_pylist(), dtype=object)
    unknown = sorted({str(split) for split in splits} - {"train", "test"})
    if unknown:
        raise ImageSetError(f"{name}: unknown split {unknown[0]!r}; expected 'train' and 'test'")
    labels = _read_labels(table, name)
    decoded = {}
    for split in ("train", "test"):
        rows = np.flatnonzero(splits == split)
        if not len(rows):
            raise ImageSetError(f"{name}: packed images hold no row of split {split!r}")
        decoded[split] = (decode(table["jpeg"].take(rows).to_pylist(), name), labels[rows])
    # Packed files may stand in class order; the held-out tail must not be a few classes only.
    order = np.random.default_rng(derive_seed("images", name, "order")).permutation(
        len(decoded["train"][1])
    )
    decoded["train"] = (decoded["train"][0][order], decoded["train"][1][order])
    mean, std = _normalisation(name, decoded["train"][0])
    return ImageSet(
        name=name,
        train_images=decoded["train"][0],
        train_labels=decoded["train"][1],
        test_images=decoded["test"][0],
        test_labels=decoded["test"][1],
        validation=validation,
        num_classes=int(labels.max()) + 1 if num_classes is None else num_classes,
        mean=mean,
        std=std,
    )


def decode(files: Sequence[bytes | None], name: str) -> Tensor:
    """Decode image files of one size to uint8 RGB, (n, 3, H, W).

    Raises:
        ImageSetError: naming the row of a file that is missing, damaged or of another size.
    """
    pixels: np.ndarray | None = None
    for row, content in enumerate(files):
        try:
            image = Image.open(io.BytesIO(content or b"")).convert("RGB")
        except (UnidentifiedImageError, OSError) as error:
            raise ImageSetError(f"{name}: image {row} cannot be decoded ({error})") from error
        array = np.asarray(image)
        if pixels is None:
            pixels = np.empty((len(files), *array.shape), dtype=np.uint8)
        if array.shape != pixels.shape[1:]:
            raise ImageSetError(
                f"{name}: image {row} is {array.shape[1]} x {array.shape[0]} pixels, the first "
                f"one {pixels.shape[2]} x {pixels.shape[1]}; all need one size"
            )
        pixels[row] = array
    if pixels is None:
        raise ImageSetError(f"{name}: there are no images to decode")
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()


def _read_labels(table: pa.Table, name: str) -> Tensor:
    column = table["label"]
    if not pa.types.is_integer(column.type) or column.null_count:
        raise ImageSetError(
            f"{name}: labels must be integers without gaps, got {column.type} with "
            f"{column.null_count} nulls"
        )
    return torch.from_numpy(column.to_numpy().astype(np.int64))


def _normalisation(name: str, images: Tensor) -> tuple[Channels, Channels]:
    if name in CIFAR:
        return CIFAR[name].mean, CIFAR[name].std
    return channel_statistics(images)
