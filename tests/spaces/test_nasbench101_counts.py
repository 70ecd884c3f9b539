from __future__ import annotations

import numpy as np
import pytest

from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench101 import NASBench101
from nascast.spaces.nasbench101_counts import count_cells
from nascast.spaces.nasbench101_enumeration import enumerate_cells, listed

SPACE = NASBench101()


@pytest.mark.parametrize(
    ("scale", "size"), [(NetworkScale(128, 3), 32), (NetworkScale(7, 2, 2), 16)]
)
def test_counts_equal_those_of_the_plans(scale: NetworkScale, size: int) -> None:
    cells = enumerate_cells(max_vertices=6)
    params, macs = count_cells(cells, scale, size, 10)
    one_by_one = listed(cells)
    assert len(params) == len(macs) == len(one_by_one)
    chosen = np.random.default_rng(0).integers(len(one_by_one), size=40)
    for place in [0, 1, *chosen]:
        size_of = SPACE.count(SPACE.from_cell(one_by_one[place]), scale, size, 10)
        assert (params[place], macs[place]) == (size_of.params, size_of.macs)
