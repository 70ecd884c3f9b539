"""Accuracies find their networks: means over seeds of the image set asked for, else nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.stages.files import ORIGIN

from nascast.io.parquet import write_table, write_tables
from nascast.labels.pool import label_pool
from nascast.labels.schema import LABELS, complete, identity, to_table
from nascast.spaces.base import NetworkScale
from nascast.spaces.hiaml import HiAML
from nascast.stages.families import FamilyError, family_networks
from nascast.stages.networks import NETWORKS_SCHEMA, network_tables

SPACE, SCALE = HiAML(), NetworkScale(4, 1, 2)


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """The networks of a pool of three."""
    path = tmp_path / "hiaml.parquet"
    tables = network_tables(SPACE, label_pool(SPACE, 3), SCALE, 8, 10)
    write_tables(tables, path, NETWORKS_SCHEMA, ORIGIN)
    return path


def write_shard(path: Path, rows: list[tuple[int, str, int, float]], seed: int = 0) -> Path:
    """Labels given as place in the pool, image set, seed and accuracy."""
    pool = label_pool(SPACE, 3, seed)
    frame = pd.DataFrame(
        [
            identity(pool[place])
            | {"images": images, "seed": number, "val_acc": 0.1, "test_acc": accuracy}
            | {"val_loss": 1.0, "test_loss": 1.0, "train_seconds": 1.0, "epochs": 1}
            | {f"{p}_{v}_curve": [0.5] for p in ("train", "val") for v in ("loss", "acc")}
            | {"status": "ok", "source": "minibench"}
            for place, images, number, accuracy in rows
        ]
    )
    write_table(to_table(complete(frame)), path, LABELS, ORIGIN)
    return path


def test_accuracies_are_means_over_seeds_of_one_image_set(described: Path, tmp_path: Path) -> None:
    shards = [
        write_shard(tmp_path / "a.parquet", [(0, "scenes10", 0, 0.2), (0, "scenes10", 1, 0.4)]),
        write_shard(tmp_path / "b.parquet", [(2, "scenes10", 0, 0.5), (1, "scenes50", 0, 0.9)]),
    ]
    frame = family_networks("hiaml", described, "scenes10", shards)
    pool = label_pool(SPACE, 3)
    assert frame["arch_id"].tolist() == [arch.arch_id for arch in pool]
    np.testing.assert_allclose(frame["accuracy"], [0.3, np.nan, 0.5])
    sizes = [SPACE.count(arch, SCALE, 8) for arch in pool]
    assert frame["macs"].tolist() == [size.macs for size in sizes]
    assert frame["params"].tolist() == [size.params for size in sizes]
    assert set(frame["space"]) == {"hiaml"}
    assert set(frame["images"]) == {"scenes10"}


def test_without_labels_there_are_still_sizes(described: Path) -> None:
    frame = family_networks("hiaml", described, "", [])
    assert len(frame) == 3
    assert frame["accuracy"].isna().all()
    assert (frame["nodes"] > 0).all()


def test_labels_of_other_networks_are_refused(described: Path, tmp_path: Path) -> None:
    other = write_shard(tmp_path / "other.parquet", [(0, "scenes10", 0, 0.5)], seed=1)
    with pytest.raises(FamilyError, match="different pools of hiaml"):
        family_networks("hiaml", described, "scenes10", [other])
