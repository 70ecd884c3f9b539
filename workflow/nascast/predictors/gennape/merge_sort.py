"""Ranking by a comparator that judges two networks at a time, with merge sort.

Source: GENNAPE, supplement, where pairwise classifiers rank by merge sort with the model as the
comparator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Comparator = Callable[[Indices, Indices], NDArray[np.bool_]]


def merge_sort(count: int, precedes: Comparator) -> Indices:
    """Return the numbers 0 to ``count - 1`` in the order of a comparator, best first.

    All merges of a level go on in lockstep, so one call judges a pair of each: ``n log n``
    comparisons in about ``2 n`` calls. Every number comes out once, whatever the comparator says,
    also when it contradicts itself.

    Args:
        count: how many are sorted.
        precedes: for equally long ``later`` and ``earlier``, whether each of ``later`` is to come
            before its counterpart in ``earlier``; where not, what came first stays first.
    """
    order = np.arange(count, dtype=np.int64)
    width = 1
    while width < count:
        order = _merge_level(order, width, precedes)
        width *= 2
    return order


def _merge_level(order: Indices, width: int, precedes: Comparator) -> Indices:
    """Merge every two neighbouring runs of ``width``."""
    count = len(order)
    merged = order.copy()  # a last run without neighbour stays where it is
    left = np.arange(0, count - width, 2 * width, dtype=np.int64)
    right = left + width
    left_end, right_end = right.copy(), np.minimum(right + width, count)
    place = left.copy()
    while len(left):
        from_right = precedes(order[right], order[left])
        merged[place] = order[np.where(from_right, right, left)]
        place += 1
        right += from_right
        left += ~from_right
        done = (left == left_end) | (right == right_end)
        if done.any():
            for k in np.flatnonzero(done):
                rest = np.r_[left[k] : left_end[k], right[k] : right_end[k]]
                merged[place[k] : place[k] + len(rest)] = order[rest]
            left, right, left_end, right_end, place = (
                values[~done] for values in (left, right, left_end, right_end, place)
            )
    return merged
