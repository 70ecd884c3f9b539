"""Folds and training subsets: balanced, order-free, nested, never mixing train and test."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.evaluation.splits import assign_folds, split_fold

# arch_id -> canonical id; several networks may share one.
populations = st.dictionaries(
    st.text("abcdef0123456789", min_size=1, max_size=6),
    st.integers(0, 60).map(lambda number: f"cell-{number}"),
    min_size=12,
    max_size=60,
).filter(lambda ids: len(set(ids.values())) >= 4)


@given(st.sets(st.text(min_size=1), min_size=6), st.integers(2, 6), st.integers(0, 9))
def test_folds_are_balanced_and_free_of_order(ids, k, seed):
    folds = assign_folds(sorted(ids), k, seed)
    assert folds == assign_folds(sorted(ids, reverse=True) * 2, k, seed)
    sizes = Counter(folds.values())
    assert set(sizes) == set(range(k))
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_folds_depend_on_the_seed_only_through_the_deal():
    ids = [f"cell-{i}" for i in range(100)]
    first, second = assign_folds(ids, seed=0), assign_folds(ids, seed=1)
    assert first.keys() == second.keys()
    assert first != second


def test_folds_are_pinned():
    folds = assign_folds([f"cell-{i}" for i in range(8)])
    assert [folds[f"cell-{i}"] for i in range(8)] == [1, 0, 1, 3, 2, 0, 3, 2]


@given(populations, st.integers(0, 3), st.integers(1, 60), st.integers(0, 5))
def test_no_test_network_is_ever_trained_on(canonical_ids, fold, train_size, seed):
    folds = assign_folds(canonical_ids.values())
    split = split_fold(canonical_ids, folds, fold, train_size, seed=seed)
    train = {canonical_ids[arch] for arch in split.train}
    validation = {canonical_ids[arch] for arch in split.validation}
    test = {canonical_ids[arch] for arch in split.test}
    assert not train & test
    assert not validation & test
    assert not train & validation
    assert {folds[canonical] for canonical in test} == {fold}
    assert set(split.test) == {a for a, c in canonical_ids.items() if folds[c] == fold}
    assert len(train) + len(validation) == split.train_size <= train_size


@given(populations, st.integers(0, 3), st.integers(1, 30), st.integers(0, 30), st.integers(0, 5))
def test_subsets_of_one_seed_are_nested(canonical_ids, fold, small, more, seed):
    folds = assign_folds(canonical_ids.values())
    smaller = split_fold(canonical_ids, folds, fold, small, seed=seed)
    larger = split_fold(canonical_ids, folds, fold, small + more, seed=seed)
    assert larger.train[: len(smaller.train)] == smaller.train
    assert larger.validation[: len(smaller.validation)] == smaller.validation


def test_three_hundred_networks_are_240_and_60():
    canonical_ids = {f"arch-{i}": f"cell-{i}" for i in range(400)}
    folds = assign_folds(canonical_ids.values())
    split = split_fold(canonical_ids, folds, 2, 300)
    assert (len(split.train), len(split.validation), len(split.test)) == (240, 60, 100)
    small = split_fold(canonical_ids, folds, 2, 5)
    assert (len(small.train), len(small.validation)) == (4, 1)
    none = split_fold(canonical_ids, folds, 2, 10, validation_fraction=0.0)
    assert (len(none.train), len(none.validation)) == (10, 0)


def test_too_few_networks_use_all_and_every_fold_the_same_number():
    canonical_ids = {f"arch-{i}": f"cell-{i}" for i in range(150)}
    folds = assign_folds(canonical_ids.values())
    splits = [split_fold(canonical_ids, folds, fold, 300) for fold in range(4)]
    assert {split.train_size for split in splits} == {112}
    assert sorted(len(split.test) for split in splits) == [37, 37, 38, 38]


def test_seeds_choose_other_subsets_of_the_same_folds():
    canonical_ids = {f"arch-{i}": f"cell-{i}" for i in range(100)}
    folds = assign_folds(canonical_ids.values())
    first, second = (split_fold(canonical_ids, folds, 0, 30, seed=seed) for seed in (0, 1))
    assert first.test == second.test
    assert set(first.train) != set(second.train)


def test_bad_requests_say_what_is_wrong():
    canonical_ids = {f"arch-{i}": f"cell-{i}" for i in range(10)}
    folds = assign_folds(canonical_ids.values())
    with pytest.raises(ValueError, match="at least 2 folds"):
        assign_folds(canonical_ids.values(), k=1)
    with pytest.raises(ValueError, match="2 distinct networks cannot fill 4 folds"):
        assign_folds(["a", "b", "a"])
    with pytest.raises(ValueError, match="1 networks have no fold, first new"):
        split_fold(canonical_ids | {"new": "unseen"}, folds, 0, 5)
    with pytest.raises(ValueError, match="fold 4 does not exist"):
        split_fold(canonical_ids, folds, 4, 5)
    with pytest.raises(ValueError, match="train_size must be"):
        split_fold(canonical_ids, folds, 0, 0)
    with pytest.raises(ValueError, match="validation_fraction must be"):
        split_fold(canonical_ids, folds, 0, 5, validation_fraction=1.0)
