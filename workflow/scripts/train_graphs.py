"""Train the start of searches on computation graphs and what they found, from several seeds."""

from pathlib import Path
from typing import Any

from nascast.graphs.tables import read_graphs
from nascast.images.store import load_image_set
from nascast.io.parquet import read_table, write_parquet
from nascast.labels.trainer import Recipe
from nascast.stages.devices import choose_device
from nascast.stages.graph_trainings import GRAPH_TRAININGS_SCHEMA, train_graphs
from nascast.stages.runner import provenance, stage


def main(job: Any) -> None:
    """Write one row a (graph, training)."""
    settings, device = job.params.settings, choose_device(job.params.device)
    graphs = [graph for _, graph in read_graphs(read_table(job.input.graphs))]
    images = load_image_set(Path(job.input.images))
    side = int(graphs[0].shapes[0, 3])
    # Networks of a resolution of their own are trained at it, as their labels were.
    images = images if images.size[0] == side else images.resize(side)
    recipe, trainings = Recipe(**settings["recipe"]), range(job.params.trainings)
    rows = train_graphs(graphs, images.to(device), recipe, trainings, job.wildcards.task)
    origin = provenance(
        job, settings | {"trainings": job.params.trainings}, device=device.type, seed=0
    )
    write_parquet(rows, Path(job.output[0]), GRAPH_TRAININGS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
