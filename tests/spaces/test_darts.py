from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from tests.networks.naive_darts import NaiveDarts
from tests.networks.naive_nasbench201 import copy_parameters

from nascast.networks.counts import count_macs, count_params
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.darts import DARTS
from nascast.spaces.darts_genotype import OPERATIONS, Genotype, edges_of

SPACE = DARTS()
# DARTS's own scale: 36 channels, 20 cells.
LARGE = NetworkScale(36, 6)
GENOTYPES = {
    "DARTS_V2": Genotype(
        normal=(
            ("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
            ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2),
        ),
        reduce=(
            ("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
            ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1),
        ),
    ),
    "PDARTS": Genotype(
        normal=(
            ("skip_connect", 0), ("dil_conv_3x3", 1), ("skip_connect", 0), ("sep_conv_3x3", 1),
            ("sep_conv_3x3", 1), ("sep_conv_3x3", 3), ("sep_conv_3x3", 0), ("dil_conv_5x5", 4),
        ),
        reduce=(
            ("avg_pool_3x3", 0), ("sep_conv_5x5", 1), ("sep_conv_3x3", 0), ("dil_conv_5x5", 2),
            ("max_pool_3x3", 0), ("dil_conv_3x3", 1), ("dil_conv_3x3", 1), ("dil_conv_5x5", 3),
        ),
    ),
}  # fmt: skip


def naive(arch: Architecture, scale: NetworkScale, classes: int = 10) -> NaiveDarts:
    normal, reduce = SPACE.genotype(arch)
    layers = 3 * scale.repeats + 2
    return NaiveDarts(normal, reduce, scale.channels, layers, classes, scale.stem_stride)


@pytest.mark.parametrize(("name", "params"), [("DARTS_V2", 3_349_342), ("PDARTS", 3_433_798)])
def test_published_parameters(name: str, params: int) -> None:
    """What the public code prints for CIFAR-10 without its auxiliary head."""
    arch = SPACE.from_genotype(GENOTYPES[name])
    size = SPACE.count(arch, LARGE, 32, 10)
    assert size.params == params
    with torch.device("meta"):
        network = naive(arch, LARGE)
    assert count_params(network) == params
    assert count_macs(network, (3, 32, 32)) == size.macs


@pytest.mark.parametrize("seed", range(3))
def test_built_networks_compute_what_naive_ones_do(seed: int) -> None:
    arch, scale = SPACE.sample(np.random.default_rng(seed)), NetworkScale(4, 1, 2)
    torch.manual_seed(seed)
    ours, theirs = SPACE.build(arch, scale, 5).double(), naive(arch, scale, 5).double()
    copy_parameters(ours, theirs)
    images = torch.randn(3, 3, 16, 16, dtype=torch.float64)
    torch.testing.assert_close(ours(images), theirs(images), rtol=1e-9, atol=1e-9)


def test_specs_are_laid_out_anew() -> None:
    arch = SPACE.from_genotype(GENOTYPES["DARTS_V2"])
    reread = SPACE.parse(arch.spec.replace(" ", "").replace("[2,3,4,5]", "range(2,6)"))
    assert reread == arch
    with pytest.raises(ValueError, match="the reduce cell has 6 edges"):
        SPACE.from_genotype(Genotype(arch_cell := GENOTYPES["PDARTS"].normal, arch_cell[:6]))


def test_either_cell_may_be_renumbered() -> None:
    skips = (("skip_connect", 0), ("skip_connect", 1))
    pools = (("max_pool_3x3", 0), ("max_pool_3x3", 1))
    one, other = (*skips, *pools, *skips * 2), (*pools, *skips * 3)
    archs = [SPACE.from_genotype(Genotype(*cells)) for cells in ((one, one), (one, other))]
    archs += [SPACE.from_genotype(Genotype(*cells)) for cells in ((other, one), (other, other))]
    assert len({arch.arch_id for arch in archs}) == 4
    assert len({arch.canonical_id for arch in archs}) == 1
    assert SPACE.from_genotype(Genotype(skips * 4, one)).canonical_id != archs[0].canonical_id
    sizes = {SPACE.count(arch, NetworkScale(5, 2), 16) for arch in archs}
    assert len(sizes) == 1


