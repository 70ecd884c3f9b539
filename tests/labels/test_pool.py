"""The label pool: prefix-stable, without isomorphic copies, hashed rather than ordered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nascast.labels.pool import label_pool
from nascast.spaces.base import Architecture
from nascast.spaces.nasbench201 import NASBench201

SPACE = NASBench201()


def test_larger_pools_begin_with_smaller_ones() -> None:
    assert label_pool(SPACE, 250)[:150] == label_pool(SPACE, 150)


def test_no_two_members_are_isomorphic() -> None:
    pool = label_pool(SPACE, 1000)
    assert len({arch.canonical_id for arch in pool}) == 1000


def test_seeds_give_other_pools() -> None:
    first, second = label_pool(SPACE, 100), label_pool(SPACE, 100, seed=1)
    assert len({arch.spec for arch in first} & {arch.spec for arch in second}) < 20


def test_pool_looks_like_the_space() -> None:
    """Every operation fills about a fifth of the edges."""
    edges = [op for arch in label_pool(SPACE, 500) for op in SPACE.genotype(arch)]
    for operation in SPACE.operations:
        assert 0.15 < edges.count(operation) / len(edges) < 0.25


def test_the_whole_space_and_not_more() -> None:
    assert len(label_pool(SPACE, 6466)) == 6466
    with pytest.raises(ValueError, match="6466 architectures that are not isomorphic, fewer than"):
        label_pool(SPACE, 6467)
    with pytest.raises(ValueError, match="at least one architecture, got n=0"):
        label_pool(SPACE, 0)


def test_the_order_of_the_space_does_not_matter() -> None:
    class Reversed(NASBench201):
        def enumerate(self) -> Iterator[Architecture]:
            return reversed(list(super().enumerate()))

    assert label_pool(Reversed(), 100) == label_pool(SPACE, 100)


def test_isomorphic_members_may_be_asked_for() -> None:
    pool = label_pool(SPACE, 1000, isomorphic=True)
    assert len({arch.spec for arch in pool}) == 1000
    assert len({arch.canonical_id for arch in pool}) < 900
    assert [arch for arch in label_pool(SPACE, 200) if arch not in pool] == []
    assert len(label_pool(SPACE, 15625, isomorphic=True)) == 15625
