"""How fast computation graphs of full-size networks are made: from plans, against built networks.

For each space the same sampled networks are described as plans and turned into computation graphs;
the naive way builds each network on the meta device and counts a forward pass, which yields sizes
alone. Everything runs on one CPU thread and is timed by the thread's own clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from nascast.graphs.from_plan import graph_of_plan
from nascast.networks.counts import count_macs
from nascast.spaces import registry
from nascast.spaces.base import Architecture, SearchSpace

SPACES = ("nasbench101", "nasbench201", "darts", "ofa_mbv3")
NETWORKS = 20
REPEATS = 5
# Networks a second on one core that the project wants of NAS-Bench-101.
TARGET = {"nasbench101": 20.0}


def run() -> pd.DataFrame:
    """Time every space; takes about half a minute on one core.

    Returns:
        One row a (space, quantity) with the median, the quartiles and the target, if any.
    """
    return pd.DataFrame([row for name in SPACES for row in _time(name)])


def _time(name: str) -> list[dict[str, object]]:
    space = registry.create(name)
    rng = np.random.default_rng(0)
    archs = [space.sample(rng) for _ in range(NETWORKS)]
    _graphs(space, archs[:1])
    _counts(space, archs[:1])
    ours = np.array([_seconds(lambda: _graphs(space, archs)) for _ in range(REPEATS)])
    naive = np.array([_seconds(lambda: _counts(space, archs)) for _ in range(REPEATS)])
    quantities = {
        "graphs a second": ("networks/s", NETWORKS / ours, TARGET.get(name)),
        "counted forward / graph": ("ratio", naive / ours, None),
    }
    return [
        {
            "benchmark": "graph_speed",
            "network": name,
            "quantity": quantity,
            "unit": unit,
            "median": float(np.median(values)),
            "quartile_low": float(np.quantile(values, 0.25)),
            "quartile_high": float(np.quantile(values, 0.75)),
            "repeats": REPEATS,
            "target": target,
        }
        for quantity, (unit, values, target) in quantities.items()
    ]


def _graphs(space: SearchSpace, archs: list[Architecture]) -> None:
    for arch in archs:
        graph_of_plan(space.plan(arch, space.published, space.published_image_size))


def _counts(space: SearchSpace, archs: list[Architecture]) -> None:
    side = space.published_image_size
    for arch in archs:
        with torch.device("meta"):
            network = space.build(arch, space.published, 10)
        count_macs(network, (3, side, side))


def _seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start
