"""Train a sample of a shipped part of the mini benchmark again, with as many new seeds."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import write_table
from nascast.labels.schema import LABELS, to_table
from nascast.spaces import registry as spaces
from nascast.stages.devices import choose_device
from nascast.stages.features import read_label_shards
from nascast.stages.runner import provenance, stage
from nascast.stages.trainings import train_labels


def main(job: Any) -> None:
    """Write one row a training; the sample is spread evenly over the networks shipped."""
    settings, wanted = job.params.settings, job.params.networks
    device = choose_device(job.params.device)
    shipped = read_label_shards(job.input.shards)
    specs = list(dict.fromkeys(shipped["spec"]))
    space, seeds = spaces.create(settings["space"]), shipped["seed"].nunique()
    chosen = [specs[place * len(specs) // wanted] for place in range(min(wanted, len(specs)))]
    new_seeds = range(seeds, 2 * seeds)
    trainings = [(space.parse(spec), seed) for spec in chosen for seed in new_seeds]
    rows = train_labels(settings, trainings, Path(job.input.images), device)
    origin = provenance(job, settings, device=device.type, seed=0)
    write_table(to_table(rows), Path(job.output[0]), LABELS, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
