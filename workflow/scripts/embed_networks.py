"""Embed all sets of graphs with a trained encoder of GENNAPE."""

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
    """Write one row a graph, one file a set; one set is in memory at a time."""
    choose_device("cpu")
    encoder, _ = load_graph_encoder(Path(job.input.encoder))
    origin = provenance(job, settings={})
    for source, target in zip(job.input.graphs, job.output, strict=True):
        graphs = pack_tables(read_tables(source, PACKED_COLUMNS))
        table = embeddings_table(graphs, encoder.encode(graphs))
        write_table(table, Path(target), EMBEDDINGS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
