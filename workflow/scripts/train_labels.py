"""Train one shard of the mini benchmark: every architecture from several seeds."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.images.store import load_image_set
from nascast.io.parquet import write_table
from nascast.labels.pool import label_pool
from nascast.labels.schema import LABELS, label_row, to_table
from nascast.labels.trainer import Recipe, train_label
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.tasks import registry as tasks


def main(job: Any) -> None:
    """Write one row an (architecture, seed) with its learning curves."""
    settings, (first, last) = job.params.settings, job.params.bounds
    device = choose_device(job.params.device)
    task = tasks.create(settings["task"], **settings["task_settings"])
    dense = [] if task.dense is None else [task.dense]
    images = load_image_set(Path(job.input[0]), dense).to(device)
    label_name = images.name if task.name == tasks.CLASSIFICATION else task.name
    recipe = Recipe(**settings["recipe"])
    space = spaces.create(settings["space"])
    scale = NetworkScale(**settings["scale"])
    rows = []
    for arch in label_pool(space, last)[first:]:
        for repeat in range(settings["seeds"]):
            record = train_label(space, arch, images, recipe, scale, repeat, task)
            rows.append(label_row(arch, label_name, repeat, record, "minibench"))
            result = f"{record.metric} {record.test_metric:.3f}"
            print(f"{arch.spec} seed {repeat}: {result} {record.train_seconds:.1f} s")
    origin = provenance(job, settings | {"bounds": [first, last]}, device=device.type, seed=0)
    write_table(to_table(pd.DataFrame(rows)), Path(job.output[0]), LABELS, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
