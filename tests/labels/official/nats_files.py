"""Writes files in exactly the form of NATS-Bench's archive and NAS-Bench-201's ``.pth`` files."""

from __future__ import annotations

import bz2
import io
import pickle
import tarfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

SPECS = (
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|",
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
    "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|",
)
PARTS = {
    "cifar10-valid": ("x-valid", "ori-test"),
    "cifar10": ("ori-test",),
    "cifar100": ("ori-test", "x-valid", "x-test"),
    "ImageNet16-120": ("ori-test", "x-valid", "x-test"),
}
# Parts that the benchmark evaluated after every epoch; the others only at the end.
EVERY_EPOCH = {"cifar10-valid": {"x-valid"}, "cifar100": {"ori-test"}, "cifar10": {"ori-test"}}


def accuracy(cell: int, dataset: str, part: str, seed: int, epoch: int) -> float:
    """Any percentage that no other place has."""
    place = list(PARTS).index(dataset) * 3 + len(part) % 7
    return 10.0 + 7 * cell + place * 0.5 + seed / 1000 + epoch / 10_000


def trial(cell: int, dataset: str, seed: int, epochs: int) -> dict[str, Any]:
    """The state of one ``ResultsCount``."""
    accuracies, losses, times = {}, {}, {}
    for part in PARTS[dataset]:
        every = part in EVERY_EPOCH.get(dataset, set())
        for epoch in range(epochs) if every else [epochs - 1]:
            accuracies[f"{part}@{epoch}"] = accuracy(cell, dataset, part, seed, epoch)
            losses[f"{part}@{epoch}"] = 2.0 - epoch / epochs
        times |= {f"{part}@{epoch}": 1.25 for epoch in range(epochs)}
    return {
        "name": dataset,
        "net_state_dict": None,
        "train_acc1es": {e: accuracy(cell, dataset, "train", seed, e) for e in range(epochs)},
        "train_acc5es": None,
        "train_losses": {e: 2.5 - e / epochs for e in range(epochs)},
        "train_times": OrderedDict((e, 2.5) for e in range(epochs)),
        "arch_config": {"channel": 16, "num_cells": 5, "arch_str": SPECS[cell], "class_num": 10},
        "params": np.float64(0.073306),
        "flop": np.float64(7.78305),
        "seed": str(seed),
        "epochs": epochs,
        "latency": [0.0125],
        "eval_names": list(PARTS[dataset]),
        "eval_acc1es": accuracies,
        "eval_times": times,
        "eval_losses": losses,
    }


def arch_results(cell: int, epochs: int, seeds: tuple[int, ...] = (777, 888)) -> dict[str, Any]:
    """The state of one ``ArchResults``: its data sets, the first of them trained more often."""
    chosen = {name: seeds if name != "cifar100" else seeds[:1] for name in PARTS}
    return {
        "arch_index": cell,
        "arch_str": SPECS[cell],
        "all_results": {
            (name, seed): trial(cell, name, seed, epochs)
            for name, its in chosen.items()
            for seed in its
        },
        "dataset_seed": {name: list(its) for name, its in chosen.items()},
        "clear_net_done": True,
    }


def cell_file(cell: int, short: int = 2, long: int = 4) -> OrderedDict[str, Any]:
    """Content of ``<cell>.pickle.pbz2``, with so many epochs in its two schedules."""
    return OrderedDict({"12": arch_results(cell, short), "200": arch_results(cell, long)})


def packed(content: Any) -> bytes:
    return bz2.compress(pickle.dumps(content, protocol=4))


def archive_files(cells: int = 3) -> dict[str, bytes]:
    meta = {"meta_archs": list(SPECS), "total_archs": 3, "arch2infos": None}
    files = {"meta.pickle.pbz2": packed(meta | {"evaluated_indexes": set()})}
    return files | {f"{cell:06d}.pickle.pbz2": packed(cell_file(cell)) for cell in range(cells)}


def write_folder(path: Path, files: dict[str, bytes]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def write_tar(path: Path, files: dict[str, bytes], folder: str) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def benchmark(cells: int = 3, short: int = 2, long: int = 4) -> dict[str, Any]:
    """Content of ``NAS-Bench-201-v1_1-096897.pth``; cells repeat their strings behind the third."""
    infos = {}
    for cell in range(cells):
        known = cell % len(SPECS)
        infos[cell] = {
            "full": arch_results(known, long),
            "less": arch_results(known, short),
        }
    return {
        "meta_archs": list(SPECS),
        "total_archs": cells,
        "arch2infos": infos,
        "evaluated_indexes": set(range(cells)),
    }
