"""Train one shard of the mini benchmark: every architecture from several seeds."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import write_table
from nascast.labels.pool import label_pool
from nascast.labels.schema import LABELS, to_table
from nascast.spaces import registry as spaces
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.stages.trainings import train_labels


def main(job: Any) -> None:
    """Write one row an (architecture, seed) with its learning curves."""
    settings, (first, last) = job.params.settings, job.params.bounds
    device = choose_device(job.params.device)
    pool = label_pool(spaces.create(settings["space"]), last)[first:]
    trainings = [(arch, seed) for arch in pool for seed in range(settings["seeds"])]
    rows = train_labels(settings, trainings, Path(job.input[0]), device)
    origin = provenance(job, settings | {"bounds": [first, last]}, device=device.type, seed=0)
    write_table(to_table(rows), Path(job.output[0]), LABELS, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
