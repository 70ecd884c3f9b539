"""Describe the first architectures of a family's pool: cell graph, computation graph, size."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import write_tables
from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages.networks import NETWORKS_SCHEMA, network_tables
from nascast.stages.runner import provenance, stage

# As many as the image set has that families are labelled on.
CLASSES = 10


def main(job: Any) -> None:
    """Write one row an architecture, in the order of the pool."""
    settings = job.params.settings
    space = spaces.create(settings["space"])
    pool = label_pool(space, settings["networks"])
    scale = NetworkScale(**settings["scale"])
    tables = network_tables(space, pool, scale, settings["image_size"], CLASSES)
    write_tables(tables, Path(job.output[0]), NETWORKS_SCHEMA, provenance(job, settings))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
