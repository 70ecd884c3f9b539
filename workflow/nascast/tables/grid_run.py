"""What was scored of grids of initialisation and query budgets, for tables and figures of them.

A table may show several grids of the same task, so that predictors which cost seconds and others
which cost hours can have grids of their own. Which networks a seed draws depends on the seed and
on the networks that take part, not on the grid's name; grids that name the same curves, proxies and
so on therefore test on the same networks, and their numbers are paired. Others are shown side by
side, but never tested against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from nascast.evaluation.scores import SEED_METRIC
from nascast.evaluation.winners import Cell
from nascast.tables.tidy import TableError

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
        changes: of single predictors' settings, by predictor.
        pool: what decides which networks take part, beside the labels; grids with the same pool,
            sampling and number of test networks have the same ones.
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
    changes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    pool: tuple[str, ...] = ()

    @property
    def drawn(self) -> tuple[str, int, tuple[str, ...]]:
        """What the test networks of a seed depend on, beside the task."""
        return self.sampling, self.test_networks, self.pool

    @property
    def measured(self) -> bool:
        """Whether predictors see what we measured on a task's images; curves of labels are not."""
        return bool(self.sees & {"proxies", "supernets"}) or self.unit == "mini-batch"

    def numbers(self, task: str, metric: str) -> pd.DataFrame:
        """Return the scores of one task and metric."""
        found = (self.scores["column"] == task) & (self.scores["metric"] == metric)
        return self.scores[found]

    def seed_numbers(self, task: str) -> pd.DataFrame:
        """Return ``row``, ``train_size``, ``budget``, ``seed`` and tau as ``value`` of one task.

        ``drawn`` tells numbers on other test networks apart: only within it a seed pairs them.
        """
        found = self.seeds[self.seeds["column"] == task]
        return found.rename(columns={SEED_METRIC: "value"}).assign(drawn=found.get("drawn", 0))

    def settings_of(self, predictor: str) -> str:
        """Return the name of a predictor's settings: that of its numbers, if it has any."""
        known = self.scores.loc[self.scores["row"] == predictor, "settings"]
        return str(known.iloc[0]) if len(known) else self.settings


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
        """Return what shows each task: every predictor and cell from the first grid that has it."""
        tasks = dict.fromkeys(task for grid in self.grids for task in grid.tasks)
        return {task: joined(self.grids_of([task]), task) for task in tasks}

    def grids_of(self, tasks: Sequence[str]) -> list[ScoredGrid]:
        """Return the grids that have any of some tasks."""
        return [grid for grid in self.grids if set(tasks) & set(grid.tasks)]

    def predictors(self) -> list[str]:
        """Return all predictors that take part, without repetition."""
        return list(dict.fromkeys(name for grid in self.grids for name in grid.predictors))

    def title_of(self, task: str) -> str:
        """Return a task's image set; of a stand-in, also that of what it stands for."""
        parts = (task, self.stands_for.get(task, task))
        return " for ".join(dict.fromkeys(name.partition("-")[2] for name in parts))


def joined(grids: Sequence[ScoredGrid], task: str) -> ScoredGrid:
    """Return grids of one task as one: each predictor's cells from the first grid that has them.

    Raises:
        TableError: they draw networks in different ways, or count different query budgets.
    """
    first = grids[0]
    if len(grids) == 1:
        return first
    units = {grid.unit for grid in grids if any(budget for _, budget in grid.cells)}
    for what, found in (("sampling", {g.sampling for g in grids}), ("unit of budgets", units)):
        if len(found) > 1:
            raise TableError(
                f"the grids {', '.join(grid.name for grid in grids)} of {task} cannot share a "
                f"table: their {what} is {' and '.join(sorted(found))}"
            )
    draws = list(dict.fromkeys(grid.drawn for grid in grids))
    return replace(
        first,
        name=" and ".join(grid.name for grid in grids),
        tasks=(task,),
        predictors=tuple(dict.fromkeys(name for grid in grids for name in grid.predictors)),
        cells=tuple(sorted({cell for grid in grids for cell in grid.cells})),
        unit=units.pop() if units else first.unit,
        sees=frozenset().union(*(grid.sees for grid in grids)),
        settings=" and ".join(dict.fromkeys(grid.settings for grid in grids)),
        changes={name: told for grid in reversed(grids) for name, told in grid.changes.items()},
        scores=_first_of([grid.scores for grid in grids], task),
        seeds=_first_of([grid.seeds.assign(drawn=draws.index(grid.drawn)) for grid in grids], task),
    )


def _first_of(frames: Sequence[pd.DataFrame], task: str) -> pd.DataFrame:
    """Return the rows of one task, each predictor's cells from the first frame with them."""
    rows = pd.concat([frame.assign(place=i) for i, frame in enumerate(frames)], ignore_index=True)
    rows = rows[rows["column"] == task]
    first = rows.groupby(["row", "train_size", "budget"])["place"].transform("min")
    return rows[rows["place"] == first].drop(columns="place").reset_index(drop=True)


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
