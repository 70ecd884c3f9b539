"""Search from the computation graph of a task's best network for better ones with fewer FLOPs."""

from pathlib import Path
from typing import Any

from nascast.graphs.from_plan import graph_of_plan
from nascast.images.store import load_image_set
from nascast.io.parquet import read_parquet, write_table
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages import graph_scorers
from nascast.stages.features import all_labels
from nascast.stages.graph_searches import GRAPH_SEARCHES_SCHEMA, search_table
from nascast.stages.runner import provenance, stage


def main(job: Any) -> None:
    """Write where each search started and what it found."""
    search, task, size = job.params.search, job.params.task, job.params.size
    labels = all_labels(job.input.labels, task["label_images"], task["label_column"])
    best = max(sorted(labels), key=lambda arch_id: labels[arch_id])
    networks = read_parquet(
        job.input.labels, ["arch_id", "spec"], filters=[("arch_id", "==", best)]
    )
    space = spaces.create(task["space"])
    arch = space.parse(str(networks["spec"].iloc[0]))
    side = space.image_size(arch, size["image_size"])
    classes = load_image_set(Path(job.input.images)).num_classes
    start = graph_of_plan(space.plan(arch, NetworkScale(**size["scale"]), side, classes))
    print(f"start: {arch.spec}, label {labels[best]:.6f}, the best of {len(labels)}")
    model = Path(search["model"]) if search["model"] is not None else None
    scorer = graph_scorers.create(search["scorer"], model)
    identity = {
        "search": job.wildcards.search,
        "task": job.wildcards.task,
        "arch_id": best,
    }
    table = search_table(start, scorer, search, range(search["seeds"]), identity)
    origin = provenance(job, search | size, seed=0)
    write_table(table, Path(job.output[0]), GRAPH_SEARCHES_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
