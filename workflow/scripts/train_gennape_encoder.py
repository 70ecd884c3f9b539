"""Train GENNAPE's encoder on the graphs of a source space, without a label."""

import json
from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_text
from nascast.io.hashing import hash_file
from nascast.io.parquet import read_table, read_tables
from nascast.predictors.gennape.store import save_graph_encoder
from nascast.predictors.gennape.training import GraphEncoder, encoder_settings
from nascast.stages.devices import choose_device
from nascast.stages.gennape_graphs import PACKED_COLUMNS, pack_tables, spectra_array
from nascast.stages.runner import provenance, stage


def main(job: Any) -> None:
    """Write the encoder and its card."""
    choose_device("cpu")
    settings, described = job.params.settings, job.params.graphs
    graphs = pack_tables(read_tables(job.input.graphs, PACKED_COLUMNS), settings["networks"])
    spectra = spectra_array(read_table(job.input.spectra), graphs)
    encoder = GraphEncoder(encoder_settings(settings["settings"]), int(job.wildcards.seed))
    encoder.fit(graphs, spectra)
    for epoch, (contrast, flops) in enumerate(encoder.losses, 1):
        print(f"epoch {epoch}: contrastive {contrast:.4f} nats, FLOPs {flops:.4f}")
    card = {
        "model": "GENNAPE encoder",
        "spaces_seen": [described["space"]],
        "labels_seen": [],
        "networks": len(graphs),
        "graphs": described,
        "seed": encoder.seed,
        "losses": encoder.losses,
        "provenance": json.loads(provenance(job, settings, seed=encoder.seed).to_json()),
    }
    path = Path(job.output.encoder)
    save_graph_encoder(encoder, card, path)
    card["sha256"] = hash_file(path)
    atomic_write_text(Path(job.output.card), json.dumps(card, indent=1) + "\n")


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
