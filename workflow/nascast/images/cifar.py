"""CIFAR-10 and CIFAR-100 from their official Python archives (Krizhevsky 2009)."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

from nascast.images.base import Channels, ImageSet, ImageSetError

_SIDE = 32


@dataclass(frozen=True)
class CifarFormat:
    """Where an archive keeps what, and the published normalisation of its images.

    Attributes:
        train_members: archive members of the training part, in order.
        test_member: archive member of the test part.
        label_key: the batch dictionary's key of the labels.
        num_classes: number of classes.
        mean: published mean of each channel, on [0, 1].
        std: published standard deviation of each channel, on [0, 1].
    """

    train_members: tuple[str, ...]
    test_member: str
    label_key: str
    num_classes: int
    mean: Channels
    std: Channels


CIFAR: dict[str, CifarFormat] = {
    "cifar10": CifarFormat(
        tuple(f"cifar-10-batches-py/data_batch_{k}" for k in range(1, 6)),
        "cifar-10-batches-py/test_batch",
        "labels",
        10,
        (0.4914, 0.4822, 0.4465),
        (0.247, 0.243, 0.261),
    ),
    "cifar100": CifarFormat(
        ("cifar-100-python/train",),
        "cifar-100-python/test",
        "fine_labels",
        100,
        (0.5071, 0.4867, 0.4408),
        (0.2675, 0.2565, 0.2761),
    ),
}
"""Normalisation as in NAS-Bench-201's data pipeline and NAP2's traces."""


def read_cifar_archive(
    archive: BinaryIO,
    name: str,
    loads: Callable[[bytes], Any],
    validation: int = 5000,
    counts: tuple[int, int] = (50_000, 10_000),
) -> ImageSet:
    """Read ``cifar-10-python.tar.gz`` or ``cifar-100-python.tar.gz``.

    Args:
        archive: the opened file.
        name: ``"cifar10"`` or ``"cifar100"``.
        loads: unpickles one member; it must refuse everything but arrays and plain containers,
            because the members are pickles.
        validation: training images at the end that are held out.
        counts: expected numbers of training and test images.

    Raises:
        ImageSetError: for a damaged archive, a missing member, or images and labels that do not
            fit the format.
    """
    if name not in CIFAR:
        raise ImageSetError(f"unknown CIFAR set {name!r}; there are {', '.join(CIFAR)}")
    members = (*CIFAR[name].train_members, CIFAR[name].test_member)
    batches = {}
    try:
        with tarfile.open(fileobj=archive, mode="r:*") as tar:
            for entry in tar:
                if entry.name in members and entry.isfile():
                    batches[entry.name] = loads(_member_bytes(tar, entry))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ImageSetError(
            f"{name}: the archive cannot be read ({error}); fetch it again"
        ) from error
    missing = [member for member in members if member not in batches]
    if missing:
        raise ImageSetError(f"{name}: the archive lacks {', '.join(missing)}; fetch it again")
    return cifar_from_batches(batches, name, validation, counts)


def cifar_from_batches(
    batches: Mapping[str, Mapping[Any, Any]],
    name: str,
    validation: int = 5000,
    counts: tuple[int, int] = (50_000, 10_000),
) -> ImageSet:
    """Return the set of unpickled batch dictionaries by member name; see read_cifar_archive."""
    spec = CIFAR[name]
    train = [_read_batch(batches[member], spec, name, member) for member in spec.train_members]
    test = _read_batch(batches[spec.test_member], spec, name, spec.test_member)
    images = torch.cat([part[0] for part in train])
    labels = torch.cat([part[1] for part in train])
    if (len(images), len(test[0])) != counts:
        raise ImageSetError(
            f"{name}: the archive has {len(images)} training and {len(test[0])} test images, "
            f"expected {counts[0]} and {counts[1]}"
        )
    return ImageSet(
        name=name,
        train_images=images,
        train_labels=labels,
        test_images=test[0],
        test_labels=test[1],
        validation=validation,
        num_classes=spec.num_classes,
        mean=spec.mean,
        std=spec.std,
    )


def _member_bytes(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    handle = tar.extractfile(entry)
    if handle is None:  # not reached for a regular file; the type allows it
        raise tarfile.ReadError(f"{entry.name} has no content")
    return handle.read()


def _read_batch(
    batch: Mapping[Any, Any], spec: CifarFormat, name: str, member: str
) -> tuple[Tensor, Tensor]:
    where = f"{name}, member {member}"
    if not isinstance(batch, Mapping):
        raise ImageSetError(f"{where}: holds a {type(batch).__name__}, expected a dictionary")
    # Python 2 pickles give bytes or str keys, depending on how they are read.
    entries = {key.decode() if isinstance(key, bytes) else key: batch[key] for key in batch}
    if "data" not in entries or spec.label_key not in entries:
        raise ImageSetError(f"{where}: needs 'data' and {spec.label_key!r}, has {sorted(entries)}")
    data = np.asarray(entries["data"])
    if data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * _SIDE * _SIDE:
        raise ImageSetError(
            f"{where}: 'data' must be uint8 of shape (n, 3072), got {data.dtype} of {data.shape}"
        )
    labels = _check_labels(entries[spec.label_key], len(data), where)
    return torch.from_numpy(data.reshape(-1, 3, _SIDE, _SIDE).copy()), labels


def _check_labels(labels: Sequence[int], count: int, where: str) -> Tensor:
    values = np.asarray(labels)
    if values.shape != (count,) or values.dtype.kind not in "iu":
        raise ImageSetError(
            f"{where}: expected {count} integer labels, got {values.dtype} of {values.shape}"
        )
    return torch.from_numpy(values.astype(np.int64))
