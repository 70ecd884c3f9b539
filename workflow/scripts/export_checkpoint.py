"""Train NAP2 on one fold's training networks and export it with its encoder as a checkpoint."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from nascast.evaluation.metrics import kendall_tau
from nascast.io.atomic import atomic_write_text
from nascast.io.hashing import hash_file
from nascast.io.parquet import read_parquet, read_table
from nascast.predictors.base import Observations
from nascast.predictors.checkpoint import save_checkpoint
from nascast.predictors.nap2 import NAP2
from nascast.predictors.store import load_encoder
from nascast.seeds import derive_seed
from nascast.stages.devices import choose_device
from nascast.stages.features import read_labels, vectors_array
from nascast.stages.runner import provenance, stage
from nascast.stages.splits import experiment_split


def main(job: Any) -> None:
    """Write the checkpoint and its card; its rank correlation is on the held-out networks."""
    choose_device("cpu")
    task, experiment = job.params.task, job.params.experiment
    fold, name = job.params.fold, job.wildcards.task
    split = experiment_split(task["space"], job.params.networks, experiment, fold, seed=0)
    codes = read_table(job.input.codes)
    own = codes.filter(pc.starts_with(codes["trace"], job.params.trace))
    arch_ids = [*split.train, *split.validation]
    labels = read_labels(
        job.input.labels, task["label_images"], task["label_column"], [*arch_ids, *split.test]
    )
    sequences = vectors_array(own, arch_ids)
    interval, count = job.params.interval, sequences.shape[1]
    seed = derive_seed("checkpoint", name, fold)
    predictor = NAP2(seed, experiment["regressor"])
    predictor.fit(
        Observations(
            tuple(arch_ids),
            interval * count,
            {"trace_codes": sequences},
            np.array([labels[arch_id] for arch_id in arch_ids]),
            np.isin(arch_ids, split.validation),
        )
    )
    held_out = vectors_array(own, list(split.test))
    truth = np.array([labels[arch_id] for arch_id in split.test])
    taus = {}
    for budget in experiment["budgets"]:
        query = {"trace_codes": held_out[:, : budget // interval]}
        scores = predictor.predict(Observations(split.test, budget, query))
        taus[str(budget)] = round(kendall_tau(scores, truth), 4)
    sizes = read_parquet(job.input.sizes)
    card = {
        "predictor": "NAP2",
        "spaces_seen": [task["space"]],
        "task": name,
        "labels": task["note"],
        "train_networks": len(arch_ids),
        "held_out_networks": len(split.test),
        "kendall_tau_by_budget": taus,
        "seed": seed,
        "fold": fold,
        "trace_protocol": job.params.protocol,
        "largest_network_params": int(sizes["params"].max()),
        "provenance": json.loads(provenance(job, experiment, seed=0).to_json()),
    }
    path = Path(job.output.model)
    save_checkpoint(load_encoder(Path(job.input.encoder)), predictor, card, path)
    card["sha256"] = hash_file(path)
    atomic_write_text(Path(job.output.card), json.dumps(card, indent=1) + "\n")


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
