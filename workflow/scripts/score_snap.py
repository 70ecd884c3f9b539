"""Score a study of SNAP: rank correlations by recipe and task, of all seeds and of each."""

from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.stages.runner import stage
from nascast.stages.snap_scores import score_runs


def main(job: Any) -> None:
    """Write two tidy CSVs: one row a (recipe, task, context, subset, metric), and one of seeds."""
    scores, seeds = score_runs(read_parquet(list(job.input)), job.params.resamples)
    for path, frame in ((job.output.scores, scores), (job.output.seeds, seeds)):
        told = frame.assign(study=job.wildcards.study)
        told = told[["study", *frame.columns]]
        atomic_write_text(Path(path), told.to_csv(index=False, float_format="%.6g"))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
