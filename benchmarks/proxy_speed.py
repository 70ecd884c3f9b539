"""How much the shared pass saves: thirteen proxies together, one by one, and naively.

Full-size NAS-Bench-201 networks (16 channels, 5 cells a stage), 64 images of 32x32, laid out as the
tasks lay them out. Everything runs on one CPU thread and is timed by the thread's own clock.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from benchmarks.naive_proxies import NAIVE, naive_scores
from benchmarks.timing import row, seconds
from torch import nn

from nascast.proxies.base import Batch
from nascast.proxies.measure import measure
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201

CELLS = {
    "all conv3x3": ("nor_conv_3x3",) * 6,
    "mixed": (
        "nor_conv_3x3",
        "skip_connect",
        "nor_conv_1x1",
        "avg_pool_3x3",
        "none",
        "nor_conv_3x3",
    ),
}
SCALE = NetworkScale(16, 5)
IMAGE_SIZE, BATCH_SIZE, CLASSES = 32, 64, 10
REPEATS = 3
ALL, CHEAP = list(NAIVE), [name for name in NAIVE if name != "grasp"]


def run() -> pd.DataFrame:
    """Time every cell; takes about a minute a cell on one core.

    Returns:
        One row a (cell, quantity) with the median, the quartiles and the target, if any.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return pd.DataFrame([row for cell in CELLS for row in _time(cell)])
    finally:
        torch.set_num_threads(threads)


def network_and_batch(cell: str) -> tuple[nn.Module, Batch]:
    """Return a cell's network and a random mini-batch."""
    torch.manual_seed(0)
    space = NASBench201()
    network = space.build(space.from_genotype(CELLS[cell]), SCALE, CLASSES)
    images = torch.randn(BATCH_SIZE, 3, IMAGE_SIZE, IMAGE_SIZE)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(CLASSES, (BATCH_SIZE,))
    return network, Batch(images, labels, nn.functional.cross_entropy, labels, CLASSES)


def _time(cell: str) -> list[dict[str, object]]:
    network, batch = network_and_batch(cell)
    measure(network, batch, ALL)
    taken: dict[str, list[float]] = {}
    for _ in range(REPEATS):
        works = {
            "together": lambda: measure(network, batch, ALL),
            "together without grasp": lambda: measure(network, batch, CHEAP),
        }
        works |= {name: lambda name=name: measure(network, batch, [name]) for name in ALL}
        works |= {
            f"naive {name}": lambda name=name: naive_scores(network, batch, [name]) for name in ALL
        }
        for name, work in works.items():
            taken.setdefault(name, []).append(seconds(work))
    times = {name: np.array(values) for name, values in taken.items()}
    alone = sum(times[name] for name in ALL)
    alone_cheap = sum(times[name] for name in CHEAP)
    naive = sum(times[f"naive {name}"] for name in ALL)
    ratios = {
        "together / one by one": (times["together"] / alone, 0.45),
        "together / one by one, without grasp": (
            times["together without grasp"] / alone_cheap,
            0.35,
        ),
        "together / naive": (times["together"] / naive, 1 / 3),
    }
    identity = {"benchmark": "proxy_speed", "network": "full", "cell": cell}
    rows = [row(identity, name, "seconds", values) for name, values in times.items()]
    return rows + [row(identity, name, "ratio", *ratio) for name, ratio in ratios.items()]
