"""Score an experiment: every metric of every cell with its interval, and the costs."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.evaluation.scores import score_costs, score_predictions
from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.stages.runner import stage


def main(job: Any) -> None:
    """Write a tidy CSV; cells are scored task by task to keep the memory small."""
    predictions = read_parquet(list(job.input.predictions))
    sizes = read_parquet(job.input.sizes)
    scores = score_predictions(
        predictions,
        sizes=sizes,
        controls=["params", "conv_count"],
        accuracy_predictors=["NAP2", "NAP2-X", "NAP2-LSTM"],
        with_interval=["kendall_tau", "spearman", "kendall_tau_best20", "regret_at_10"],
        resamples=job.params.resamples,
    )
    costs = score_costs(predictions)
    tidy = pd.concat([scores, costs], ignore_index=True)
    atomic_write_text(Path(job.output[0]), tidy.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
