"""Train the two auto-encoders of one image set and fold on its training networks only."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from nascast.io.parquet import read_table
from nascast.predictors.store import save_encoder
from nascast.predictors.trace_encoder import TraceEncoder, encoder_settings
from nascast.seeds import derive_seed
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.stages.splits import experiment_split
from nascast.traces.records import dense_arrays


def main(job: Any) -> None:
    """Write both auto-encoders; the networks are those of the first training seed."""
    choose_device("cpu")
    fold, experiment = int(job.wildcards.fold), job.params.experiment
    split = experiment_split(job.params.space, job.params.networks, experiment, fold, seed=0)
    networks = [*split.train, *split.validation]
    table = read_table(list(job.input))
    # A network that is held out, or traced on other images, may be deeper than all trained on.
    depth = int(pc.max(table["layer"]).as_py()) + 1
    arrays = dense_arrays(table, networks)
    held_out = np.array([arch_id in set(split.validation) for arch_id in networks])
    seed = derive_seed("encoder", job.wildcards.experiment, job.wildcards.images, fold)
    encoder = TraceEncoder(encoder_settings(experiment["encoder"]), seed)
    encoder.fit(arrays.values, held_out, layers=depth)
    for tensor, losses in encoder.losses.items():
        print(tensor, "validation loss by epoch:", " ".join(f"{loss:.1f}" for loss in losses))
    origin = provenance(job, experiment | {"fold": fold}, seed=0)
    save_encoder(encoder, Path(job.output[0]), origin.to_json())


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
