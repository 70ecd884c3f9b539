"""Measure the smallest Laplacian eigenvalues of every graph of a set, once."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import read_tables, write_tables
from nascast.stages.gennape_graphs import (
    PACKED_COLUMNS,
    SPECTRA_SCHEMA,
    spectra_table,
)
from nascast.stages.runner import provenance, stage


def main(job: Any) -> None:
    """Write one row a graph; a row group of graphs is in memory at a time."""
    groups = read_tables(job.input[0], PACKED_COLUMNS)
    write_tables(
        map(spectra_table, groups),
        Path(job.output[0]),
        SPECTRA_SCHEMA,
        provenance(job, settings={}),
    )


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
