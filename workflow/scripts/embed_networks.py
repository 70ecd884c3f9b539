"""Embed every graph of a set with a trained encoder of GENNAPE."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import read_tables, write_table
from nascast.predictors.gennape.store import load_graph_encoder
from nascast.stages.devices import choose_device
from nascast.stages.gennape_graphs import (
    EMBEDDINGS_SCHEMA,
    PACKED_COLUMNS,
    embeddings_table,
    pack_tables,
)
from nascast.stages.runner import provenance, stage


def main(job: Any) -> None:
    """Write one row a graph."""
    choose_device("cpu")
    encoder, _ = load_graph_encoder(Path(job.input.encoder))
    graphs = pack_tables(read_tables(job.input.graphs, PACKED_COLUMNS))
    table = embeddings_table(graphs, encoder.encode(graphs))
    write_table(table, Path(job.output[0]), EMBEDDINGS_SCHEMA, provenance(job, settings={}))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
