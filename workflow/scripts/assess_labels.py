"""Measure how far the mini benchmark's labels agree with themselves over seeds."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nascast.io.atomic import atomic_write_text
from nascast.labels.reliability import assess
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.stages.features import read_label_shards
from nascast.stages.runner import stage


def scores_of(part: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Return which column each label is made of, and the sign that makes higher values better."""
    metric = "test_acc" if part["metric"].isna().all() else "test_metric"
    return {"test_score": ("test_loss", -1.0), metric: (metric, 1.0)}


def has_path(space: str, spec: str) -> bool:
    """Return whether an architecture has an input-output path; without one it cannot learn."""
    known = spaces.create(space)
    return not known.is_dead(known.parse(spec))


def main(job: Any) -> None:
    """Write one row a (space, image set, label, subset of networks)."""
    labels = read_label_shards(job.input)
    labels["alive"] = [
        has_path(*pair) for pair in zip(labels["space"], labels["spec"], strict=True)
    ]
    rows = []
    for (space, images), part in labels.groupby(["space", "images"]):
        columns = scores_of(part)
        metric = list(columns)[-1]
        for label, (column, sign) in columns.items():
            for subset, chosen in {"all": part, "with a path": part[part["alive"]]}.items():
                scores = sign * chosen.pivot(index="arch_id", columns="seed", values=column)
                rng = np.random.default_rng(derive_seed("reliability", space, images, label))
                result = assess(scores.to_numpy(), rng)
                reached = chosen.groupby("arch_id")[metric].mean()
                rows.append(
                    {"space": space, "images": images, "label": label, "subset": subset}
                    | asdict(result)
                    | {"acc_min": reached.min(), "acc_max": reached.max()}
                )
    text = pd.DataFrame(rows).to_csv(index=False, float_format="%.4f")
    atomic_write_text(Path(job.output[0]), text)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
