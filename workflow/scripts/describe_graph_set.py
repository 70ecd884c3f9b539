"""Describe the networks of one of GENNAPE's sets of graphs."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import read_parquet, write_tables
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages.gennape_graphs import chosen_networks
from nascast.stages.networks import NETWORKS_SCHEMA, network_tables
from nascast.stages.runner import provenance, stage

CLASSES = 10


def main(job: Any) -> None:
    """Write one row a network, in an order that a larger set begins with."""
    settings = job.params.settings
    space = spaces.create(settings["space"])
    cells = None
    if job.input:
        listed = read_parquet(job.input[0], ["spec", "canonical_id"])
        cells = zip(listed["spec"], listed["canonical_id"], strict=True)
    archs = chosen_networks(space, settings["networks"], settings["without"], cells)
    scale = NetworkScale(**settings["scale"])
    tables = network_tables(space, archs, scale, settings["image_size"], CLASSES)
    write_tables(tables, Path(job.output[0]), NETWORKS_SCHEMA, provenance(job, settings))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
