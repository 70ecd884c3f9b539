"""Score a grid: the metrics of White et al. in every cell, with their intervals, and the costs.

Beside it, Kendall's tau of every seed by itself.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.evaluation.scores import score_costs, score_predictions, score_seeds
from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.stages.runner import stage

METRICS = (
    "kendall_tau", "spearman", "pearson", "sparse_kendall_tau", "sparse_kendall_tau_fine", "mae",
    "precision_at_10", "precision_at_20",
)  # fmt: skip


def main(job: Any) -> None:
    """Write a tidy CSV, one row a (predictor, task, train_size, budget, metric); one of seeds."""
    predictions = read_parquet(list(job.input))
    scores = score_predictions(
        predictions,
        accuracy_predictors=job.params.estimators,
        metrics=METRICS,
        with_interval=["kendall_tau", "spearman"],
        resamples=job.params.resamples,
    )
    tidy = pd.concat([scores, score_costs(predictions)], ignore_index=True)
    for path, frame in ((job.output.scores, tidy), (job.output.seeds, score_seeds(predictions))):
        atomic_write_text(Path(path), frame.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
