"""The network against torch-geometric's layers, torch's batch norm, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.predictors.snap.graphs import random_graphs, word_vectors
from torch import Tensor, nn
from torch_geometric.nn.dense import DenseGCNConv

from nascast.predictors.snap.arrays import EMPTY, OperatorGraphs, make_batch, operator_matrix
from nascast.predictors.snap.network import NodeNormReLU, SnapNetwork
from nascast.predictors.snap.settings import PAPER, Adjacency, Readout, SnapSettings

SMALL = replace(PAPER, width=8)


def network_of(settings: SnapSettings, features: int = 7) -> SnapNetwork:
    torch.manual_seed(3)
    network = SnapNetwork(features, settings)
    for norm in network.norms:
        assert isinstance(norm, NodeNormReLU)
        nn.init.normal_(norm.shift)
    return network


def inputs(graphs: OperatorGraphs, settings: SnapSettings) -> tuple[SnapNetwork, Tensor, Tensor]:
    known = operator_matrix(word_vectors(), graphs.vocabulary, settings)
    network = network_of(settings, known.shape[1])
    return network, known, network(make_batch(graphs, settings), known)


@pytest.mark.parametrize("adjacency", ["undirected", "forward"])
@pytest.mark.parametrize("training", [True, False])
def test_it_is_what_torch_geometric_computes(adjacency: Adjacency, training: bool) -> None:
    settings = replace(SMALL, adjacency=adjacency)
    graphs = random_graphs(30)
    known = operator_matrix(word_vectors(), graphs.vocabulary, settings)
    network = network_of(settings).train(training)
    real = torch.from_numpy(graphs.operations != EMPTY)
    hidden = torch.zeros(*real.shape, known.shape[1])
    hidden[real] = known[torch.from_numpy(graphs.operations.astype(np.int64))[real]]
    edges = torch.from_numpy(graphs.adjacency).float()
    reads = edges.transpose(1, 2) if adjacency == "forward" else edges + edges.transpose(1, 2)
    for weight, norm in zip(network.weights, network.norms, strict=True):
        assert isinstance(norm, NodeNormReLU)
        layer = DenseGCNConv(weight.shape[1], weight.shape[2], bias=False)
        layer.lin.weight.data = weight[0].T
        torch_norm = nn.BatchNorm1d(weight.shape[2]).train(training)
        torch_norm.load_state_dict(
            {"weight": norm.scale, "bias": norm.shift, "running_mean": norm.mean,
             "running_var": norm.variance, "num_batches_tracked": torch.tensor(0)}
        )  # fmt: skip
        read = layer(hidden, reads, real)
        hidden = torch.zeros_like(read)
        hidden[real] = torch_norm(read[real]).relu()
    pooled = hidden.sum(dim=1) / real.sum(dim=1, keepdim=True)
    expected = network.output(pooled).squeeze(1)
    found = network(make_batch(graphs, settings), known)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_the_norm_is_torchs_over_the_real_rows() -> None:
    torch.manual_seed(0)
    rows = torch.randn(50, 6, dtype=torch.float64, requires_grad=True)
    padded = nn.functional.pad(rows, (0, 0, 0, 9))
    own, torchs = NodeNormReLU(6).double(), nn.BatchNorm1d(6).double()
    nn.init.normal_(own.shift)
    nn.init.normal_(own.scale)
    torchs.load_state_dict(
        {"weight": own.scale, "bias": own.shift, "running_mean": own.mean,
         "running_var": own.variance, "num_batches_tracked": torch.tensor(0)}
    )  # fmt: skip
    weights = torch.randn(50, 6, dtype=torch.float64)
    found = own(padded, 50)[:50]
    expected = torchs(rows).relu()
    torch.testing.assert_close(found, expected)
    gradients = torch.autograd.grad((found * weights).sum(), [rows, own.scale, own.shift])
    others = torch.autograd.grad((expected * weights).sum(), [rows, torchs.weight, torchs.bias])
    torch.testing.assert_close(gradients, others)
    torch.testing.assert_close(own.mean, torchs.running_mean)
    torch.testing.assert_close(own.variance, torchs.running_var)
    torch.testing.assert_close(own.eval()(rows, 50), torchs.eval()(rows).relu())


@pytest.mark.parametrize("readout", ["global", "mean", "sum", "mean_sum"])
@pytest.mark.parametrize("adjacency", ["forward", "backward", "undirected", "both"])
def test_padding_and_the_numbers_of_nodes_mean_nothing(
    readout: Readout, adjacency: Adjacency
) -> None:
    settings = replace(SMALL, readout=readout, adjacency=adjacency, normalised=readout != "sum")
    graphs = random_graphs(25)
    wide = OperatorGraphs(
        graphs.vocabulary,
        np.pad(graphs.operations, ((0, 0), (0, 3)), constant_values=EMPTY),
        np.pad(graphs.adjacency, ((0, 0), (0, 3), (0, 3))),
    )
    order = np.random.default_rng(0).permutation(wide.operations.shape[1])
    moved = OperatorGraphs(
        graphs.vocabulary, wide.operations[:, order], wide.adjacency[:, order][:, :, order]
    )
    *_, scores = inputs(graphs, settings)
    for other in (wide, moved):
        *_, same = inputs(other, settings)
        torch.testing.assert_close(same, scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("adjacency", ["forward", "backward", "both"])
def test_directions_differ(adjacency: Adjacency) -> None:
    graphs = random_graphs(25)
    turned = OperatorGraphs(
        graphs.vocabulary, graphs.operations, graphs.adjacency.transpose(0, 2, 1).copy()
    )
    settings = replace(SMALL, adjacency=adjacency)
    assert (inputs(graphs, settings)[2] - inputs(turned, settings)[2]).abs().max() > 1e-3
    plain = replace(SMALL, adjacency="undirected")
    torch.testing.assert_close(inputs(graphs, plain)[2], inputs(turned, plain)[2])


def test_every_weight_is_learned() -> None:
    for readout in ("global", "mean_sum"):
        network, _, scores = inputs(
            random_graphs(40), replace(SMALL, adjacency="both", readout=readout)
        )
        scores.square().sum().backward()
        assert all(
            value.grad is not None and value.grad.abs().max() > 0 for value in network.parameters()
        )
