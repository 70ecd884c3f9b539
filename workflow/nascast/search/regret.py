"""Any-time regret: how far the best network found so far is behind the best there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from nascast.evaluation.intervals import seed_intervals

COLUMNS: Final = (
    "task", "algorithm", "predictor", "query", "regret", "ci_low", "ci_high", "seconds", "seeds",
)  # fmt: skip


def regret_curves(
    runs: pd.DataFrame, best: Mapping[str, float], *, resamples: int = 1000
) -> pd.DataFrame:
    """Return the mean regret of every method after every training, with its interval.

    Args:
        runs: a row a training: ``task``, ``algorithm``, ``predictor`` ("" without one), ``seed``,
            ``query`` (from 1), ``best_so_far`` and ``seconds``.
        best: the best label of the networks that could be found, by task.
        resamples: of the 95% bootstrap interval over seeds; 0 skips it.

    Returns:
        A row a (task, algorithm, predictor, query) in the order of their first appearance, then of
        queries: ``regret`` in the label's unit, ``ci_low``, ``ci_high``, mean ``seconds`` of
        computing and the number of ``seeds``. All methods of a task share the resamples.

    Raises:
        ValueError: the searches of a method are not equally long, or one found a better network
            than the best.
    """
    frames = []
    for (task, algorithm, predictor), rows in runs.groupby(
        ["task", "algorithm", "predictor"], sort=False
    ):
        where = f"{algorithm} {predictor} on {task}".replace("  ", " ")
        found = rows.pivot(index="seed", columns="query", values="best_so_far").sort_index()
        if found.isna().any(axis=None):
            raise ValueError(f"the searches of {where} are not equally long")
        regrets = best[str(task)] - found.to_numpy(np.float64)
        if (regrets < 0).any():
            raise ValueError(
                f"{where} found {found.to_numpy().max():g}, better than the best, "
                f"{best[str(task)]:g}: the labels are others than those that were searched"
            )
        mean, low, high = seed_intervals(regrets, resamples=resamples)
        frames.append(
            pd.DataFrame(
                {
                    "task": task,
                    "algorithm": algorithm,
                    "predictor": predictor,
                    "query": found.columns,
                    "regret": mean,
                    "ci_low": low,
                    "ci_high": high,
                    "seconds": rows.groupby("query")["seconds"].mean().to_numpy(),
                    "seeds": len(found),
                }
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
