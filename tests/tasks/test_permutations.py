"""Sets of permutations: worked out by hand where small, by their properties where large."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.tasks.permutations import permutation_set


def distances(permutations: np.ndarray) -> np.ndarray:
    """Hamming distances of all pairs."""
    return np.array(
        [
            sum(x != y for x, y in zip(a, b, strict=True))
            for i, a in enumerate(permutations.tolist())
            for b in permutations.tolist()[:i]
        ]
    )


def test_four_pieces_by_hand() -> None:
    """Four permutations that agree nowhere; a fifth must agree with some."""
    expected = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]
    assert permutation_set(4, 4).tolist() == expected
    assert distances(permutation_set(5, 4)).min() < 4


def test_all_permutations_of_three_pieces() -> None:
    found = permutation_set(6, 3).tolist()
    # First the three that agree nowhere, then the three that are each one swap away.
    assert sorted(found[:3]) == [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    assert sorted(found[3:]) == [[0, 2, 1], [1, 0, 2], [2, 1, 0]]


@settings(deadline=None)
@given(st.integers(3, 6), st.data())
def test_a_larger_set_begins_with_the_smaller(pieces: int, data: st.DataObject) -> None:
    larger = data.draw(st.integers(3, math.factorial(pieces)))
    smaller = data.draw(st.integers(2, larger - 1))
    found = permutation_set(larger, pieces)
    assert np.array_equal(permutation_set(smaller, pieces), found[:smaller])
    assert found[0].tolist() == list(range(pieces))
    assert all(sorted(row) == list(range(pieces)) for row in found.tolist())
    assert len(np.unique(found, axis=0)) == larger


def test_nine_pieces_are_as_far_apart_as_nine_can_be() -> None:
    found = distances(permutation_set(24))
    drawn = np.random.default_rng(0).permuted(np.tile(np.arange(9), (24, 1)), axis=1)
    assert found.min() >= 7 > distances(drawn).min()
    assert found.mean() > distances(drawn).mean()


@pytest.mark.parametrize("count", [1, 25])
def test_sets_that_do_not_exist_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"of 4 pieces has 2 to 24 members, got {count}"):
        permutation_set(count, 4)
