"""Trains the chosen SNAP-R and what stands beside it, and ranks the cells of other spaces."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.evaluation.metrics import kendall_tau, spearman
from nascast.predictors.snap_r.columns import choose
from nascast.predictors.snap_r.ensemble import SnapR
from nascast.seeds import derive_seed
from nascast.snap_r_sections import Candidate, SnapRSettings, Variation
from nascast.stages.snap_r_features import ALL_COLUMNS, Cells, Floats, stratified
from nascast.stages.snap_r_selection import recipe_of
from nascast.stages.snap_r_targets import Target

NAME = "SNAP-R"
FULL = "SNAP-R (all cells)"
SHORTCUTS = {
    "params": "params",
    "MACs": "macs",
    "effective params": "effective_params",
    "convolutions": "conv_count",
    "convs per path": "mean_path_convs",
}
"""Rankings that learn nothing, by row, and their columns in the size features."""

Rows = NDArray[np.int64]
# Nodes of a cell that are operations decide its size class.
_LENGTH = ALL_COLUMNS.index("count:length")


def varied(base: Candidate, variation: Variation) -> Candidate | None:
    """Return the chosen recipe with a variation's changes, None if they leave no member.

    A member that has nothing left to read is gone.
    """

    def renamed(patterns: list[str]) -> list[str]:
        names = ("size:relative", "size:population")
        return (
            [pattern.replace(*names) for pattern in patterns] if variation.population else patterns
        )

    keep, drop = renamed(base.keep), [*base.drop, *variation.drop]
    columns = [ALL_COLUMNS[place] for place in choose(ALL_COLUMNS, keep, drop)]
    members = []
    for member in base.members:
        reads, settings = renamed(member.reads), member.settings
        if member.kind == "trees":
            settings = {**settings, **variation.settings}
        reads_any = any(re.fullmatch(p, name) for p in reads or [".*"] for name in columns)
        if reads_any and member.kind not in variation.without:
            members.append(member.model_copy(update={"reads": reads, "settings": settings}))
    if not members:
        return None
    return Candidate(
        members=[*members, *variation.members],
        keep=keep,
        drop=drop,
        target=variation.target or base.target,
    )


def recipes(settings: SnapRSettings, base: Candidate) -> dict[str, Candidate]:
    """Return what is trained on every training set, by row; no variation without effect."""
    rows = {NAME: base}
    for name, variation in settings.variations.items():
        changed = varied(base, variation)
        if changed is not None and changed != base:
            rows[f"{NAME} ({name})"] = changed
    return rows | dict(settings.baselines)


def run(
    settings: SnapRSettings,
    base: Candidate,
    training: tuple[Cells, Floats],
    targets: list[Target],
) -> pd.DataFrame:
    """Return one row a (row, task, subset, seed).

    Columns: ``row``, ``task``, ``subset``, ``train_cells`` (0 for shortcuts), ``seed``,
    ``networks``, ``tau``, ``spearman``, ``fit_seconds``, ``query_seconds`` (for all networks).
    """
    cells, labels = training
    results = list(_shortcuts(targets))
    for seed in range(settings.seeds):
        rng = np.random.default_rng(derive_seed("snap_r", "cells", settings.cells, seed))
        rows = stratified(cells.features[:, _LENGTH].astype(np.float64), settings.cells, rng)
        for name, candidate in recipes(settings, base).items():
            results += _trained(name, candidate, cells, labels, rows, seed, targets)
        print(f"seed {seed}: {len(rows)} training cells")
    everything = np.arange(len(labels))
    for seed in range(settings.full_seeds):
        results += _trained(FULL, base, cells, labels, everything, seed, targets)
        print(f"seed {seed}: all {len(labels)} cells")
    return pd.DataFrame(results)


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation over seeds, one row a (row, task, subset)."""
    keys = ["row", "task", "subset"]
    return results.groupby(keys, sort=False, as_index=False).agg(
        train_cells=("train_cells", "first"),
        seeds=("seed", "size"),
        networks=("networks", "first"),
        tau=("tau", "mean"),
        tau_deviation=("tau", _deviation),
        spearman=("spearman", "mean"),
        spearman_deviation=("spearman", _deviation),
        fit_seconds=("fit_seconds", "mean"),
        query_seconds=("query_seconds", "mean"),
    )


def _deviation(values: pd.Series[float]) -> float:
    return float(values.std(ddof=0))


def _trained(
    name: str,
    candidate: Candidate,
    cells: Cells,
    labels: Floats,
    rows: Rows,
    seed: int,
    targets: list[Target],
) -> list[dict[str, Any]]:
    start = time.perf_counter()
    model = SnapR(recipe_of(candidate), ALL_COLUMNS, seed)
    model.fit(cells.among(rows), labels[rows])
    costs = {"train_cells": len(rows), "fit_seconds": time.perf_counter() - start}
    results = []
    for target in targets:
        start = time.perf_counter()
        scores = model.score(target.cells.among(np.arange(len(target.cells.features))))
        costs["query_seconds"] = time.perf_counter() - start
        results += _scored(target, scores, {"row": name, "seed": seed, **costs})
    return results


def _shortcuts(targets: list[Target]) -> Iterator[dict[str, Any]]:
    free = {"train_cells": 0, "seed": 0, "fit_seconds": 0.0, "query_seconds": 0.0}
    for name, column in SHORTCUTS.items():
        for target in targets:
            if target.cells.shortcuts is not None:
                scores = target.cells.shortcuts[column].to_numpy(np.float64).copy()
                if column == "effective_params":
                    scores[target.cells.features[:, ALL_COLUMNS.index("shape:dead")] > 0] = -np.inf
                yield from _scored(target, scores, {"row": name, **free})


def _scored(target: Target, scores: Floats, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    results = []
    for task, labels in target.labels.items():
        for subset, members in target.subsets.items():
            rows = members & np.isfinite(labels)
            pair = scores[rows], labels[rows]
            results.append(
                {
                    **known,
                    "task": task,
                    "subset": subset,
                    "networks": int(rows.sum()),
                    "tau": kendall_tau(*pair),
                    "spearman": spearman(*pair),
                }
            )
    return results
