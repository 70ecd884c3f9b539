from __future__ import annotations

import numpy as np
from tests.search.made import LABELS, NAMES, PROBLEM

from nascast.search.base import run_search
from nascast.search.random_search import RandomSearch


def test_it_trains_a_random_sample() -> None:
    drawn = [
        name
        for seed in range(200)
        for name in run_search(RandomSearch(), PROBLEM, LABELS, 16, seed).revealed
    ]
    counts = np.array([drawn.count(name) for name in NAMES])
    assert counts.sum() == 3200
    # 50 of 200 searches find each network; the standard deviation is 6.
    assert abs(counts - 50).max() < 25
