"""Bring the labels of a space from a published table or the mini benchmark into one file."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.parquet import read_parquet, write_table
from nascast.labels.readers import read_nats_bench
from nascast.labels.schema import LABELS, LabelError, to_table
from nascast.stages.files import fetched
from nascast.stages.runner import provenance, stage


def read_source(note: str) -> pd.DataFrame:
    """Return the labels of a fetched benchmark table."""
    name, path = fetched(note)
    if name != "nasbench201_labels":
        raise LabelError(f"no reader for the label source {name!r} ({path})")
    return read_nats_bench(pd.read_csv(path))


def main(job: Any) -> None:
    """Write one row an (architecture, image set, seed)."""
    notes = [path for path in job.input if path.endswith(".json")]
    shards = [path for path in job.input if path.endswith(".parquet")]
    if not notes and not shards:
        raise LabelError(
            f"no labels of {job.wildcards.space}: the mini benchmark has no shard of the image "
            "sets that the tasks name; train them with `snakemake minibench`"
        )
    frames = [read_source(note) for note in notes]
    if shards:
        frames.append(read_parquet(shards, schema=LABELS))
    table = to_table(pd.concat(frames, ignore_index=True))
    write_table(table, Path(job.output[0]), LABELS, provenance(job, settings={}))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
