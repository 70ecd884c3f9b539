from __future__ import annotations

import pytest

from nascast.evaluation.gennape_protocol import (
    FINE_TUNING_NETWORKS,
    best_seed,
    prune,
    sample_source,
    split_fine_tuning,
    split_source,
)

IDS = [f"net-{i}" for i in range(200)]


def test_the_source_is_split_80_10_10() -> None:
    split = split_source({name: name for name in IDS})
    parts = (split.train, split.first_validation, split.second_validation)
    assert [len(part) for part in parts] == [160, 20, 20]
    assert sorted(name for part in parts for name in part) == sorted(IDS)
    assert all(list(part) == sorted(part) for part in parts)
    assert split == split_source({name: name for name in reversed(IDS)})
    assert split != split_source({name: name for name in IDS}, seed=1)


def test_isomorphic_networks_share_a_part() -> None:
    split = split_source({name: f"canonical-{i // 2}" for i, name in enumerate(IDS)})
    for part in (split.train, split.first_validation, split.second_validation):
        pairs = {int(name.removeprefix("net-")) // 2 for name in part}
        assert len(part) == 2 * len(pairs)


def test_samples_of_the_source_are_nested() -> None:
    few, many = sample_source(IDS, 20), sample_source(reversed(IDS), 50)
    assert (len(few), len(many)) == (20, 50)
    assert set(few) < set(many)
    assert list(many) == sorted(many)
    assert sample_source(IDS, 50, seed=1) != many
    with pytest.raises(ValueError, match="201 networks are needed and there are 200"):
        sample_source(IDS, 201)


def test_pruning_keeps_the_order_and_the_limit_itself() -> None:
    accuracies = {"a": 0.9, "b": 0.799, "c": 0.8}
    assert prune(["c", "b", "a"], accuracies, 0.8) == ("c", "a")


def test_fine_tuning_networks_depend_on_the_set_and_the_seed_alone() -> None:
    split = split_fine_tuning(IDS, seed=3)
    assert len(split.sample) == FINE_TUNING_NETWORKS
    assert list(split.rest) == sorted(set(IDS) - set(split.sample))
    assert split == split_fine_tuning(list(reversed(IDS)), seed=3)
    assert split.sample != split_fine_tuning(IDS, seed=4).sample
    assert split_fine_tuning(IDS, seed=3, count=10).sample == split.sample[:10]
    with pytest.raises(ValueError, match="52 networks are needed and there are 51"):
        split_fine_tuning(IDS[:51], seed=0)


def test_the_best_seed_has_the_highest_correlation() -> None:
    assert best_seed({0: 0.8, 1: 0.92, 2: 0.91}) == 1
    assert best_seed({4: 0.9, 2: 0.9, 0: float("nan")}) == 2
    assert best_seed({3: float("nan")}) == 3
    with pytest.raises(ValueError, match="no seed"):
        best_seed({})
