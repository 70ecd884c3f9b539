"""The folds of an experiment come from the pool alone and never share a cell."""

from __future__ import annotations

from functools import cache

import pytest

from nascast.evaluation.splits import Split
from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces
from nascast.stages.splits import experiment_split

NETWORKS = 40


@cache
def split(fold: int, seed: int = 0, train_size: int = 20) -> Split:
    experiment = {"folds": 4, "train_size": train_size}
    return experiment_split("nasbench201", NETWORKS, experiment, fold, seed)


def pool_ids() -> set[str]:
    return {arch.arch_id for arch in label_pool(spaces.create("nasbench201"), NETWORKS)}


def test_every_network_of_the_pool_is_tested_once() -> None:
    tested = [arch_id for fold in range(4) for arch_id in split(fold).test]
    assert sorted(tested) == sorted(pool_ids())


@pytest.mark.parametrize("fold", [0, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_network_has_two_parts(fold: int, seed: int) -> None:
    parts = split(fold, seed)
    assert len(parts.train) == 16
    assert len(parts.validation) == 4
    everyone = [*parts.train, *parts.validation, *parts.test]
    assert len(set(everyone)) == 30
    assert set(everyone) <= pool_ids()


def test_seeds_draw_other_training_networks_and_the_same_test_networks() -> None:
    assert split(0, seed=1).test == split(0).test
    assert split(0, seed=1).train != split(0).train


def test_fewer_networks_than_wanted_are_all_used() -> None:
    parts = split(0, train_size=300)
    assert parts.train_size == 30
