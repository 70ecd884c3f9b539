"""From predictions to scores: one row a cell of a table and metric, with its interval.

A cell is one predictor on one task at one training size, budget, context and settings. Metrics
are computed within each (fold, seed) and averaged; intervals come from
:mod:`nascast.evaluation.intervals`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.errors import NascastError
from nascast.evaluation import weighted
from nascast.evaluation.intervals import Group, GroupMetric, Interval, bootstrap_intervals
from nascast.evaluation.metrics import FINE_SPARSE_RESOLUTION, SPARSE_RESOLUTION, round_to
from nascast.evaluation.weighted import Floats, WeightedMetric

CELL: Final = ("predictor", "task", "train_size", "budget", "context", "settings")
PREDICTION_COLUMNS: Final = (*CELL, "fold", "seed", "arch_id", "prediction", "label")
COST_COLUMNS: Final = ("train_network_seconds", "fit_seconds", "predict_seconds", "query_seconds")
INITIALISATION: Final = "initialisation_seconds"
"""What ``train_network_seconds`` and ``fit_seconds`` make together."""
SCORE_COLUMNS: Final = (
    "row",
    "column",
    "metric",
    "budget",
    "train_size",
    "context",
    "settings",
    "value",
    "ci_low",
    "ci_high",
    "n",
    "seeds",
)
SEED_METRIC: Final = "kendall_tau"
SEED_COLUMNS: Final = (*SCORE_COLUMNS[:2], *SCORE_COLUMNS[3:7], "seed", SEED_METRIC)


class PredictionsError(NascastError):
    """A predictions table that cannot be scored."""


def _plain(metric: WeightedMetric) -> GroupMetric:
    def scored(group: Group, weights: Floats) -> Floats:
        return metric(group.prediction, group.label, weights)

    return scored


def _sparse(resolution: float) -> GroupMetric:
    def scored(group: Group, weights: Floats) -> Floats:
        return weighted.kendall_tau(round_to(group.prediction, resolution), group.label, weights)

    return scored


def _partial(names: Sequence[str]) -> GroupMetric:
    def scored(group: Group, weights: Floats) -> Floats:
        controls = np.stack([group.controls[name] for name in names])
        return weighted.partial_kendall_tau(group.prediction, group.label, controls, weights)

    return scored


RANKING_METRICS: Final[Mapping[str, GroupMetric]] = {
    "kendall_tau": _plain(weighted.kendall_tau),
    "spearman": _plain(weighted.spearman),
    "pearson": _plain(weighted.pearson),
    "kendall_tau_best20": _plain(partial(weighted.best_fraction_tau, fraction=0.2)),
    "kendall_tau_best5": _plain(partial(weighted.best_fraction_tau, fraction=0.05)),
    "precision_at_10": _plain(partial(weighted.precision_at_k, k=10)),
    "precision_at_20": _plain(partial(weighted.precision_at_k, k=20)),
    "regret_at_1": _plain(partial(weighted.regret_at_k, k=1)),
    "regret_at_10": _plain(partial(weighted.regret_at_k, k=10)),
    "ndcg_linear_at_10": _plain(partial(weighted.ndcg_at_k, k=10, gain="linear")),
    "ndcg_exponential_at_10": _plain(partial(weighted.ndcg_at_k, k=10, gain="exponential")),
}
"""Metrics of any predictor, whatever the scale of its predictions."""

ACCURACY_METRICS: Final[Mapping[str, GroupMetric]] = {
    "sparse_kendall_tau": _sparse(SPARSE_RESOLUTION),
    "sparse_kendall_tau_fine": _sparse(FINE_SPARSE_RESOLUTION),
    "mae": _plain(weighted.mean_absolute_error),
}
"""Metrics that only mean something where predictions are accuracies."""

PARTIAL_PREFIX: Final = "partial_kendall_tau_"
LOWER_IS_BETTER: Final = frozenset(
    {"mae", "regret_at_1", "regret_at_10", INITIALISATION, *COST_COLUMNS}
)


def score_predictions(
    predictions: pd.DataFrame,
    *,
    sizes: pd.DataFrame | None = None,
    controls: Sequence[str] = (),
    accuracy_predictors: Collection[str] = (),
    metrics: Collection[str] | None = None,
    with_interval: Collection[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return one row a cell and metric with the columns ``SCORE_COLUMNS``.

    Args:
        predictions: the predictions contract, ``PREDICTION_COLUMNS`` (costs may ride along).
        sizes: one row an ``arch_id`` with the controls' columns; needed with ``controls``.
        controls: sizes held fixed one at a time, a metric ``partial_kendall_tau_<name>`` each.
        accuracy_predictors: predictors whose predictions are accuracies; only they get
            ``ACCURACY_METRICS``.
        metrics: names to compute; all by default.
        with_interval: names that get an interval; all by default. Tau costs a fifth of all.
        resamples: bootstrap resamples a cell, 0 for none.
        seed: identity of the draws.

    Returns:
        Rows in the order of first appearance of the cells; ``row`` is the predictor, ``column``
        the task, ``n`` the number of distinct test networks, ``seeds`` that of distinct seeds.

    Raises:
        PredictionsError: for missing columns, rows given twice, labels that are not finite, an
            unknown metric or control, or a network without size.
    """
    frame = _checked(predictions)
    frame = _with_controls(frame, sizes, controls)
    ranking, accuracy = _selected(metrics, controls)
    _selected(with_interval, controls)
    rows: list[dict[str, Any]] = []
    for key, cell in frame.groupby(list(CELL), sort=False, observed=True):
        identity = dict(zip(CELL, key, strict=True))
        chosen = ranking | (accuracy if identity["predictor"] in accuracy_predictors else {})
        groups = _groups(cell, controls)
        bounded = {n: m for n, m in chosen.items() if with_interval is None or n in with_interval}
        others = {n: m for n, m in chosen.items() if n not in bounded}
        intervals = bootstrap_intervals(groups, bounded, resamples=resamples, seed=seed)
        intervals |= bootstrap_intervals(groups, others, resamples=0)
        rows.extend(_row(identity, name, interval, cell) for name, interval in intervals.items())
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def score_costs(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return each cell's mean costs as rows with the columns ``SCORE_COLUMNS``.

    ``train_network_seconds`` (training of the labelled networks) and ``fit_seconds`` make up
    ``initialisation_seconds``. ``predict_seconds`` is per network, and ``query_seconds`` the same
    with its partial training. Each is the mean over the cell's folds and seeds of its mean over
    networks; a cost that is unknown gives no row, never a zero.

    Raises:
        PredictionsError: for missing columns, as :func:`score_predictions`.
    """
    frame = _checked(predictions)
    lacking = [name for name in COST_COLUMNS if name not in frame]
    if lacking:
        raise PredictionsError(f"the predictions table lacks the cost columns {', '.join(lacking)}")
    rows: list[dict[str, Any]] = []
    for key, cell in frame.groupby(list(CELL), sort=False, observed=True):
        identity = dict(zip(CELL, key, strict=True))
        means = cell.groupby(["fold", "seed"])[list(COST_COLUMNS)].mean().mean().astype(float)
        means[INITIALISATION] = means["train_network_seconds"] + means["fit_seconds"]
        for name in (*COST_COLUMNS, INITIALISATION):
            if pd.notna(means[name]):
                cost = Interval(float(means[name]), float("nan"), float("nan"))
                rows.append(_row(identity, name, cost, cell))
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def score_seeds(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return Kendall's tau of each cell and seed, for paired tests, with ``SEED_COLUMNS``.

    Each is the mean over the seed's folds; their mean is the cell's in :func:`score_predictions`
    where all seeds have the same folds.

    Raises:
        PredictionsError: as :func:`score_predictions`.
    """
    metric = RANKING_METRICS[SEED_METRIC]
    rows: list[dict[str, Any]] = []
    for key, cell in _checked(predictions).groupby(list(CELL), sort=False, observed=True):
        place = _place(dict(zip(CELL, key, strict=True)))
        values: dict[int, list[float]] = {}
        for group in _groups(cell, ()):
            once = np.ones((1, len(group.arch_ids)))
            values.setdefault(group.seed, []).append(float(metric(group, once)[0]))
        rows.extend(
            place | {"seed": seed, SEED_METRIC: float(np.mean(found))}
            for seed, found in sorted(values.items())
        )
    return pd.DataFrame(rows, columns=list(SEED_COLUMNS))


def _checked(predictions: pd.DataFrame) -> pd.DataFrame:
    lacking = [name for name in PREDICTION_COLUMNS if name not in predictions]
    if lacking:
        raise PredictionsError(f"the predictions table lacks the columns {', '.join(lacking)}")
    keys = [*CELL, "fold", "seed", "arch_id"]
    empty = [name for name in keys if predictions[name].isna().any()]
    if empty:
        raise PredictionsError(f"the predictions table has empty cells in {', '.join(empty)}")
    repeated = predictions.duplicated(keys)
    if repeated.any():
        first = predictions.loc[repeated, keys].iloc[0].to_dict()
        raise PredictionsError(
            f"the predictions table holds {int(repeated.sum())} rows twice, first {first}; was a "
            "shard read twice?"
        )
    missing = ~np.isfinite(predictions["label"].to_numpy(np.float64, na_value=np.nan))
    if missing.any():
        first = predictions.loc[missing, ["task", "arch_id"]].iloc[0].to_dict()
        raise PredictionsError(
            f"{int(missing.sum())} of {len(predictions)} predictions have no finite label, first "
            f"{first}; leave unlabelled networks out of the test folds"
        )
    return predictions


def _with_controls(
    frame: pd.DataFrame, sizes: pd.DataFrame | None, controls: Sequence[str]
) -> pd.DataFrame:
    if not controls:
        return frame
    if sizes is None:
        raise PredictionsError(
            f"partial tau given {', '.join(controls)} needs a table of network sizes"
        )
    lacking = [name for name in ("arch_id", *controls) if name not in sizes]
    if lacking:
        raise PredictionsError(f"the table of network sizes lacks the columns {', '.join(lacking)}")
    by_network = sizes.set_index("arch_id")[list(controls)]
    if by_network.index.has_duplicates:
        raise PredictionsError("the table of network sizes names a network twice")
    found = by_network.reindex(frame["arch_id"])
    unknown = found.isna().any(axis=1).to_numpy()
    if unknown.any():
        raise PredictionsError(
            f"{int(frame.loc[unknown, 'arch_id'].nunique())} networks have no size, first "
            f"{frame.loc[unknown, 'arch_id'].iloc[0]}; add them to the table of network sizes"
        )
    return frame.assign(**{_control(name): found[name].to_numpy(np.float64) for name in controls})


def _control(name: str) -> str:
    return f"control: {name}"


def _selected(
    metrics: Collection[str] | None, controls: Iterable[str]
) -> tuple[dict[str, GroupMetric], dict[str, GroupMetric]]:
    ranking = dict(RANKING_METRICS) | {PARTIAL_PREFIX + name: _partial([name]) for name in controls}
    accuracy = dict(ACCURACY_METRICS)
    if metrics is None:
        return ranking, accuracy
    unknown = sorted(set(metrics) - ranking.keys() - accuracy.keys())
    if unknown:
        raise PredictionsError(
            f"unknown metrics {', '.join(unknown)}; known are {', '.join([*ranking, *accuracy])}"
        )
    return (
        {name: metric for name, metric in ranking.items() if name in metrics},
        {name: metric for name, metric in accuracy.items() if name in metrics},
    )


def _groups(cell: pd.DataFrame, controls: Sequence[str]) -> list[Group]:
    groups = []
    for _, rows in cell.groupby(["fold", "seed"], sort=True):
        groups.append(
            Group(
                fold=int(rows["fold"].iloc[0]),
                seed=int(rows["seed"].iloc[0]),
                arch_ids=tuple(rows["arch_id"]),
                prediction=rows["prediction"].to_numpy(np.float64, na_value=np.nan),
                label=rows["label"].to_numpy(np.float64),
                controls={name: rows[_control(name)].to_numpy(np.float64) for name in controls},
            )
        )
    return groups


def _place(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell's identity under the names of the tables."""
    renamed = {"predictor": "row", "task": "column"}
    return {renamed.get(name, name): value for name, value in identity.items()}


def _row(
    identity: Mapping[str, Any], metric: str, interval: Interval, cell: pd.DataFrame
) -> dict[str, Any]:
    return _place(identity) | {
        "metric": metric,
        "value": interval.value,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "n": int(cell["arch_id"].nunique()),
        "seeds": int(cell["seed"].nunique()),
    }
