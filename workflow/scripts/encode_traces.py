"""Encode every trace of an experiment with one frozen encoder."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from nascast.io.parquet import read_table, write_table
from nascast.predictors.store import load_encoder
from nascast.stages.devices import choose_device
from nascast.stages.features import networks_of, vectors_table
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import CODES_SCHEMA
from nascast.traces.records import dense_arrays


def main(job: Any) -> None:
    """Write one row an (image set, architecture, snapshot); one shard is in memory at a time."""
    choose_device("cpu")
    encoder = load_encoder(Path(job.input.encoder))
    parts = []
    for path in job.input.traces:
        table = read_table(path)
        arrays = dense_arrays(table, networks_of(table))
        codes = vectors_table(arrays.arch_ids, arrays.steps, encoder.encode(arrays.values))
        images = pa.array([Path(path).parts[-3]] * codes.num_rows, pa.string())
        parts.append(codes.add_column(0, "trace", images))
    origin = provenance(job, settings={})
    write_table(pa.concat_tables(parts), Path(job.output[0]), CODES_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
