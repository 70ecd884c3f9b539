"""Search a task with one method for a few seeds; each training is the lookup of a label."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nascast.io.parquet import read_parquet, write_parquet
from nascast.predictors import registry
from nascast.predictors.base import Predictor
from nascast.search.algorithms import create
from nascast.search.base import run_search
from nascast.search.trainings import Trainings
from nascast.spaces import registry as spaces
from nascast.stages.features import all_labels
from nascast.stages.problems import search_problem
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import SEARCHES_SCHEMA

COLUMNS = ["arch_id", "canonical_id", "spec"]


def make_predictor(name: str, settings: dict[str, float], seed: int) -> Predictor:
    """Return a predictor that sees no partial training."""
    return registry.create(name, seed=seed, settings=settings, steps_per_epoch=1, horizon=1)


def rows_of(trainings: Trainings) -> pd.DataFrame:
    """Return a row a training."""
    labels = np.array(list(trainings.revealed.values()))
    return pd.DataFrame(
        {
            "query": np.arange(1, len(trainings) + 1),
            "arch_id": list(trainings.revealed),
            "label": labels,
            "best_so_far": np.maximum.accumulate(labels),
            "seconds": trainings.seconds,
        }
    )


def main(job: Any) -> None:
    """Write one row a (seed, query)."""
    search, task = job.params.search, job.params.task
    name, predictor = job.params.method
    labels = all_labels(job.input.labels, task["label_images"], task["label_column"])
    networks = read_parquet(job.input.labels, COLUMNS)
    networks = networks[networks["arch_id"].astype(str).isin(list(labels))]
    needs: frozenset[str] = frozenset()
    make = None
    if predictor:
        needs = registry.get(predictor).needs
        settings = registry.get(predictor).quick if search["settings"] == "quick" else {}
        make = partial(make_predictor, predictor, settings)
    space = spaces.create(task["space"])
    problem = search_problem(space, networks, needs, search["neighbours"])
    algorithm = create(name, search, make)
    frames = []
    for seed in job.params.seeds:
        trainings = run_search(algorithm, problem, labels, search["queries"], seed)
        frames.append(rows_of(trainings).assign(seed=seed))
        best, spent = max(trainings.revealed.values()), trainings.seconds[-1]
        sizes = f"{len(trainings)} of {len(problem.names)} networks"
        print(f"seed {seed}: trained {sizes}, the best {best:.6f}, {spent:.1f} s")
    result = pd.concat(frames, ignore_index=True).assign(
        search=job.wildcards.search,
        task=job.wildcards.task,
        algorithm=name,
        predictor=predictor,
    )
    origin = provenance(job, search | {"part": job.wildcards.part}, seed=0)
    write_parquet(result, Path(job.output[0]), SEARCHES_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
