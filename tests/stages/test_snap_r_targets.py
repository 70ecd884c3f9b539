"""What is ranked: every labelled architecture of a space, with the labels of its tasks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nascast.labels.schema import seed_means
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.features import read_label_shards
from nascast.stages.snap_r_targets import accuracy, read_target, read_values, score

MINIBENCH = Path(__file__).parents[2] / "resources" / "minibench"


def shards(part: str) -> list[Path]:
    return sorted((MINIBENCH / part).glob("shard=[01].parquet"))


def test_a_target_has_a_label_for_every_network_and_task() -> None:
    files = {part: (shards(f"nasbench201/{part}"), part) for part in ("scenes10", "digits")}
    target = read_target("nasbench201", files, score)
    frame = seed_means(read_label_shards(files["digits"][0])).set_index("spec")
    expected = np.exp(-frame["test_loss"].loc[target.cells.specs].to_numpy())
    np.testing.assert_allclose(target.labels["digits"], expected)
    assert len(target.labels["scenes10"]) == len(target.cells.features)


def test_none_free_cells_are_a_subset_where_there_are_zeros() -> None:
    space = NASBench201()
    target = read_target(
        "nasbench201", {"t": (shards("nasbench201/scenes10"), "scenes10")}, accuracy
    )
    expected = ["none" not in space.genotype(space.parse(spec)) for spec in target.cells.specs]
    assert target.subsets["none-free"].tolist() == expected
    assert target.subsets["all"].all()
    chain = read_target("hiaml", {"t": (shards("hiaml/scenes10"), "scenes10")}, score)
    assert list(chain.subsets) == ["all"]


def test_tasks_with_a_metric_are_scored_by_it() -> None:
    files = shards("transnas_micro/rooms10-segmentsemantic")
    values = read_values(files, "segmentsemantic", score)
    frame = seed_means(read_label_shards(files)).set_index("spec")
    pd.testing.assert_series_equal(values, frame["test_metric"], check_names=False)
    assert values.between(0, 1).all()


def test_accuracies_are_those_of_the_table() -> None:
    files = shards("nasbench201/scenes10")
    means = seed_means(read_label_shards(files)).set_index("spec")
    assert read_values(files, "scenes10", accuracy).max() == pytest.approx(means["test_acc"].max())
