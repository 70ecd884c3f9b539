"""What NAS-Bench-201 and TransNAS-Bench-101's micro space share, by hand and on both."""

from __future__ import annotations

import numpy as np
import pytest

from nascast.spaces.base import Architecture
from nascast.spaces.four_node_cells import EDGES, FourNodeCells
from nascast.spaces.nasbench201 import NASBench201
from nascast.spaces.transnas_micro import TransNASMicro

both = pytest.mark.parametrize("space", [NASBench201(), TransNASMicro()], ids=lambda s: s.name)


def cell(space: FourNodeCells, **operations: str) -> Architecture:
    """Return the cell with the given edges, ``conv`` being the first convolution."""
    names = {"conv": space.convolutions[0], "skip": "skip_connect"}
    return space.from_genotype(
        tuple(names.get(operations.get(f"e{s}{t}", ""), "none") for s, t in EDGES)
    )


@both
def test_the_last_edge_varies_fastest(space: FourNodeCells) -> None:
    listed = space.enumerate()
    first = [space.genotype(next(listed)) for _ in range(len(space.operations) + 1)]
    assert [genotype[-1] for genotype in first] == [*space.operations, space.operations[0]]
    assert first[-1][-2] == space.operations[1]


@both
def test_sampling_is_uniform_on_every_edge(space: FourNodeCells) -> None:
    rng = np.random.default_rng(0)
    drawn = [space.genotype(space.sample(rng)) for _ in range(1000)]
    share = 1 / len(space.operations)
    for edge in range(len(EDGES)):
        for operation in space.operations:
            found = sum(genotype[edge] == operation for genotype in drawn) / 1000
            # Four standard deviations of a share of 1000.
            assert abs(found - share) < 4 * (share * (1 - share) / 1000) ** 0.5


@both
def test_neighbours_differ_in_one_edge(space: FourNodeCells) -> None:
    arch = cell(space, e01="conv", e13="skip")
    neighbours = list(space.neighbours(arch))
    assert len(set(neighbours)) == len(EDGES) * (len(space.operations) - 1)
    for neighbour in neighbours:
        pairs = zip(space.genotype(arch), space.genotype(neighbour), strict=True)
        assert sum(one != other for one, other in pairs) == 1


@both
def test_paths_by_hand(space: FourNodeCells) -> None:
    # Paths: 0-3 with no convolution, 0-1-3 with two; 0-2 ends at node 2, 1-2 likewise.
    arch = cell(space, e03="skip", e01="conv", e13="conv", e02="conv", e12="skip")
    conv = space.convolutions[0]
    assert sorted(space.path_operations(arch)) == sorted([("skip_connect",), (conv, conv)])
    assert space.mean_path_convs(arch) == 1.0
    assert space.conv_count(arch) == 3
    assert space.prune(arch) == cell(space, e03="skip", e01="conv", e13="conv")
    assert not space.is_dead(arch)


@both
def test_a_cell_without_path_is_dead(space: FourNodeCells) -> None:
    arch = cell(space, e01="conv", e23="conv", e12="none")
    assert space.is_dead(arch)
    assert space.mean_path_convs(arch) == 0.0
    assert space.conv_count(arch) == 2
    assert space.prune(arch) == cell(space)
    assert space.canonical_form(space.genotype(cell(space))) == cell(space).canonical_id


@both
def test_edges_carry_their_operations(space: FourNodeCells) -> None:
    arch = cell(space, e02="conv", e13="skip")
    conv = space.convolutions[0]
    assert [edge for edge in space.edges(arch) if edge[2] != "none"] == [
        (0, 2, conv),
        (1, 3, "skip_connect"),
    ]


@both
def test_bad_genotypes_are_refused_by_name(space: FourNodeCells) -> None:
    with pytest.raises(ValueError, match=f"cells of {space.name} have 6 edges, got 7"):
        space.from_genotype(("none",) * 7)
    with pytest.raises(ValueError, match="'maxpool' on edge 2->3; choose one of none, skip"):
        space.from_genotype((*["none"] * 5, "maxpool"))
