from __future__ import annotations

import numpy as np
import torch
from tests.predictors.cell_graphs import make_graphs, shortened

from nascast.predictors.graph_network import (
    NodeNorm,
    graph_tensors,
    mean_over,
    real_nodes,
    rows_to_one,
    with_loops,
)


def test_graphs_become_float_tensors_and_know_their_padding() -> None:
    seen = shortened(make_graphs(4, seed=0))
    nodes, edges = graph_tensors(seen)
    assert nodes.dtype == edges.dtype == torch.float32
    np.testing.assert_array_equal(nodes.numpy(), seen.feature("nodes"))
    np.testing.assert_array_equal(edges.numpy(), seen.feature("edges"))
    real = real_nodes(nodes)
    assert real[:, :-1].all()
    assert real[:, -1].tolist() == [False, True, False, True]


def test_only_real_nodes_get_loops() -> None:
    edges = torch.tensor([[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    looped = with_loops(edges, torch.tensor([[True, True, False]]))
    assert looped.tolist() == [[[1, 1, 0], [0, 1, 0], [0, 0, 0]]]


def test_rows_sum_to_one_unless_they_are_empty() -> None:
    found = rows_to_one(torch.tensor([[1.0, 1.0, 2.0], [0.0, 0.0, 0.0]]))
    assert found.tolist() == [[0.25, 0.25, 0.5], [0, 0, 0]]


def test_means_leave_the_padding_out() -> None:
    hidden = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]], [[1.0, 1.0], [2.0, 4.0], [6, 7]]])
    real = torch.tensor([[True, True, False], [True, True, True]])
    assert mean_over(hidden, real).tolist() == [[2, 4], [3, 4]]


def test_norms_are_those_of_all_real_nodes_of_a_batch_together() -> None:
    hidden, real = torch.randn(5, 4, 3), torch.ones(5, 4, dtype=torch.bool)
    real[::2, -1] = False
    norm, reference = NodeNorm(3), torch.nn.BatchNorm1d(3)
    for _ in range(2):
        normed = norm(hidden, real)
        flat = torch.cat([graph[kept] for graph, kept in zip(hidden, real, strict=True)])
        torch.testing.assert_close(normed[real], reference(flat))
        assert not normed[~real].any()
    torch.testing.assert_close(norm.running_var, reference.running_var)
    norm.eval()
    reference.eval()
    torch.testing.assert_close(norm(hidden, real)[0, 0], reference(hidden[:1, 0])[0])
