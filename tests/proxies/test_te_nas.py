import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.proxies.errors import ProxyError
from nascast.proxies.te_nas import te_nas

numbers = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=12)


def test_adds_both_ranks() -> None:
    # Conditions from worst to best: 900, 30, 30, 2; regions: 5, 70, 100, 100.
    found = te_nas([30, 900, 2, 30], [100, 70, 5, 100])
    assert found.tolist() == [2 + 3, 1 + 2, 3 + 1, 2 + 3]


def test_singular_kernels_are_the_worst() -> None:
    assert te_nas([math.inf, 1e9, 5], [7, 7, 7]).tolist() == [2, 3, 4]


def test_a_network_without_a_number_has_no_score_and_moves_no_other() -> None:
    found = te_nas([4, math.nan, 8, 2], [10, 500, math.nan, 20])
    assert np.isnan(found).tolist() == [False, True, True, False]
    assert found[[0, 3]].tolist() == te_nas([4, 2], [10, 20]).tolist()


@given(numbers)
def test_only_orders_matter(pairs: list[tuple[int, int]]) -> None:
    ntk, regions = (np.array(column, float) for column in zip(*pairs, strict=True))
    assert te_nas(np.log(ntk), regions**2).tolist() == te_nas(ntk, regions).tolist()


@given(numbers)
def test_better_in_both_is_better(pairs: list[tuple[int, int]]) -> None:
    ntk, regions = zip(*pairs, strict=True)
    found = te_nas(ntk, regions)
    assert found.min() >= 2
    assert found.max() <= 2 * len(pairs)
    for i, (low, high) in enumerate(pairs):
        for j, (lower, higher) in enumerate(pairs):
            if lower < low and higher > high:
                assert found[j] > found[i]


def test_needs_as_many_of_one_as_of_the_other() -> None:
    with pytest.raises(ProxyError, match=r"shapes are \(2,\) and \(3,\)"):
        te_nas([1, 2], [1, 2, 3])
