"""Compare labels that were trained again with those that are shipped."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_text
from nascast.labels.rebuilt import compare
from nascast.stages.features import read_label_shards
from nascast.stages.runner import stage


def main(job: Any) -> None:
    """Write one row a (space, image set)."""
    shipped, rebuilt = (read_label_shards(paths) for paths in (job.input.shards, job.input.rebuilt))
    table = []
    for (space, images), part in rebuilt.groupby(["space", "images"]):
        known = shipped[(shipped["space"] == space) & (shipped["images"] == images)]
        before, after = (
            rows.pivot(index="arch_id", columns="seed", values="test_loss")
            for rows in (known, part)
        )
        result = compare(before.to_numpy(), before.loc[after.index].to_numpy(), after.to_numpy())
        table.append({"space": space, "images": images, "label": "test_loss"} | asdict(result))
    text = pd.DataFrame(table).to_csv(index=False, float_format="%.4f")
    atomic_write_text(Path(job.output[0]), text)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
