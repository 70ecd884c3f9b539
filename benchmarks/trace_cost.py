"""What recording costs: instrumented over bare training, and against the naive collector.

Shrunken network (C=8, N=1, stem stride 2, 16x16 images, batch 64, a snapshot every 10 steps): bare
and instrumented blocks of 10 steps alternate, so that a slow moment of the machine hits both; the
ratio is the median over the pairs. Full network (C=16, N=5, 32x32, batch 256, a snapshot every 100
steps): a hundred steps take minutes, so a step and a snapshot are timed apart and the ratio is
(100 steps + snapshot) / (100 steps). Everything runs on one CPU thread and is timed by the thread's
own clock; data loading is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from benchmarks.naive_collector import naive_snapshot
from benchmarks.timing import row, seconds
from torch import nn

from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201
from nascast.traces.collector import TraceCollector

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
    "all skip": ("skip_connect",) * 6,
}


@dataclass(frozen=True)
class Case:
    """A network at a scale, and how it is timed."""

    name: str
    scale: NetworkScale
    image_size: int
    batch_size: int
    interval: int
    target: float
    cells: tuple[str, ...]
    repeats: int


SHRUNKEN = Case("shrunken", NetworkScale(8, 1, 2), 16, 64, 10, 1.25, tuple(CELLS), 11)
FULL = Case("full", NetworkScale(16, 5), 32, 256, 100, 1.10, ("mixed",), 3)


class Training:
    """A network in training on one random batch, and its collector."""

    def __init__(self, case: Case, cell: str) -> None:
        torch.manual_seed(0)
        space = NASBench201()
        network = space.build(space.from_genotype(CELLS[cell]), case.scale, 10)
        self.network = network.to(memory_format=torch.channels_last)
        self.collector = TraceCollector(self.network)
        images = torch.randn(case.batch_size, 3, case.image_size, case.image_size)
        self.images = images.contiguous(memory_format=torch.channels_last)
        self.labels = torch.randint(10, (case.batch_size,))
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True, fused=True
        )

    def steps(self, count: int) -> None:
        """Train for ``count`` mini-batches."""
        for _ in range(count):
            loss = nn.functional.cross_entropy(self.network(self.images), self.labels)
            self.optimiser.zero_grad(set_to_none=False)
            loss.backward()
            self.optimiser.step()

    def recorded(self, count: int) -> None:
        """Train for ``count`` mini-batches, then take a snapshot."""
        self.steps(count)
        self.collector.snapshot()


def run() -> pd.DataFrame:
    """Time every case; takes about two minutes on one core.

    Returns:
        One row a (network, cell, quantity) with the median, the quartiles and the target, if any.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [row for cell in SHRUNKEN.cells for row in _time_pairs(SHRUNKEN, cell)]
        rows += [row for cell in FULL.cells for row in _time_apart(FULL, cell)]
    finally:
        torch.set_num_threads(threads)
    return pd.DataFrame(rows)


def _time_pairs(case: Case, cell: str) -> list[dict[str, object]]:
    training = Training(case, cell)
    training.recorded(case.interval)
    bare, instrumented, ours, naive = [], [], [], []
    for _ in range(case.repeats):
        bare.append(seconds(lambda: training.steps(case.interval)))
        instrumented.append(seconds(lambda: training.recorded(case.interval)))
        ours.append(seconds(training.collector.snapshot))
        naive.append(seconds(lambda: naive_snapshot(training.network)))
    pairs = np.array(instrumented) / np.array(bare)
    naive_pairs = 1 + np.array(naive) / np.array(bare)
    return _rows(case, cell, np.array(bare) / case.interval, ours, naive, pairs, naive_pairs)


def _time_apart(case: Case, cell: str) -> list[dict[str, object]]:
    training = Training(case, cell)
    training.recorded(1)
    step, ours, naive = [], [], []
    for _ in range(case.repeats):
        step.append(seconds(lambda: training.steps(1)))
        ours.append(seconds(training.collector.snapshot))
        naive.append(seconds(lambda: naive_snapshot(training.network)))
    interval = case.interval * np.array(step)
    ratio, naive_ratio = 1 + np.array(ours) / interval, 1 + np.array(naive) / interval
    return _rows(case, cell, step, ours, naive, ratio, naive_ratio)


def _rows(
    case: Case,
    cell: str,
    step: Sequence[float],
    ours: Sequence[float],
    naive: Sequence[float],
    ratio: Sequence[float],
    naive_ratio: Sequence[float],
) -> list[dict[str, object]]:
    quantities = {
        "step": ("seconds", step, None),
        "snapshot": ("seconds", ours, None),
        "naive snapshot": ("seconds", naive, None),
        "instrumented / bare": ("ratio", ratio, case.target),
        "naively instrumented / bare": ("ratio", naive_ratio, None),
        "naive / ours": ("ratio", np.array(naive) / np.array(ours), None),
    }
    identity = {
        "benchmark": "trace_cost",
        "network": case.name,
        "cell": cell,
        "interval": case.interval,
    }
    return [row(identity, quantity, *measured) for quantity, measured in quantities.items()]
