"""Score a grid: the metrics of White et al. in every cell, with their intervals, and the costs."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.evaluation.scores import score_costs, score_predictions
from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.stages.runner import stage

METRICS = (
    "kendall_tau", "spearman", "pearson", "sparse_kendall_tau", "sparse_kendall_tau_fine", "mae",
    "precision_at_10", "precision_at_20",
)  # fmt: skip


def main(job: Any) -> None:
    """Write a tidy CSV, one row a (predictor, task, train_size, budget, metric)."""
    predictions = read_parquet(list(job.input))
    scores = score_predictions(
        predictions,
        accuracy_predictors=job.params.estimators,
        metrics=METRICS,
        with_interval=["kendall_tau", "spearman"],
        resamples=job.params.resamples,
    )
    tidy = pd.concat([scores, score_costs(predictions)], ignore_index=True)
    atomic_write_text(Path(job.output[0]), tidy.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
