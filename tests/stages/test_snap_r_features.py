"""What SNAP-R is given: structure, and size as a place within the space's range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from nascast.spaces.nasbench101 import NASBench101
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.snap_r_features import (
    ALL_COLUMNS,
    stratified,
    target_cells,
    training_cells,
)

SPACE = NASBench201()


def genotype(*operations: str) -> tuple[str, ...]:
    return (*operations, *("none",) * (6 - len(operations)))


ARCHS = [
    SPACE.from_genotype(("nor_conv_3x3",) * 6),
    SPACE.from_genotype(("none",) * 6),
    # A convolution that nothing reads counts as parameters, but not as effective ones.
    SPACE.from_genotype(genotype("nor_conv_3x3")),
]


def column(features: np.ndarray[tuple[int, ...], np.dtype[np.float32]], name: str) -> list[float]:
    return [float(value) for value in features[:, ALL_COLUMNS.index(name)]]


def test_size_is_a_place_between_the_smallest_and_the_largest_network() -> None:
    cells = target_cells(SPACE, ARCHS)
    assert column(cells.features, "size:relative") == pytest.approx([1, 0, 0], abs=1e-6)
    assert column(cells.features, "size:params")[2] > 0.3
    assert cells.specs.tolist() == [arch.spec for arch in ARCHS]


def test_company_changes_nothing_but_the_population() -> None:
    together = target_cells(SPACE, ARCHS)
    alone = target_cells(SPACE, ARCHS[:1])
    np.testing.assert_array_equal(together.features[0], alone.features[0])
    features = together.among(np.array([0, 1]))
    assert column(features, "size:population") == [0.75, 0.25]
    assert column(together.features, "size:population") == [0, 0, 0]


def test_training_cells_are_joined_by_their_hash(tmp_path: Path) -> None:
    space = NASBench101()
    rng = np.random.default_rng(0)
    archs = {arch.canonical_id: arch for arch in (space.sample(rng) for _ in range(20))}
    sizes = {key: space.count(arch, space.published, 32) for key, arch in archs.items()}
    labels = pd.DataFrame(
        {
            "canonical_id": list(archs),
            "spec": [arch.spec for arch in archs.values()],
            "test_acc": np.linspace(0.8, 0.9, len(archs)),
        }
    )
    counted = pd.DataFrame(
        {
            "canonical_id": list(archs),
            "params": [size.params for size in sizes.values()],
            "macs": [size.macs for size in sizes.values()],
        }
    ).iloc[::-1]
    labels.to_parquet(tmp_path / "labels.parquet")
    counted.to_parquet(tmp_path / "cells.parquet")
    cells, accuracies = training_cells(tmp_path / "labels.parquet", tmp_path / "cells.parquet")
    assert accuracies.tolist() == labels["test_acc"].tolist()
    assert cells.specs.tolist() == labels["spec"].tolist()
    place = column(cells.features, "size:relative")
    assert [min(place), max(place)] == [0, 1]
    params = counted["params"].to_numpy()[::-1]
    assert rankdata(place).tolist() == rankdata(params).tolist()
    paths = column(cells.features, "path:mean_spatial")
    assert all(0 <= value <= 5 for value in paths)


def test_every_size_gives_the_same_share_and_at_least_one() -> None:
    sizes = np.repeat([2.0, 5.0, 7.0], [1, 100, 900])
    rows = stratified(sizes, 100, np.random.default_rng(0))
    assert np.unique(sizes[rows], return_counts=True)[1].tolist() == [1, 10, 90]
    assert rows.tolist() == sorted(set(rows.tolist()))
