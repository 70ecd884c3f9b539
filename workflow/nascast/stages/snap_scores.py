"""From runs of SNAP to scores: rank correlations of every seed, their mean, and what leaked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.evaluation import weighted
from nascast.evaluation.intervals import Group, bootstrap_intervals, seed_intervals
from nascast.evaluation.scores import RANKING_METRICS
from nascast.stages.snap_runs import TARGET

METRICS: Final = ("kendall_tau", "spearman")
SUBSETS: Final = ("all", "none_free")
ZERO_SHOT: Final = "zero-shot"
BEST_EPOCH: Final = "leakage: best epoch"
BEST_SEED: Final = "leakage: best seed"
MOST_RESAMPLED: Final = 2000
"""Where more networks are ranked, which ones were drawn hardly matters, or they are all of a space:
intervals are over seeds alone. Drawing networks as well would take minutes a row."""

_PLACE = ["recipe", "task", "context", "subset"]
SCORE_COLUMNS: Final = (
    *_PLACE, "metric", "value", "deviation", "ci_low", "ci_high", "lowest", "highest", "n", "seeds",
    "interval",
)  # fmt: skip
SEED_COLUMNS: Final = (*_PLACE, "seed", *METRICS, "epoch")

Floats = NDArray[np.float64]


def score_runs(runs: pd.DataFrame, resamples: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores of recipes and of their seeds.

    Labels of a target decide nothing but in the rows whose context begins with ``leakage``: the
    mean over seeds of the epoch that ranks the target best, where every epoch was recorded, and the
    best of several seeds. No honest protocol can choose so; the rows say what it would have given.

    Args:
        runs: ``SNAP_RUNS_SCHEMA`` of one study, all recipes and seeds.
        resamples: of the intervals.

    Returns:
        ``SCORE_COLUMNS``, one row a (recipe, task, context, subset, metric), ``deviation`` over
        seeds; and ``SEED_COLUMNS``, one a (recipe, task, context, subset, seed), ``epoch`` null but
        where one was chosen.

    Raises:
        ValueError: no network has a label.
    """
    scores: list[dict[str, Any]] = []
    seeds: list[dict[str, Any]] = []
    epochs = _epochs(runs)
    labelled = runs[runs["label"].notna()].sort_values("arch_id", kind="stable")
    if labelled.empty:
        raise ValueError("none of the networks that were ranked has a label")
    keys = ["recipe", "task", "part"]
    for (recipe, task, part), rows in labelled.groupby(keys, sort=False, observed=True):
        for subset, chosen in _subsets(rows):
            context = ZERO_SHOT if part == TARGET else part
            place = dict(zip(_PLACE, (recipe, task, context, subset), strict=True))
            groups = _groups(chosen)
            own = _seed_rows(place, groups)
            seeds += own
            scores += _mean_rows(place, groups, own, resamples)
            if part != TARGET:
                continue
            leaked = _leaked_rows(place, groups, epochs)
            seeds += leaked
            scores += _chosen_rows(place, groups, own, leaked)
    return (
        pd.DataFrame(scores, columns=list(SCORE_COLUMNS)),
        pd.DataFrame(seeds, columns=list(SEED_COLUMNS)).astype({"epoch": "Int64"}),
    )


