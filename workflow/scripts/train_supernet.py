"""Train the supernets of one image set and seed; score the architectures that inherit from them."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import write_parquet
from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import SUPERNET_SCHEMA
from nascast.stages.supernets import inherited_scores


def main(job: Any) -> None:
    """Write one row an architecture of the pool."""
    settings, seed = job.params.settings, int(job.wildcards.seed)
    device = choose_device(job.params.device)
    archs = label_pool(spaces.create(settings["space"]), settings["networks"])
    rows = inherited_scores(settings, archs, seed, Path(job.input[0]), device)
    origin = provenance(job, settings, device=device.type, seed=seed)
    write_parquet(rows, Path(job.output[0]), SUPERNET_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
