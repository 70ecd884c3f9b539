"""Count parameters, MACs and convolutions of every architecture of a pool."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import write_parquet
from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.spaces.shortcuts import CLASSES, size_features
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import SIZES_SCHEMA


def main(job: Any) -> None:
    """Write one row an architecture, in the order of the pool."""
    settings = job.params.settings
    space = spaces.create(job.wildcards.space)
    pool = label_pool(space, settings["networks"])
    scale = NetworkScale(**settings["scale"])
    frame = size_features(space, pool, scale, settings["image_size"], CLASSES).reset_index()
    frame = frame.assign(
        canonical_id=[arch.canonical_id for arch in pool], spec=[arch.spec for arch in pool]
    )
    write_parquet(frame, Path(job.output[0]), SIZES_SCHEMA, provenance(job, settings))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
