from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.predictors.gennape.merge_sort import Indices, merge_sort


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=40))
def test_a_perfect_comparator_ranks_perfectly_and_ties_keep_their_order(values: list[int]) -> None:
    quality = np.array(values, dtype=int)
    order = merge_sort(len(quality), lambda later, earlier: quality[later] > quality[earlier])
    assert order.tolist() == sorted(range(len(values)), key=lambda i: -values[i])


def recursive(items: list[int], beats: np.ndarray) -> list[int]:
    """Merge sort as in a text book, on runs of 1, 2, 4, ... from the left."""
    runs = [[item] for item in items]
    while len(runs) > 1:
        merged = []
        for i in range(0, len(runs) - 1, 2):
            left, right, out = runs[i][:], runs[i + 1][:], []
            while left and right:
                out.append((right if beats[right[0], left[0]] else left).pop(0))
            merged.append(out + left + right)
        runs = merged + ([runs[-1]] if len(runs) % 2 else [])
    return runs[0]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16, 33, 50])
def test_a_comparator_that_contradicts_itself_ends_as_in_the_text_book(count: int) -> None:
    beats = np.random.default_rng(count).random((count, count)) < 0.5
    order = merge_sort(count, lambda later, earlier: beats[later, earlier])
    assert sorted(order) == list(range(count))
    assert order.tolist() == recursive(list(range(count)), beats)


def test_comparisons_are_made_level_by_level() -> None:
    asked: list[int] = []
    quality = np.random.default_rng(0).permutation(1024)

    def precedes(later: Indices, earlier: Indices) -> np.ndarray:
        asked.append(len(later))
        return quality[later] > quality[earlier]

    order = merge_sort(1024, precedes)
    np.testing.assert_array_equal(quality[order], np.arange(1024)[::-1])
    assert asked[0] == 512
    assert len(asked) < 2 * 1024
    assert 1024 * 5 < sum(asked) < 1024 * 10


def test_nothing_is_sorted_without_a_question() -> None:
    assert merge_sort(0, lambda later, earlier: later > earlier).tolist() == []
