"""Measure how far the mini benchmark's labels agree with themselves over seeds."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.labels.reliability import assess
from nascast.labels.schema import LABELS
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.stages.runner import stage

# Which column a label is made of, and whether a higher value is better.
SCORES = {"test_score": ("test_loss", -1.0), "test_acc": ("test_acc", 1.0)}


def has_path(space: str, spec: str) -> bool:
    """Return whether an architecture has an input-output path; without one it cannot learn."""
    known = spaces.create(space)
    return not known.is_dead(known.parse(spec))


def main(job: Any) -> None:
    """Write one row a (space, image set, label, subset of networks)."""
    labels = read_parquet(list(job.input), schema=LABELS)
    labels["alive"] = [
        has_path(*pair) for pair in zip(labels["space"], labels["spec"], strict=True)
    ]
    rows = []
    for (space, images), part in labels.groupby(["space", "images"]):
        for label, (column, sign) in SCORES.items():
            for subset, chosen in {"all": part, "with a path": part[part["alive"]]}.items():
                scores = sign * chosen.pivot(index="arch_id", columns="seed", values=column)
                rng = np.random.default_rng(derive_seed("reliability", space, images, label))
                result = assess(scores.to_numpy(), rng)
                accuracy = chosen.groupby("arch_id")["test_acc"].mean()
                rows.append(
                    {"space": space, "images": images, "label": label, "subset": subset}
                    | asdict(result)
                    | {"acc_min": accuracy.min(), "acc_max": accuracy.max()}
                )
    text = pd.DataFrame(rows).to_csv(index=False, float_format="%.4f")
    atomic_write_text(Path(job.output[0]), text)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
