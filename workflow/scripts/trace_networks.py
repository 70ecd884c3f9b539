"""Partially train one shard of a pool and record the trace of every network."""

from pathlib import Path
from typing import Any

import torch

from nascast.images.augment import augmentation_for
from nascast.images.store import load_image_set
from nascast.io.parquet import write_table
from nascast.labels.pool import label_pool
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.traces.protocol import TraceProtocol, trace_network
from nascast.traces.records import (
    STATISTICS_SCHEMA,
    STEPS_SCHEMA,
    statistics_table,
    steps_table,
)


def main(job: Any) -> None:
    """Write the shard's layer statistics and its losses."""
    settings, (first, last) = job.params.settings, job.params.bounds
    device = choose_device(job.params.device)
    images = load_image_set(Path(job.input[0])).to(device)
    augmentation = augmentation_for(images.name, settings["image_size"])
    protocol = TraceProtocol(
        steps=settings["steps"],
        interval=settings["interval"],
        evaluate_at=tuple(job.params.evaluate_at),
        batch_size=settings["batch_size"],
        learning_rate=settings["learning_rate"],
        momentum=settings["momentum"],
        weight_decay=settings["weight_decay"],
        validation_images=settings["validation_images"],
    )
    space = spaces.create(job.wildcards.space)
    scale = NetworkScale(**settings["scale"])
    pool = label_pool(space, last)[first:]
    # All networks see the same mini-batches: the noise of the data is then the same for everyone
    # and cancels in a ranking, most of all in rankings by loss.
    order_seed = derive_seed("traces", "order", images.name, 0)
    traces = {}
    for number, arch in enumerate(pool, start=1):
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed("traces", arch.arch_id, images.name, 0))
            model = space.build(arch, scale, images.num_classes)
        model = model.to(device, memory_format=torch.channels_last)
        trace = trace_network(model, images, augmentation, protocol, order_seed)
        traces[arch.arch_id] = trace
        print(f"{number}/{len(pool)} {arch.spec} {trace.status} {trace.seconds[-1]:.1f} s")
    origin = provenance(job, settings | {"bounds": [first, last]}, device=device.type, seed=0)
    write_table(statistics_table(traces), Path(job.output.statistics), STATISTICS_SCHEMA, origin)
    write_table(steps_table(traces), Path(job.output.steps), STEPS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
