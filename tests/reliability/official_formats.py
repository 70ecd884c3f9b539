"""Small official files: what of them is damaged, how it is packed, and how the file is read."""

from __future__ import annotations

import bz2
import io
import json
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.io import savemat
from tests.labels.official import (
    gennape_files,
    nasbench301_files,
    suite_zero_files,
    transnas_files,
)
from tests.labels.official.nasbench101_files import framed, training
from tests.labels.official.nats_files import benchmark, cell_file

from nascast.images.cifar import CIFAR, read_cifar_archive
from nascast.images.imagenet16 import TEST_FILE, TRAIN_FILES, imagenet16_from_batches
from nascast.images.svhn import svhn_from_arrays
from nascast.io.inert_values import BENCHMARK_GLOBALS
from nascast.io.mat import read_mat
from nascast.io.unpickle import load_pickle
from nascast.spaces.nasbench101 import NASBench101
from nascast.stages.official import Request, read_official

Pack = Callable[[bytes], bytes]
Read = Callable[[Path], object]


@dataclass(frozen=True)
class Format:
    """``content`` is damaged, ``pack`` makes a file of it, ``read`` reads the file to its end."""

    content: Callable[[], bytes]
    read: Read
    pack: Pack = bytes
    filename: str = "file"


def official(source: str) -> Read:
    def read(path: Path) -> object:
        return list(read_official(source, Request(path, complete=False))[1])

    return read


def record() -> bytes:
    spec = "maxpool3x3|10.1"
    graph_hash = NASBench101().parse(spec).canonical_id
    return training(graph_hash, spec, params=7, val_acc=0.5, test_acc=0.25)


def torch_bytes(content: Any, zipped: bool) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, _use_new_zipfile_serialization=zipped)
    return stream.getvalue()


def as_tar(data: bytes, name: str, mode: Any = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def as_zip(data: bytes, name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def torch_zip(data: bytes) -> bytes:
    return as_zip(data, "archive/data.pkl")


def cifar_batch() -> bytes:
    rng = np.random.default_rng(0)
    batch = {b"data": rng.integers(256, size=(2, 3072), dtype=np.uint8), b"fine_labels": [3, 99]}
    return pickle.dumps(batch, protocol=2)


def cifar_tar(data: bytes) -> bytes:
    """An archive of CIFAR-100 whose test part is damaged."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for member in (*CIFAR["cifar100"].train_members, CIFAR["cifar100"].test_member):
            body = data if member == CIFAR["cifar100"].test_member else cifar_batch()
            entry = tarfile.TarInfo(member)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return stream.getvalue()


def read_cifar(path: Path) -> object:
    loads = partial(load_pickle, allowed=BENCHMARK_GLOBALS, encoding="bytes")
    with path.open("rb") as stream:
        return read_cifar_archive(stream, "cifar100", loads, 1, (2, 2))


def imagenet_batch() -> bytes:
    rng = np.random.default_rng(0)
    data = rng.integers(256, size=(2, 768), dtype=np.uint8)
    return pickle.dumps({"data": data, "labels": [1, 120], "mean": data[0] / 2}, protocol=2)


def read_imagenet(path: Path) -> object:
    good = load_pickle(imagenet_batch(), BENCHMARK_GLOBALS, "latin1")
    batches = [(name, good) for name in TRAIN_FILES]
    damaged = load_pickle(path, BENCHMARK_GLOBALS, "latin1")
    return imagenet16_from_batches([*batches, (TEST_FILE, damaged)], 1, (20, 2))


def svhn_mat(packed: bool) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(256, size=(32, 32, 3, 2), dtype=np.uint8)
    savemat(stream, {"X": pixels, "y": np.array([[1], [10]], np.uint8)}, do_compression=packed)
    return stream.getvalue()


def read_svhn(path: Path) -> object:
    arrays = read_mat(path, ["X", "y"])
    return svhn_from_arrays(arrays, arrays, 1, (2, 2))


@cache
def gennape_cache() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = gennape_files.write_cache(Path(folder) / "a.pkl", ["x", "y"], [0.5, 0.75])
        return path.read_bytes()


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


FORMATS: dict[str, Format] = {
    "tfrecord": Format(lambda: framed([record()] * 3), official("nasbench101_only108")),
    "tfrecord payload": Format(
        record, official("nasbench101_only108"), lambda data: framed([data] * 3)
    ),
    "nats tar": Format(
        lambda: as_tar(bz2.compress(pickle.dumps(cell_file(0))), "a/000000.pickle.pbz2"),
        official("nats_tss_simple"),
    ),
    "nats pickle": Format(
        lambda: pickle.dumps(cell_file(0, 1, 1), protocol=4),
        official("nats_tss_simple"),
        lambda data: as_tar(bz2.compress(data), "000000.pickle.pbz2"),
    ),
    "nasbench201 older form": Format(
        lambda: torch_bytes(benchmark(1, 1, 200), False), official("nasbench201_v1_1")
    ),
    "nasbench201 zip": Format(
        lambda: torch_bytes(benchmark(1, 1, 200), True), official("nasbench201_v1_1")
    ),
    "nasbench201 pickle": Format(
        lambda: pickle.dumps(benchmark(1, 1, 200), protocol=2),
        official("nasbench201_v1_1"),
        torch_zip,
    ),
    "nasbench301 zip": Format(
        lambda: as_zip(as_json(nasbench301_files.log()), "rs/results_0.json"),
        official("nasbench301_logs"),
    ),
    "nasbench301 log": Format(
        lambda: as_json(nasbench301_files.log()),
        official("nasbench301_logs"),
        lambda data: as_zip(data, "rs/results_0.json"),
    ),
    "transnas older form": Format(
        lambda: torch_bytes(transnas_files.content(), False), official("transnas_bench101")
    ),
    "transnas pickle": Format(
        lambda: pickle.dumps(transnas_files.content(), protocol=2),
        official("transnas_bench101"),
        torch_zip,
    ),
    **{
        f"suite zero {space}": Format(
            partial(lambda its: as_json(suite_zero_files.content(its)), space),
            official(f"suite_zero_{name}"),
            filename="zc.json",
        )
        for space, name in (
            ("nasbench101", "nasbench101"),
            ("darts", "nasbench301"),
            ("transnas_micro", "transbench101_micro"),
        )
    },
    "gennape cache": Format(
        gennape_cache,
        official("gennape_cg_data"),
        lambda data: as_zip(data, "cache/gpi_nb101_comp_graph_cache.pkl"),
    ),
    "gennape family": Format(
        lambda: as_json(gennape_files.family(1)),
        official("gennape_cg_data"),
        lambda data: as_zip(data, "data/inception_cifar10_labelled_cg_data.json"),
    ),
    "cifar archive": Format(lambda: cifar_tar(cifar_batch()), read_cifar),
    "cifar batch": Format(cifar_batch, read_cifar, cifar_tar),
    "imagenet16 batch": Format(imagenet_batch, read_imagenet),
    "svhn": Format(lambda: svhn_mat(True), read_svhn),
    "svhn uncompressed": Format(lambda: svhn_mat(False), read_svhn),
}
