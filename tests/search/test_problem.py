from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tests.search.made import NAMES, PROBLEM, flips, observe

from nascast.search.problem import SearchProblem


def test_the_order_is_random_and_keeps_when_networks_join() -> None:
    order = PROBLEM.in_random_order(0)
    assert sorted(order) == list(NAMES)
    assert order == PROBLEM.in_random_order(0)
    assert order != PROBLEM.in_random_order(1)
    few = SearchProblem(NAMES[::3], flips, observe)
    assert few.in_random_order(0) == [name for name in order if name in few.names]


def test_every_neighbour_is_as_likely() -> None:
    rng = np.random.default_rng(0)
    counts = Counter(PROBLEM.mutate("000000", rng) for _ in range(3000))
    assert set(counts) == set(flips("000000"))
    assert min(counts.values()) > 400


def test_without_neighbours_a_network_stays_as_it_is() -> None:
    alone = SearchProblem(("a", "b"), lambda name: (), observe)
    assert alone.mutate("a", np.random.default_rng(0)) == "a"


@pytest.mark.parametrize("names", [("b", "a"), ("a", "a")])
def test_names_are_sorted_and_single(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="must be sorted, and none stand twice"):
        SearchProblem(names, flips, observe)
