"""What was scored of grids of initialisation and query budgets, for tables and figures of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from nascast.evaluation.scores import SEED_METRIC
from nascast.evaluation.winners import Cell

_PLURALS: Final = {"epoch": "epochs", "mini-batch": "mini-batches"}


@dataclass(frozen=True)
class ScoredGrid:
    """One grid and its numbers.

    Attributes:
        name: of the grid.
        tasks: on which it is evaluated, in order.
        predictors: that take part, in order.
        cells: training networks and query budget of every cell, 0 where it has no such axis.
        unit: what a query budget counts, "epoch" or "mini-batch".
        sees: what predictors may see beside structure: "curves", "proxies", "supernets".
        test_networks: in each seed.
        sampling: how networks are drawn, "random" or "mutation".
        settings: of all predictors, "published" or "quick".
        scores: with the columns ``nascast.evaluation.scores.SCORE_COLUMNS``.
        seeds: with ``SEED_COLUMNS``.
    """

    name: str
    tasks: tuple[str, ...]
    predictors: tuple[str, ...]
    cells: tuple[Cell, ...]
    unit: str
    sees: frozenset[str]
    test_networks: int
    sampling: str
    settings: str
    scores: pd.DataFrame
    seeds: pd.DataFrame

    def numbers(self, task: str, metric: str) -> pd.DataFrame:
        """Return the scores of one task and metric."""
        found = (self.scores["column"] == task) & (self.scores["metric"] == metric)
        return self.scores[found]

    def seed_numbers(self, task: str) -> pd.DataFrame:
        """Return ``row``, ``train_size``, ``budget``, ``seed`` and tau as ``value`` of one task."""
        found = self.seeds[self.seeds["column"] == task]
        return found.rename(columns={SEED_METRIC: "value"})


@dataclass(frozen=True)
class GridRun:
    """The grids that a table or figure shows.

    Attributes:
        grids: in order of preference.
        sources: label source of each configured task: "real", "minibench" or "missing: <what>".
        stands_for: a task to the paper's task that it stands for.
        substitutes: a task to what was put in the place of its images.
    """

    grids: Sequence[ScoredGrid]
    sources: Mapping[str, str]
    stands_for: Mapping[str, str]
    substitutes: Mapping[str, str]

    def by_task(self) -> dict[str, ScoredGrid]:
        """Return the grid that shows each task: the first one that has it."""
        shown: dict[str, ScoredGrid] = {}
        for grid in self.grids:
            for task in grid.tasks:
                shown.setdefault(task, grid)
        return shown

    def predictors(self) -> list[str]:
        """Return all predictors that take part, without repetition."""
        return list(dict.fromkeys(name for grid in self.grids for name in grid.predictors))

    def title_of(self, task: str) -> str:
        """Return a task's image set; of a stand-in, also that of what it stands for."""
        parts = (task, self.stands_for.get(task, task))
        return " for ".join(dict.fromkeys(name.partition("-")[2] for name in parts))


def counted(unit: str, count: int = 2) -> str:
    """Return what as many units of query budget are called."""
    return unit if count == 1 else _PLURALS[unit]


def cell_headers(cell: Cell, unit: str) -> tuple[str, str]:
    """Return how a cell's training networks and query budget are called."""
    size, budget = cell
    return (
        f"{size} networks" if size else "no networks",
        f"{budget} {counted(unit, budget)}" if budget else "no curve",
    )


def with_headers(numbers: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Add the columns ``networks`` and ``queried``, the headers of each row's cell."""
    cells = zip(numbers["train_size"], numbers["budget"], strict=True)
    texts: list[Any] = [cell_headers((int(size), int(budget)), unit) for size, budget in cells]
    return numbers.assign(
        networks=[networks for networks, _ in texts], queried=[queried for _, queried in texts]
    )
