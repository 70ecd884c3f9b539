"""The ends of a space's range of sizes."""

from __future__ import annotations

import itertools

from nascast.spaces import registry as spaces
from nascast.spaces.base import Architecture
from nascast.spaces.extremes import extremes
from nascast.spaces.nasbench201 import NASBench201
from nascast.spaces.transnas_micro import TransNASMicro


def test_four_node_cells_range_from_nothing_to_convolutions_only() -> None:
    space = NASBench201()
    smallest, largest = extremes(space)
    assert space.genotype(largest) == ("nor_conv_3x3",) * 6
    assert space.conv_count(space.prune(smallest)) == 0


def test_a_listed_space_has_nothing_outside() -> None:
    space = TransNASMicro()

    def params(arch: Architecture) -> int:
        return space.count(space.prune(arch), space.published, 256).params

    ends = [params(arch) for arch in extremes(space)]
    listed = [params(arch) for arch in itertools.islice(space.enumerate(), 0, None, 29)]
    assert ends[0] <= min(listed) < max(listed) <= ends[1]


def test_the_same_ends_every_time() -> None:
    space = spaces.create("hiaml")
    assert extremes(space) == extremes(space)
