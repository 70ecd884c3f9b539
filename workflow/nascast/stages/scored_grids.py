"""Reads what was scored of grids, for tables and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nascast.grid_sections import Grid
from nascast.tables.grid_run import GridRun, ScoredGrid


def scored_run(
    scores: Sequence[Path | str],
    seeds: Sequence[Path | str],
    grids: Mapping[str, Mapping[str, Any]],
    tasks: Mapping[str, Mapping[str, Any]],
) -> GridRun:
    """Return what was scored.

    Args:
        scores: a file of scores for each grid.
        seeds: a file of each grid's scores by seed.
        grids: the settings of each grid by name, in the order of the files.
        tasks: the settings of every configured task.
    """
    read = [
        _scored(name, Grid.model_validate(settings), of_cells, of_seeds)
        for (name, settings), of_cells, of_seeds in zip(grids.items(), scores, seeds, strict=True)
    ]
    return GridRun(
        grids=read,
        sources={name: task["labels"] for name, task in tasks.items()},
        stands_for={n: task["stands_for"] for n, task in tasks.items() if task["stands_for"]},
        substitutes={n: task["substitute"] for n, task in tasks.items() if task["substitute"]},
    )


def _scored(name: str, grid: Grid, scores: Path | str, seeds: Path | str) -> ScoredGrid:
    there = {
        "curves": grid.curves != "none",
        "losses": grid.curves in ("labels", "traces"),
        "proxies": grid.proxies is not None,
        "supernets": grid.supernets,
    }
    return ScoredGrid(
        name=name,
        tasks=tuple(grid.tasks),
        predictors=tuple(grid.predictors),
        cells=tuple(grid.cells),
        unit="mini-batch" if grid.curves == "traces" else "epoch",
        sees=frozenset(what for what, known in there.items() if known),
        test_networks=grid.test_networks,
        sampling=grid.sampling,
        settings=grid.settings,
        scores=pd.read_csv(scores),
        seeds=pd.read_csv(seeds),
        changes=grid.changes,
        pool=_pool(grid),
    )


def _pool(grid: Grid) -> tuple[str, ...]:
    """Return what leaves networks out of a grid: curves of their own, proxies, supernets, traces.

    Curves of the labels are known of all labelled networks.
    """
    known = {
        "published curves": grid.curves == "published",
        "an accuracy at epoch 12": grid.curves == "epoch12",
        f"traces {grid.protocol}": grid.curves == "traces",
        f"proxies {grid.proxies}": grid.proxies is not None,
        "supernet scores": grid.supernets,
    }
    return tuple(what for what, needed in known.items() if needed)
