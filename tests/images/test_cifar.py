"""CIFAR archives in exactly the official layout, written small."""

from __future__ import annotations

import io
import pickle
import tarfile
from collections import OrderedDict
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from nascast.images.base import ImageSetError
from nascast.images.cifar import CIFAR, cifar_from_batches, read_cifar_archive
from nascast.io.inert_values import BENCHMARK_GLOBALS
from nascast.io.unpickle import UnsafePickleError, load_pickle


def batches_of(name: str, rows: int = 6) -> dict[str, dict[Any, Any]]:
    """Batch dictionaries with byte keys, as Python 2 wrote them."""
    rng = np.random.default_rng(3)
    spec = CIFAR[name]
    members = {}
    for member in (*spec.train_members, spec.test_member):
        members[member] = {
            b"data": rng.integers(256, size=(rows, 3072), dtype=np.uint8),
            spec.label_key.encode(): rng.integers(spec.num_classes, size=rows).tolist(),
            b"filenames": [f"{k}.png".encode() for k in range(rows)],
        }
    return members


def archive_of(members: dict[str, Any]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for member, content in (*members.items(), ("cifar/readme.html", "text")):
            body = pickle.dumps(content, protocol=2)
            entry = tarfile.TarInfo(member)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    stream.seek(0)
    return stream


@pytest.mark.parametrize(("name", "train"), [("cifar10", 30), ("cifar100", 6)])
def test_archive_gives_planes_and_labels_in_order(name: str, train: int) -> None:
    members = batches_of(name)
    images = read_cifar_archive(
        archive_of(members), name, pickle.loads, validation=2, counts=(train, 6)
    )
    spec = CIFAR[name]
    assert images.train_images.shape == (train, 3, 32, 32)
    assert images.num_classes == spec.num_classes
    first = members[spec.train_members[0]][b"data"][0]
    assert images.train_images[0, 1, 2, 5] == first[1024 + 2 * 32 + 5]
    expected = [label for m in spec.train_members for label in members[m][spec.label_key.encode()]]
    assert images.train_labels.tolist() == expected
    assert torch.equal(images.validation_images, images.train_images[-2:])
    assert images.mean == spec.mean


def test_only_listed_members_are_unpickled() -> None:
    seen = []

    def loads(content: bytes) -> Any:
        seen.append(content)
        return pickle.loads(content)

    read_cifar_archive(archive_of(batches_of("cifar10")), "cifar10", loads, 1, (30, 6))
    assert len(seen) == 6


def test_damaged_and_incomplete_archives_are_named() -> None:
    whole = archive_of(batches_of("cifar100")).getvalue()
    with pytest.raises(ImageSetError, match=r"cifar100: the archive cannot be read .*fetch it"):
        read_cifar_archive(io.BytesIO(whole[: len(whole) // 2]), "cifar100", pickle.loads)
    members = batches_of("cifar10")
    del members["cifar-10-batches-py/data_batch_3"]
    with pytest.raises(ImageSetError, match="lacks cifar-10-batches-py/data_batch_3"):
        read_cifar_archive(archive_of(members), "cifar10", pickle.loads)
    with pytest.raises(ImageSetError, match="unknown CIFAR set 'cifar20'"):
        read_cifar_archive(io.BytesIO(), "cifar20", pickle.loads)


def test_missing_images_are_counted() -> None:
    with pytest.raises(ImageSetError, match="6 training and 6 test images, expected 50000"):
        cifar_from_batches(batches_of("cifar100"), "cifar100")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({b"data": np.zeros((6, 3071), np.uint8)}, r"must be uint8 of shape \(n, 3072\)"),
        ({b"data": np.zeros((6, 3072))}, "got float64"),
        ({b"fine_labels": [0, 1]}, "expected 6 integer labels"),
        ({b"fine_labels": [0.5] * 6}, "expected 6 integer labels, got float64"),
        ({b"fine_labels": [100] * 6}, r"labels span 100\.\.100, outside 0\.\.99"),
    ],
)
def test_wrong_batches_are_named(change: dict[bytes, Any], message: str) -> None:
    members = batches_of("cifar100")
    members["cifar-100-python/test"] |= change
    with pytest.raises(ImageSetError, match=message):
        cifar_from_batches(members, "cifar100", validation=1, counts=(6, 6))


def test_batches_without_their_keys_are_named() -> None:
    members: dict[str, Any] = batches_of("cifar100")
    del members["cifar-100-python/train"][b"fine_labels"]
    with pytest.raises(ImageSetError, match="cifar-100-python/train: needs 'data' and 'fine_la"):
        cifar_from_batches(members, "cifar100")
    members["cifar-100-python/train"] = [1, 2]
    with pytest.raises(ImageSetError, match="holds a list, expected a dictionary"):
        cifar_from_batches(members, "cifar100")


@pytest.mark.parametrize("name", CIFAR)
def test_the_stage_reads_archives_by_allow_list(name: str) -> None:
    """With the unpickler that the workflow uses, and what it refuses."""
    loads = partial(load_pickle, allowed=BENCHMARK_GLOBALS, encoding="bytes")
    members = batches_of(name)
    train = 6 * len(CIFAR[name].train_members)
    images = read_cifar_archive(archive_of(members), name, loads, 2, (train, 6))
    assert (
        images.test_labels.tolist()
        == members[CIFAR[name].test_member][CIFAR[name].label_key.encode()]
    )
    members[CIFAR[name].test_member] = {b"data": OrderedDict(a=partial(print, "ran"))}
    with pytest.raises(UnsafePickleError, match=r"asks for (functools\.partial|builtins\.print)"):
        read_cifar_archive(archive_of(members), name, loads, 2, (train, 6))
