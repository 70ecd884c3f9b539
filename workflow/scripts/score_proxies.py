"""Score measured proxies against labels and against each other."""

from pathlib import Path
from typing import Any

from nascast.evaluation.proxy_scores import correlate_proxies, proxy_predictions, score_proxies
from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.proxies import registry
from nascast.stages.features import all_labels
from nascast.stages.runner import stage


def main(job: Any) -> None:
    """Write two tidy CSVs."""
    measured = read_parquet(list(job.input.proxies))
    labels = {
        name: all_labels(path, task["label_images"], task["label_column"])
        for (name, task), path in zip(job.params.tasks.items(), job.input.labels, strict=True)
    }
    lower = [
        name for name in job.params.proxies if not registry.REGISTRY.load(name).higher_is_better
    ]
    predictions = proxy_predictions(measured, labels, lower)
    for table, path in (
        (score_proxies(predictions, job.params.resamples), job.output.scores),
        (correlate_proxies(predictions), job.output.pairs),
    ):
        atomic_write_text(Path(path), table.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
