"""From measured zero-cost proxies to scores: agreement with labels, and with each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.evaluation import weighted
from nascast.evaluation.scores import SCORE_COLUMNS, score_predictions

UNDEFINED: Final = "undefined"
CONTEXT: Final = "zero-shot"
METRICS: Final = ("spearman", "kendall_tau")
DEVIATION: Final = "spearman_deviation"
"""Standard deviation (n - 1) of Spearman's rho over the initialisations."""
SECONDS: Final = "seconds"
"""Mean seconds that a proxy takes for one network by itself."""
PAIR_COLUMNS: Final = ("task", "proxy", "other", "spearman", "n", "seeds")


def proxy_predictions(
    measured: pd.DataFrame,
    labels: Mapping[str, Mapping[str, float]],
    lower_is_better: Collection[str] = (),
    settings: str = "published",
) -> pd.DataFrame:
    """Return measured proxies as predictions of the labelled networks, higher for better.

    A value that is not finite ranks last, as in NAS-Bench-Suite-Zero. Where a proxy is not defined
    for a task there is no row: that is nothing the proxy could be blamed for.

    Args:
        measured: ``task``, ``arch_id``, ``seed``, ``proxy``, ``value``, ``status``, ``seconds``.
        labels: of each task, by ``arch_id``; networks without label are left out.
        lower_is_better: proxies whose source ranks low values first.
        settings: what the rows are called by in tables.
    """
    defined = measured[measured["status"] != UNDEFINED]
    known = [
        labels.get(str(task), {}).get(str(arch_id), np.nan)
        for task, arch_id in zip(defined["task"], defined["arch_id"], strict=True)
    ]
    frame = defined.assign(label=np.array(known, dtype=np.float64)).dropna(subset=["label"])
    value = frame["value"].to_numpy(np.float64, na_value=np.nan)
    sign = np.where(frame["proxy"].isin(list(lower_is_better)), -1.0, 1.0)
    return pd.DataFrame(
        {
            "predictor": frame["proxy"].astype(str),
            "task": frame["task"].astype(str),
            "train_size": 0,
            "budget": 0,
            "context": CONTEXT,
            "settings": settings,
            "fold": 0,
            "seed": frame["seed"].astype(int),
            "arch_id": frame["arch_id"].astype(str),
            "prediction": np.where(np.isfinite(value), sign * value, np.nan),
            "label": frame["label"],
            "query_seconds": frame["seconds"],
        }
    ).reset_index(drop=True)


def score_proxies(predictions: pd.DataFrame, resamples: int = 1000) -> pd.DataFrame:
    """Return one row a (proxy, task, metric): ``METRICS``, their deviation, and the cost.

    Args:
        predictions: of :func:`proxy_predictions`.
        resamples: bootstrap resamples of the intervals.
    """
    scores = score_predictions(predictions, metrics=METRICS, resamples=resamples)
    further = []
    for (name, task), rows in predictions.groupby(["predictor", "task"], sort=False):
        per_seed = [
            _spearman(group["prediction"].to_numpy(), group["label"].to_numpy())
            for _, group in rows.groupby("seed")
        ]
        common = {
            "row": name,
            "column": task,
            "budget": 0,
            "train_size": 0,
            "context": CONTEXT,
            "settings": rows["settings"].iloc[0],
            "n": rows["arch_id"].nunique(),
            "seeds": len(per_seed),
        }
        deviation = float(np.std(per_seed, ddof=1)) if len(per_seed) > 1 else np.nan
        seconds = float(rows["query_seconds"].mean())
        further.append(common | {"metric": DEVIATION, "value": deviation})
        further.append(common | {"metric": SECONDS, "value": seconds})
    frames = [scores, pd.DataFrame(further, columns=list(SCORE_COLUMNS))]
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def correlate_proxies(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's rho between every two proxies of a task, the mean over initialisations.

    Args:
        predictions: of :func:`proxy_predictions`.

    Returns:
        ``PAIR_COLUMNS``, every ordered pair, a proxy with itself included; ``n`` networks.
    """
    rows = []
    for task, frame in predictions.groupby("task", sort=False):
        names = list(dict.fromkeys(frame["predictor"]))
        tables = [
            group.pivot(index="arch_id", columns="predictor", values="prediction")[names]
            for _, group in frame.groupby("seed")
        ]
        for name in names:
            for other in names:
                found = [_spearman(t[name].to_numpy(), t[other].to_numpy()) for t in tables]
                rho = float(np.mean(found))
                rows.append((task, name, other, rho, len(tables[0]), len(tables)))
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return Spearman's rho; what is not finite ranks last on either side."""
    levels = weighted.dense_levels(second).astype(np.float64)
    return float(weighted.spearman(first, levels, np.ones((1, len(first))))[0])
