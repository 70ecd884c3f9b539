"""What we measured of zero-cost proxies: rank correlation with labels, and cost.

The table is ours: networks of the mini benchmark, written by ``make results`` from the scores that
``snakemake proxies`` makes. Nothing in it is published by others or set by hand.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nascast.ranking.base import RankingError

FILE = "measured_proxies.csv"
COLUMNS = ("proxy", "task", "spearman", "seconds", "n", "seeds")


@dataclass(frozen=True)
class Known:
    """What is known of a proxy.

    Attributes:
        name: the proxy.
        spearman: mean over search spaces of the mean over their tasks.
        seconds: mean over the same of the seconds that one small network took.
        tasks: how many tasks it was measured on.
        spaces: in how many search spaces.
    """

    name: str
    spearman: float
    seconds: float
    tasks: int
    spaces: int


@cache
def known_proxies() -> Mapping[str, Known]:
    """Return what was measured, the best mean rank correlation first."""
    text = files("nascast.ranking").joinpath(FILE).read_text("utf-8")
    return read_known(text)


def read_known(text: str) -> Mapping[str, Known]:
    """Return what a table of :data:`COLUMNS` says, the best first.

    Only proxies that were measured on every task are compared: a mean over easier tasks would be no
    comparison.

    Raises:
        RankingError: the table is of another form, or empty.
    """
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise RankingError(f"{FILE} must have the columns {', '.join(COLUMNS)}")
    cells: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in reader:
        cells[row["proxy"]][row["task"]] = float(row["spearman"]), float(row["seconds"])
    every = max(cells.values(), key=len, default={})
    if not every:
        raise RankingError(f"{FILE} is empty; write it with `make results`")
    found = [
        _summed_up(name, tasks) for name, tasks in cells.items() if tasks.keys() == every.keys()
    ]
    return {one.name: one for one in sorted(found, key=lambda one: (-one.spearman, one.name))}


def _summed_up(name: str, tasks: Mapping[str, tuple[float, float]]) -> Known:
    by_space: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for task, cell in tasks.items():
        by_space[task.split("-")[0]].append(cell)
    means = [
        tuple(sum(column) / len(cells) for column in zip(*cells, strict=True))
        for cells in by_space.values()
    ]
    spearman, seconds = (sum(column) / len(means) for column in zip(*means, strict=True))
    return Known(name, spearman, seconds, len(tasks), len(by_space))
