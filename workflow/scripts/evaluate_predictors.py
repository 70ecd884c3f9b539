"""Fit a family of predictors on one task and fold, and predict the held-out networks everywhere."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from nascast.evaluation.protocol import Query, TaskData, evaluate_predictor
from nascast.io.parquet import read_parquet, read_table, write_parquet
from nascast.predictors import registry
from nascast.seeds import derive_seed
from nascast.stages.features import (
    read_labels,
    read_task,
    steps_per_epoch,
    trace_of,
    vectors_array,
)
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import PREDICTIONS_SCHEMA
from nascast.stages.splits import experiment_split


def read_tasks(job: Any) -> dict[str, TaskData]:
    """Return every task of the experiment with all its features and labels."""
    sizes = read_parquet(job.input.sizes).set_index("arch_id")
    arch_ids = [str(name) for name in sizes.index]
    codes = read_table(job.input.codes) if job.input.get("codes") else None
    tasks = {}
    for name, task in job.params.tasks.items():
        trace = f"{task['space']}-{task['images']}-"
        summary = read_table(next(p for p in job.input.summaries if trace in trace_of(p)))
        vectors = {"trace_summary": vectors_array(summary, arch_ids)}
        if codes is not None:
            own = codes.filter(pc.starts_with(codes["trace"], trace))
            vectors["trace_codes"] = vectors_array(own, arch_ids)
        snapshots = summary["step"].to_numpy()[: vectors["trace_summary"].shape[1]]
        shards = [path for path in job.input.steps if trace in trace_of(path)]
        features = read_task(shards, sizes, vectors, snapshots)
        labels = read_labels(job.input.labels, task["label_images"], task["label_column"], arch_ids)
        tasks[name] = TaskData(name, features, labels)
    return tasks


def main(job: Any) -> None:
    """Write one row a (predictor, target task, budget, seed, architecture)."""
    experiment, source = job.params.experiment, job.wildcards.task
    fold, space = int(job.wildcards.fold), job.params.tasks[source]["space"]
    tasks = read_tasks(job)
    epoch = steps_per_epoch(job.input.images, job.params.protocol["batch_size"])
    frames = []
    for seed in range(experiment["seeds"]):
        split = experiment_split(space, job.params.protocol["networks"], experiment, fold, seed)
        for name in job.params.predictors:
            make = partial(
                registry.create,
                name,
                seed=derive_seed("predictor", name, source, fold, seed),
                settings=experiment["regressor"],
                steps_per_epoch=epoch,
            )
            targets = list(tasks) if name in experiment["transfer"] else [source]
            queries = [Query(tasks[target], tasks[target].features) for target in targets]
            predictions = evaluate_predictor(
                make, tasks[source], queries, split, experiment["budgets"]
            )
            frames.append(predictions.assign(fold=fold, seed=seed))
            print(f"seed {seed} {name}: {len(predictions)} predictions")
    result = pd.concat(frames, ignore_index=True).assign(
        settings=experiment["settings"], train_network_seconds=float("nan")
    )
    origin = provenance(job, experiment | {"fold": fold, "source": source}, seed=0)
    write_parquet(result, Path(job.output[0]), PREDICTIONS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
