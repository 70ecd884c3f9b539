"""Turn the sentences of all operations into one encoder's vectors, a file a length of sentence."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import write_parquet
from nascast.predictors.store import load_tensors
from nascast.stages.devices import choose_device
from nascast.stages.operators import vector_rows
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import OPERATORS_SCHEMA
from nascast.text import encoders
from nascast.text.descriptions import all_sentences, load_descriptions


def main(job: Any) -> None:
    """Write one row an operation of any registered space, in the order of the spaces."""
    choose_device("cpu")
    name, seed = job.wildcards.encoder, job.params.seed
    weights = load_tensors(Path(job.input.weights[0]))[0] if job.input.weights else None
    encoder = encoders.create(name, seed, weights)
    descriptions = load_descriptions(Path(job.input.descriptions))
    for length, path in zip(job.params.lengths, job.output, strict=True):
        rows = vector_rows(encoder, all_sentences(descriptions, length))
        origin = provenance(job, {"encoder": name, "length": length, "seed": seed}, seed=seed)
        write_parquet(rows, Path(path), OPERATORS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
