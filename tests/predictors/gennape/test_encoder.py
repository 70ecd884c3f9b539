from __future__ import annotations

import numpy as np
import torch
from tests.predictors.gennape.made_graphs import random_graphs

from nascast.predictors.gennape.encoder import CODE_SIZE, EncoderNetwork


def test_graphs_become_128_numbers_whatever_stands_beside_them() -> None:
    torch.manual_seed(0)
    network, graphs = EncoderNetwork().eval(), random_graphs(20)
    together = network(graphs.batch(np.arange(20)))
    assert together.shape == (20, CODE_SIZE) == (20, 128)
    alone = torch.cat([network(graphs.batch(np.array([number]))) for number in range(20)])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_the_halves_are_means_of_graph_layers_and_transformer() -> None:
    torch.manual_seed(0)
    network, graphs = EncoderNetwork().eval(), random_graphs(3)
    batch = graphs.batch(np.arange(3))
    kinds = network.embedding(batch)
    graph = batch.mean_of_nodes(network.graph(kinds[batch.node_kinds], batch))
    attended = batch.mean_of_kinds(network.transformer(kinds, batch))
    torch.testing.assert_close(network(batch), torch.cat([graph, attended], dim=1))


def test_dropout_makes_two_views() -> None:
    torch.manual_seed(0)
    network, graphs = EncoderNetwork(), random_graphs(4)
    batch = graphs.batch(np.arange(4))
    first, second = network(batch), network(batch)
    assert (first != second).any(dim=1).all()
    network.eval()
    assert torch.equal(network(batch), network(batch))
