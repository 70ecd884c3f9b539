"""Average every network's trace over its convolutions: the features of the crude baselines."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from nascast.io.parquet import read_table, write_table
from nascast.stages.features import networks_of, vectors_table
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import VECTORS_SCHEMA
from nascast.traces.records import convolutions, dense_arrays
from nascast.traces.summary import summarise


def main(job: Any) -> None:
    """Write one row an (architecture, snapshot); one shard is in memory at a time."""
    parts = []
    for path in job.input:
        table = convolutions(read_table(path))
        arrays = dense_arrays(table, networks_of(table))
        parts.append(vectors_table(arrays.arch_ids, arrays.steps, np.asarray(summarise(arrays))))
    write_table(
        pa.concat_tables(parts), Path(job.output[0]), VECTORS_SCHEMA, provenance(job, settings={})
    )


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