def _subsets(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield all networks, and those without ``none`` where they are some of them."""
    yield SUBSETS[0], rows
    if 0 < rows["none_free"].sum() < len(rows):
        yield SUBSETS[1], rows[rows["none_free"]]


def _groups(rows: pd.DataFrame) -> list[Group]:
    return [
        Group(
            fold=0,
            seed=int(str(seed)),
            arch_ids=tuple(of_seed["arch_id"].astype(str)),
            prediction=of_seed["prediction"].to_numpy(np.float64),
            label=of_seed["label"].to_numpy(np.float64),
        )
        for seed, of_seed in rows.groupby("seed", sort=True)
    ]


def _correlations(prediction: Floats, label: Floats) -> dict[str, float]:
    once = np.ones((1, len(label)))
    tau, rho = weighted.kendall_tau, weighted.spearman
    return {
        "kendall_tau": float(tau(prediction, label, once)[0]),
        "spearman": float(rho(prediction, label, once)[0]),
    }


def _seed_rows(place: dict[str, Any], groups: list[Group]) -> list[dict[str, Any]]:
    return [
        place | {"seed": group.seed, **_correlations(group.prediction, group.label), "epoch": pd.NA}
        for group in groups
    ]


def _mean_rows(
    place: dict[str, Any], groups: list[Group], own: list[dict[str, Any]], resamples: int
) -> list[dict[str, Any]]:
    """Return a row a metric: the mean over seeds with its interval."""
    values = np.array([[row[metric] for metric in METRICS] for row in own])
    _, low, high = seed_intervals(values, resamples=resamples)
    drawn, kind = groups[0].arch_ids, "seeds"
    same = all(group.arch_ids == drawn for group in groups)
    if same and len(drawn) <= MOST_RESAMPLED:
        wanted = {metric: RANKING_METRICS[metric] for metric in METRICS}
        found = bootstrap_intervals(groups, wanted, resamples=resamples)
        low = np.array([found[metric].low for metric in METRICS])
        high = np.array([found[metric].high for metric in METRICS])
        kind = "networks and seeds"
    n = max(len(group.arch_ids) for group in groups)
    return [
        place
        | _summary(metric, values[:, column], n)
        | {"ci_low": low[column], "ci_high": high[column], "interval": kind}
        for column, metric in enumerate(METRICS)
    ]


def _summary(metric: str, values: Floats, n: int) -> dict[str, Any]:
    return {
        "metric": metric,
        "value": values.mean(),
        "deviation": values.std(ddof=1) if len(values) > 1 else np.nan,
        "lowest": values.min(),
        "highest": values.max(),
        "n": n,
        "seeds": len(values),
    }


def _epochs(runs: pd.DataFrame) -> dict[tuple[str, int], pd.Series[Any]]:
    """Return by recipe and seed the predictions after each epoch, by arch_id, where recorded.

    They stand in the rows of one task of a space and hold for all of them.
    """
    recorded = runs[runs["epoch_predictions"].notna()]
    return {
        (str(recipe), int(str(seed))): rows.set_index("arch_id")["epoch_predictions"]
        for (recipe, seed), rows in recorded.groupby(["recipe", "seed"], observed=True)
    }


def _leaked_rows(
    place: dict[str, Any], groups: list[Group], epochs: dict[tuple[str, int], pd.Series[Any]]
) -> list[dict[str, Any]]:
    """Return for each watched seed the epoch with the highest tau on the target itself."""
    rows = []
    for group in groups:
        known = epochs.get((place["recipe"], group.seed))
        if known is None:
            continue
        curves = np.stack(known.loc[list(group.arch_ids)].to_list()).astype(np.float64)
        found = [_correlations(curve, group.label) for curve in curves.T]
        best = int(np.argmax([values["kendall_tau"] for values in found]))
        rows.append(
            place | {"context": BEST_EPOCH, "seed": group.seed, **found[best], "epoch": best + 1}
        )
    return rows


def _chosen_rows(
    place: dict[str, Any],
    groups: list[Group],
    own: list[dict[str, Any]],
    leaked: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return what choosing by the target's labels would have given: an epoch, or a seed."""
    chosen = {BEST_EPOCH: leaked}
    if len(own) > 1:
        chosen[BEST_SEED] = [max(own, key=lambda row: row["kendall_tau"])]
    n = len(groups[0].arch_ids)
    return [
        place
        | {"context": context}
        | _summary(metric, np.array([row[metric] for row in rows]), n)
        | {"seeds": len(own), "interval": "none"}
        for context, rows in chosen.items()
        if rows
        for metric in METRICS
    ]
