"""Measure zero-cost proxies of one shard of a pool: one row a (network, initialisation, proxy)."""

import time
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from nascast.images.store import load_image_set
from nascast.io.parquet import write_parquet
from nascast.labels.pool import label_pool
from nascast.networks.literal import compute_literally
from nascast.proxies.base import Batch
from nascast.proxies.batches import task_batch
from nascast.proxies.measure import measure
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import PROXIES_SCHEMA
from nascast.tasks import registry as tasks
from nascast.tasks.networks import build_network


def main(job: Any) -> None:
    """Write the shard's scores."""
    settings, (first, last) = job.params.settings, job.params.bounds
    device = choose_device(job.params.device)
    task = tasks.create(settings["task"], **settings["task_settings"])
    dense = [] if task.dense is None else [task.dense]
    images = load_image_set(Path(job.input[0]), dense).to(device)
    space = spaces.create(settings["space"])
    scale = NetworkScale(**settings["scale"])

    @cache
    def batch_of(side: int, repeat: int) -> Batch:
        resized = images if side == images.size[0] else images.resize(side)
        seed = derive_seed("proxies", "batch", images.name, repeat)
        return task_batch(resized, task, settings["batch_size"], seed)

    frames = []
    for arch in label_pool(space, last, isomorphic=settings["isomorphic"])[first:]:
        side = space.image_size(arch, images.size[0])
        for repeat in range(settings["seeds"]):
            batch = batch_of(side, repeat)
            seed = derive_seed("proxies", arch.arch_id, images.name, task.name, repeat)
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                model = build_network(space, arch, scale, task, side, images.num_classes)
            model = model.to(device, memory_format=torch.channels_last)
            if settings["literal"]:
                compute_literally(model)
            start = time.perf_counter()
            scores = measure(model, batch, settings["proxies"], seed)
            seconds = time.perf_counter() - start
            rows = pd.DataFrame([asdict(score) for score in scores.values()]).drop(columns="reason")
            identity = {"arch_id": arch.arch_id, "spec": arch.spec, "seed": repeat}
            frames.append(rows.assign(**identity, proxy=list(scores), together_seconds=seconds))
            print(f"{arch.spec} seed {repeat}: {seconds:.2f} s")
    result = pd.concat(frames, ignore_index=True).assign(task=job.wildcards.task)
    origin = provenance(job, settings | {"bounds": [first, last]}, device=device.type, seed=0)
    write_parquet(result, Path(job.output[0]), PROXIES_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
