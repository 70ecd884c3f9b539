from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from nascast.networks.planned import PlannedNetwork
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench101 import OPERATIONS, NASBench101, matrix_of, write
from nascast.spaces.nasbench101_cells import MAX_EDGES
from nascast.spaces.nasbench101_enumeration import enumerate_cells, listed

SPACE = NASBench101()
C3, C1, MP = OPERATIONS


def spec(*operations: str, rows: str) -> str:
    return f"{','.join(operations)}|{rows}"


def test_parse_prunes_and_gives_the_representative() -> None:
    plain = SPACE.parse(spec(C3, C1, rows="110.01.1"))
    # The same cell with its two branches in the other order, and with a vertex that leads nowhere.
    assert SPACE.parse(spec(C1, C3, rows="110.01.1")) == plain
    assert SPACE.parse(spec(C3, C1, MP, rows="1110.001.01.0")) == plain
    graph = SPACE.cell_graph(plain)
    assert sorted(graph.operations) == sorted(["input", "output", C3, C1])
    assert graph.edges == ((0, 1), (0, 2), (1, 3), (2, 3))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("", "needs operations, a bar"),
        (spec("conv5x5", rows="10.1"), "unknown operation 'conv5x5'.*choose one of conv3x3"),
        (spec(C3, rows="10"), "1 operations and 1 rows; a matrix of 3 vertices has 2 rows"),
        (spec(C3, rows="10.11"), "row 1 .* only edges to later vertices .* 1 digits"),
        (spec(C3, rows="1x.1"), "row 0 .* reads '1x'"),
        (spec(C3, rows="10.0"), "no path from its input to its output"),
        (spec(*[C3] * 6, rows="1.1"), "has 8 vertices; NAS-Bench-101 allows 7"),
        (spec(*[C3] * 3, rows="1111.111.11.1"), "has 10 edges .* allows 9"),
    ],
)
def test_bad_specs_are_named(bad: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SPACE.parse(bad)


def test_the_smallest_cell_and_its_neighbours() -> None:
    bare = SPACE.parse("|1")
    assert SPACE.cell_graph(bare).edges == ((0, 1),)
    # One vertex more, with each of the operations, and that is all.
    assert {arch.spec for arch in SPACE.neighbours(bare)} == {f"{op}|10.1" for op in OPERATIONS}


def test_neighbours_of_a_chain_by_hand() -> None:
    arch = SPACE.parse(spec(C3, rows="10.1"))
    found = {neighbour.spec for neighbour in SPACE.neighbours(arch)}
    longer = {spec(*pair, rows="100.10.1") for op in OPERATIONS for pair in ((C3, op), (op, C3))}
    assert found == {
        spec(C1, rows="10.1"), spec(MP, rows="10.1"), spec(C3, rows="11.1"), "|1", *longer,
    }  # fmt: skip


def test_an_edge_may_join_unordered_vertices_in_either_direction() -> None:
    found = set(SPACE.neighbours(SPACE.parse(spec(C3, C1, rows="110.01.1"))))
    assert SPACE.parse(spec(C3, C1, rows="110.11.1")) in found
    assert SPACE.parse(spec(C1, C3, rows="110.11.1")) in found


def test_every_step_between_small_cells_can_be_taken_back() -> None:
    neighbours = cache(lambda arch: frozenset(SPACE.neighbours(arch)))
    small = [SPACE.from_cell(cell) for cell in listed(enumerate_cells(4))]
    assert len(small) == 91
    one_way = [(a.spec, b.spec) for a in small for b in neighbours(a) if a not in neighbours(b)]
    assert not one_way


def test_samples_keep_the_limits_and_use_them() -> None:
    rng = np.random.default_rng(0)
    graphs = [SPACE.cell_graph(SPACE.sample(rng)) for _ in range(300)]
    assert max(len(graph.edges) for graph in graphs) == MAX_EDGES
    assert {len(graph.operations) for graph in graphs} >= {4, 5, 6, 7}
    drawn = [op for graph in graphs for op in graph.operations[1:-1]]
    for op in OPERATIONS:
        assert abs(drawn.count(op) / len(drawn) - 1 / 3) < 0.06


def test_specs_are_written_row_by_row() -> None:
    matrix = matrix_of(0b101001, 4)
    assert matrix == [[0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    assert write((0b101001, (0, 2))) == spec(C3, MP, rows="101.00.1")


def test_published_sizes() -> None:
    best = SPACE.parse(spec(C1, C3, MP, C3, C3, rows="110011.00010.1000.100.10.1"))
    first = SPACE.parse(spec(C3, MP, C3, C3, C1, rows="100110.10000.1001.010.10.1"))
    assert SPACE.count(best, SPACE.published, 32).params == 32_426_634
    assert SPACE.count(first, SPACE.published, 32).params == 8_555_530


def test_the_network_is_the_hand_written_one() -> None:
    """One cell in every stack: projections, an uneven split, a concatenation and a shortcut."""
    arch = SPACE.parse(spec(C1, C3, MP, rows="1101.001.10.1"))
    assert arch.spec == spec(C1, C3, MP, rows="1101.001.10.1")
    channels = 5
    torch.manual_seed(0)
    network = PlannedNetwork(SPACE.plan(arch, NetworkScale(channels, 1), 16, 3)).double()
    modules = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    pairs = iter(zip(modules[::2], modules[1::2], strict=True))

    def conv(x: torch.Tensor) -> torch.Tensor:
        weights, norm = next(pairs)
        return functional.relu(norm(weights(x)))

    images = torch.randn(4, 3, 16, 16, dtype=torch.float64)
    x = conv(images)
    for stack in range(3):
        outputs = channels * 2**stack
        if stack:
            x = functional.max_pool2d(x, 2)
        short = conv(conv(x))
        pooled = functional.max_pool2d(conv(conv(x)), 3, stride=1, padding=1)
        # The output is split between the two that feed it; an odd channel goes to the first.
        assert short.shape[1] == outputs - outputs // 2
        assert pooled.shape[1] == outputs // 2
        x = torch.cat([short, pooled], dim=1) + conv(x)
    assert next(pairs, None) is None
    (linear,) = (m for m in network.modules() if isinstance(m, nn.Linear))
    torch.testing.assert_close(network(images), linear(x.mean(dim=(2, 3))))