def test_there_are_120_neighbours() -> None:
    """A cell: 8 edges x 6 other operations, and 0, 1, 2 and 3 free sources for 2 edges each."""
    arch = SPACE.sample(np.random.default_rng(0))
    neighbours = list(SPACE.neighbours(arch))
    assert len(set(neighbours)) == len(neighbours) == 2 * (8 * 6 + 2 * (0 + 1 + 2 + 3)) == 120
    mine = SPACE.genotype(arch)
    for neighbour in neighbours:
        changed = [
            (one, other)
            for cell, theirs in zip(mine, SPACE.genotype(neighbour), strict=True)
            for node in range(2, 6)
            for one, other in [(set(edges_of(cell, node)), set(edges_of(theirs, node)))]
            if one != other
        ]
        [(one, other)] = changed
        [(old_operation, old_source)], [(operation, source)] = one - other, other - one
        assert (operation == old_operation) != (source == old_source)


def test_sampling_is_uniform() -> None:
    rng = np.random.default_rng(0)
    genotypes = [SPACE.genotype(SPACE.sample(rng)) for _ in range(500)]
    operations = Counter(op for cells in genotypes for cell in cells for op, _ in cell)
    for operation in OPERATIONS:
        # Four standard deviations of a share of 8000.
        assert abs(operations[operation] / 8000 - 1 / 7) < 0.016
    for node, pairs in {2: 1, 3: 3, 4: 6, 5: 10}.items():
        sources = Counter(
            tuple(source for _, source in edges_of(cell, node))
            for cells in genotypes
            for cell in cells
        )
        assert len(sources) == pairs
        share = 1 / pairs
        assert all(
            abs(n / 1000 - share) <= 4 * (share * (1 - share) / 1000) ** 0.5
            for n in sources.values()
        )


def test_the_graph_by_hand() -> None:
    graph = SPACE.cell_graph(SPACE.from_genotype(GENOTYPES["DARTS_V2"]))
    normal = [
        "sep_conv_3x3", "sep_conv_3x3", "sep_conv_3x3", "sep_conv_3x3",
        "skip_connect", "sep_conv_3x3", "skip_connect", "dil_conv_3x3",
    ]  # fmt: skip
    inputs = ["c_{k-2}", "c_{k-1}"]
    assert graph.operations[:13] == ("input", *inputs, *normal, *inputs)
    assert len(graph.operations) == 22
    inside = [(a, b) for a, b in graph.edges if b < 11]
    # Operations 3 to 10 stand on the edges into the nodes 2, 2, 3, 3, 4, 4, 5 and 5.
    assert inside == [
        (0, 1), (0, 2), (1, 3), (1, 5), (1, 7), (1, 9), (2, 4), (2, 6), (2, 8), (3, 10), (4, 10),
    ]  # fmt: skip
    between = [(a, b) for a, b in graph.edges if a < 11 <= b]
    assert between == [(a, b) for a in range(3, 11) for b in (11, 12)]
    # max_pool 0, max_pool 1 | max_pool 1, skip 2 | max_pool 0, skip 2 | max_pool 1, skip 2
    behind = [(a, b) for a, b in graph.edges if a >= 11 and b < 21]
    assert behind == [
        (11, 13), (11, 17), (12, 14), (12, 15), (12, 19),
        (13, 16), (13, 18), (13, 20), (14, 16), (14, 18), (14, 20),
    ]  # fmt: skip
    assert [edge for edge in graph.edges if edge[1] == 21] == [(a, 21) for a in range(13, 21)]


def test_graphs_tell_the_cells_apart() -> None:
    one, other = GENOTYPES["PDARTS"]
    swapped = SPACE.from_genotype(Genotype(other, one))
    assert SPACE.cell_graph(swapped) != SPACE.cell_graph(SPACE.from_genotype(Genotype(one, other)))
