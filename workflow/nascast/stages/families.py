"""Brings the described networks of a family and their mini labels together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nascast.errors import NascastError
from nascast.io.parquet import read_parquet
from nascast.labels.schema import seed_means
from nascast.stages.features import read_label_shards


class FamilyError(NascastError):
    """Labels that do not belong to the networks that were described."""


def family_networks(
    space: str, networks: Path | str, images: str, shards: Sequence[Path | str]
) -> pd.DataFrame:
    """Return one row a described network, with its accuracy where it is labelled.

    Args:
        space: the family.
        networks: the file of :data:`nascast.stages.networks.NETWORKS_SCHEMA`.
        images: image set or task of the labels, "" without labels.
        shards: label files; none for a family that is not labelled.

    Returns:
        ``space``, ``images``, ``arch_id``, ``params``, ``macs``, ``nodes`` and ``accuracy``: test
        accuracy in [0, 1], mean over seeds, NaN without a label.

    Raises:
        FamilyError: no labelled network is among those described.
    """
    columns = ["arch_id", "network_params", "network_macs", "nodes"]
    frame = read_parquet(networks, columns).rename(columns=lambda n: n.removeprefix("network_"))
    frame = frame.assign(space=space, images=images, accuracy=float("nan"))
    if not shards:
        return frame
    labels = read_label_shards(shards)
    means = seed_means(labels[labels["images"] == images]).set_index("arch_id")["test_acc"]
    frame["accuracy"] = frame["arch_id"].map(means)
    if frame["accuracy"].isna().all():
        raise FamilyError(
            f"none of the {len(means)} networks labelled on {images} is among the {len(frame)} of "
            f"{networks}: labels and networks come from different pools of {space}; train the "
            "labels anew with `snakemake minibench`"
        )
    return frame
