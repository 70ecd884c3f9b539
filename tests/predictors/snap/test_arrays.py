"""What the network reads of a graph, against matrices worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.predictors.snap.graphs import random_graphs

from nascast.predictors.snap.arrays import (
    EMPTY,
    OperatorError,
    OperatorGraphs,
    make_batch,
    operator_matrix,
)
from nascast.predictors.snap.settings import PAPER, Adjacency, Readout, SnapSettings

PLAIN = replace(PAPER, normalised=False, loops=False, adjacency="forward")


def chain() -> OperatorGraphs:
    """Return input -> conv -> output with one node of padding, and an edge that skips the conv."""
    adjacency = np.zeros((1, 4, 4), dtype=bool)
    adjacency[0, [0, 1, 0], [1, 2, 2]] = True
    operations = np.array([[0, 1, 2, EMPTY]], dtype=np.uint8)
    return OperatorGraphs(("input", "conv", "output"), operations, adjacency)


@pytest.mark.parametrize(
    ("adjacency", "rows"),
    [
        ("forward", [[0, 0, 0], [1, 0, 0], [1, 1, 0]]),
        ("backward", [[0, 1, 1], [0, 0, 1], [0, 0, 0]]),
        ("undirected", [[0, 1, 1], [1, 0, 1], [1, 1, 0]]),
        ("both", [[0, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0], [0, 0, 0]]),
    ],
)
def test_who_reads_whom(adjacency: Adjacency, rows: list[list[int]]) -> None:
    batch = make_batch(chain(), replace(PLAIN, adjacency=adjacency))
    count = len(rows)
    assert batch.matrices[0, :count, :3].tolist() == rows
    assert not batch.matrices[0, count:].any()
    assert not batch.matrices[0, :, 3].any()


def test_equation_2_weighs_edges_by_degrees() -> None:
    settings = replace(PAPER, adjacency="undirected")
    # All three nodes read each other and themselves: a third each. Padding reads nothing.
    expected = torch.full((3, 3), 1 / 3)
    torch.testing.assert_close(make_batch(chain(), settings).matrices[0, :3, :3], expected)
    directed = make_batch(chain(), replace(PAPER, adjacency="forward")).matrices[0, :3, :3]
    degree = np.array([1, 2, 3]) ** -0.5
    looped = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    np.testing.assert_allclose(directed, degree[:, None] * looped * degree, rtol=1e-6)


def test_a_global_node_reads_every_node_and_nobody_reads_it() -> None:
    expected = [1.0, 1.0, 1.0, 0.0, 0.0]
    for adjacency in ("forward", "backward"):
        settings = replace(PLAIN, readout="global", adjacency=adjacency)
        batch = make_batch(chain(), settings)
        assert batch.matrices[0, 4].tolist() == expected
        assert not batch.matrices[0, :, 4].any()
        assert batch.pooling.tolist() == [[[0, 0, 0, 0, 1]]]
        assert batch.sizes.tolist() == [4]


def test_an_undirected_global_node_is_a_neighbour_like_any_other() -> None:
    settings = replace(PLAIN, readout="global", adjacency="undirected")
    assert make_batch(chain(), settings).matrices[0, :, 4].tolist() == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("readout", "rows"),
    [
        ("mean", [[1 / 3, 1 / 3, 1 / 3, 0]]),
        ("sum", [[1, 1, 1, 0]]),
        ("mean_sum", [[1 / 3, 1 / 3, 1 / 3, 0], [1, 1, 1, 0]]),
    ],
)
def test_read_outs_leave_padding_out(readout: Readout, rows: list[list[float]]) -> None:
    batch = make_batch(chain(), replace(PLAIN, readout=readout))
    torch.testing.assert_close(batch.pooling[0], torch.tensor(rows, dtype=torch.float32))


@pytest.mark.parametrize("settings", [PAPER, replace(PAPER, adjacency="both", readout="global")])
def test_kinds_are_sums_over_the_nodes_that_are_read(settings: SnapSettings) -> None:
    graphs = random_graphs(20)
    batch = make_batch(graphs, settings)
    kinds = len(graphs.vocabulary) + (settings.readout == "global")
    nodes = batch.kinds.shape[1]
    for row, numbers in enumerate(graphs.operations):
        known = [*numbers, *([kinds - 1] if settings.readout == "global" else [])]
        for node in range(nodes):
            expected = np.zeros((settings.directions, kinds))
            for direction in range(settings.directions):
                weights = batch.matrices[row, node * settings.directions + direction]
                for other, weight in enumerate(weights.tolist()):
                    if known[other] != EMPTY:
                        expected[direction, known[other]] += weight
            np.testing.assert_allclose(batch.kinds[row, node], expected.reshape(-1), atol=1e-6)


def test_taking_rows_is_taking_graphs() -> None:
    graphs, rows = random_graphs(9), np.array([7, 2, 2])
    one = make_batch(graphs.take(rows), PAPER)
    other = make_batch(graphs, PAPER).take(torch.from_numpy(rows))
    for name in ("matrices", "kinds", "pooling", "sizes"):
        assert torch.equal(getattr(one, name), getattr(other, name))


def test_a_global_node_has_a_feature_of_its_own() -> None:
    vectors = {"a": np.array([1, 2], "f"), "b": np.array([3, 4], "f")}
    assert operator_matrix(vectors, ("b", "a"), PAPER).tolist() == [[3, 4], [1, 2]]
    flagged = operator_matrix(vectors, ("b", "a"), replace(PAPER, readout="global"))
    assert flagged.tolist() == [[3, 4, 0], [1, 2, 0], [0, 0, 1]]


def test_what_nobody_described_is_named() -> None:
    vectors = {"a": np.zeros(2, "f"), "b": np.zeros(3, "f")}
    with pytest.raises(OperatorError, match=r"operations c, d: add them to .*operators\.yaml"):
        operator_matrix(vectors, ("a", "c", "d"), PAPER)
    with pytest.raises(OperatorError, match="different lengths"):
        operator_matrix(vectors, ("a", "b"), PAPER)
