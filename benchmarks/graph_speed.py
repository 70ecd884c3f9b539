"""How fast computation graphs of full-size networks are made: from plans, against built networks.

For each space the same sampled networks are described as plans and turned into computation graphs;
the general way builds each network on the meta device and traces it, the naive one counts a forward
pass there, which yields sizes alone. Everything runs on one CPU thread and is timed by the thread's
own clock. Memory is the peak of Python, NumPy and Arrow while graphs are made from plans and
written to one file, for some networks and for four times as many.
"""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from benchmarks.timing import row, seconds
from torch import nn

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.tables import GRAPHS_SCHEMA, graph_tables
from nascast.graphs.trace import graph_of_module
from nascast.io.parquet import write_tables
from nascast.io.provenance import Provenance
from nascast.networks.counts import count_macs
from nascast.spaces import registry
from nascast.spaces.base import Architecture, SearchSpace

SPACES = ("nasbench101", "nasbench201", "darts", "ofa_mbv3")
NETWORKS = 10
REPEATS = 5
# Networks a second on one core that the project wants of NAS-Bench-101.
TARGET = {"nasbench101": 20.0}
# Networks written at once, the same again and again, and in all; the peak must not follow that.
TABLE = 20
WRITTEN = (60, 240)
MEMORY_TARGET = 1.1


def run() -> pd.DataFrame:
    """Time every space and weigh the first; takes about a minute on one core.

    Returns:
        One row a (space, quantity) with the median, the quartiles and the target, if any.
    """
    rows = [row for name in SPACES for row in _time(name)]
    return pd.DataFrame([*rows, _weigh(SPACES[0])])


def _time(name: str) -> list[dict[str, object]]:
    space = registry.create(name)
    rng = np.random.default_rng(0)
    archs = [space.sample(rng) for _ in range(NETWORKS)]
    ways = (_graphs, _traces, _counts)
    for way in ways:
        way(space, archs[:1])
    ours, traced, naive = (_times(way, space, archs) for way in ways)
    identity = {"benchmark": "graph_speed", "network": name}
    return [
        row(identity, "graphs a second", "networks/s", NETWORKS / ours, TARGET.get(name)),
        row(identity, "traced / graph", "ratio", traced / ours),
        row(identity, "counted forward / graph", "ratio", naive / ours),
        row(identity, "traced / counted forward", "ratio", traced / naive),
    ]


def _weigh(name: str) -> dict[str, object]:
    few, many = WRITTEN
    _peak(name, few)  # fills what is kept for good, like the tables of the space
    ratios = [_peak(name, many) / _peak(name, few) for _ in range(REPEATS)]
    quantity = f"peak memory, {many} / {few} networks"
    identity = {"benchmark": "graph_speed", "network": name}
    return row(identity, quantity, "ratio", ratios, MEMORY_TARGET)


def _graphs(space: SearchSpace, archs: list[Architecture]) -> None:
    for arch in archs:
        graph_of_plan(space.plan(arch, space.published, space.published_image_size))


def _traces(space: SearchSpace, archs: list[Architecture]) -> None:
    side = space.published_image_size
    for arch in archs:
        graph_of_module(_network(space, arch), torch.empty(1, 3, side, side, device="meta"))


def _counts(space: SearchSpace, archs: list[Architecture]) -> None:
    side = space.published_image_size
    for arch in archs:
        count_macs(_network(space, arch), (3, side, side))


def _network(space: SearchSpace, arch: Architecture) -> nn.Module:
    with torch.device("meta"):
        return space.build(arch, space.published, 10)


def _peak(name: str, count: int) -> int:
    """Return the most bytes in use while that many networks' graphs are made and written."""
    space, rng, most = registry.create(name), np.random.default_rng(0), 0
    archs = [space.sample(rng) for _ in range(TABLE)]

    def graphs() -> Iterator[tuple[str, ComputationGraph]]:
        for number in range(count):
            arch = archs[number % TABLE]
            plan = space.plan(arch, space.published, space.published_image_size)
            yield arch.arch_id, graph_of_plan(plan)

    def watched() -> Iterator[pa.Table]:
        nonlocal most
        for table in graph_tables(graphs(), TABLE):
            most = max(most, tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes())
            yield table

    tracemalloc.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            provenance = Provenance("graphs", "", "", {}, {}, "cpu", 0)
            write_tables(watched(), Path(folder, "graphs.parquet"), GRAPHS_SCHEMA, provenance)
    finally:
        tracemalloc.stop()
    return most


def _times(
    way: Callable[[SearchSpace, list[Architecture]], None],
    space: SearchSpace,
    archs: list[Architecture],
) -> np.ndarray:
    return np.array([seconds(lambda: way(space, archs)) for _ in range(REPEATS)])
