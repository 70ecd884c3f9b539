"""Bring an official benchmark file into the rows that every later stage reads."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import read_parquet, write_tables
from nascast.stages.files import fetched
from nascast.stages.official import Request, read_official, read_official_graphs
from nascast.stages.runner import provenance, stage


def main(job: Any) -> None:
    """Write labels or scores; of an archive of graphs, where they are asked for, the graphs."""
    source, path = fetched(job.input.note)
    cells = read_parquet(job.input.cells) if job.input.get("cells") else None
    if job.params.graphs:
        schema, tables = read_official_graphs(path)
    else:
        schema, tables = read_official(source, Request(path, cells))
    origin = provenance(job, settings={"graphs": job.params.graphs})
    write_tables(tables, Path(job.output[0]), schema, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
