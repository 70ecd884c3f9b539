from __future__ import annotations

import numpy as np
from tests.search.made import NAMES, flips

from nascast.search.neighbourhood import nearest

VECTORS = np.array([[int(bit) for bit in name] for name in NAMES], dtype=np.uint8)


def test_those_one_switch_away_are_the_nearest() -> None:
    beside = nearest(NAMES, VECTORS, 6)
    assert all(set(beside(name)) == set(flips(name)) for name in NAMES)


def test_of_equally_near_ones_chance_decides_once() -> None:
    few, more = nearest(NAMES, VECTORS, 3), nearest(NAMES, VECTORS, 5)
    for name in NAMES:
        assert few(name) == more(name)[:3]
        assert set(more(name)) < set(flips(name))
        assert few(name) == nearest(NAMES, VECTORS, 3)(name)
    chosen = {flips(name).index(other) for name in NAMES for other in few(name)}
    assert len(chosen) == 6, "no switch is preferred"


def test_a_small_sample_has_no_more_than_all_others() -> None:
    sample = NAMES[::20]
    beside = nearest(sample, VECTORS[::20], 10)
    assert set(beside(sample[0])) == set(sample[1:])
