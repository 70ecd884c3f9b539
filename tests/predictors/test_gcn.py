from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.cell_graphs import make_graphs, padded, renumbered, shortened
from torch import Tensor

from nascast.predictors.gcn import GCN, PUBLISHED, DirectedConvolution, DirectedGraphNetwork

FEW = {"trials": 1, "epochs": 40, "width": 16, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def fitted() -> GCN:
    predictor = GCN(settings=FEW)
    predictor.fit(shortened(make_graphs(60, seed=0)))
    return predictor


def test_it_learns_what_the_graphs_tell(fitted: GCN) -> None:
    query = make_graphs(40, seed=1)
    assert kendalltau(fitted.predict(query), query.require_labels()).statistic > 0.6


def test_the_numbers_of_the_nodes_mean_nothing(fitted: GCN) -> None:
    query = shortened(make_graphs(9, seed=1))
    scores = fitted.predict(query)
    np.testing.assert_allclose(fitted.predict(renumbered(query, seed=2)), scores, rtol=1e-5)
    # But the edges do.
    reversed_edges = query.feature("edges").transpose(0, 2, 1)
    query.features["edges"][:] = reversed_edges  # type: ignore[index]
    assert (np.abs(fitted.predict(query) - scores) > 1e-4).any()


def test_padding_changes_nothing(fitted: GCN) -> None:
    query = shortened(make_graphs(9, seed=1))
    network = fitted.network
    assert network is not None
    network.eval()
    short, long = (network(*fitted.inputs(seen)) for seen in (query, padded(query, 3)))
    torch.testing.assert_close(short, long)


def slow_layer(hidden: Tensor, edges: Tensor, layer: DirectedConvolution) -> Tensor:
    """Work out one graph's layer, node by node."""
    size = len(hidden)
    first, second = layer.both.weight.detach().chunk(2)
    readers = [[i] + [j for j in range(size) if edges[i, j]] for i in range(size)]
    result = []
    for node in range(size):
        # Against the edges, a node reads itself and those that read it, all alike.
        against = torch.stack([first @ hidden[j] for j in readers[node]]).mean(dim=0)
        # Along the edges, it reads them by their share in what the source gives away.
        sources = [i for i in range(size) if node in readers[i]]
        shares = torch.tensor([1 / len(readers[i]) for i in sources])
        along = torch.stack([second @ hidden[i] for i in sources]).T @ (shares / shares.sum())
        result.append((against.relu() + along.relu()) / 2)
    return torch.stack(result)


def test_a_layer_reads_both_ways() -> None:
    seen = make_graphs(3, seed=0)
    nodes, along, against, _ = GCN().inputs(seen)
    layer = DirectedConvolution(nodes.shape[2], 6)
    found = layer(nodes, along, against)
    for i, edges in enumerate(torch.from_numpy(seen.feature("edges"))):
        torch.testing.assert_close(found[i], slow_layer(nodes[i], edges, layer))


def test_weights_of_both_directions_start_as_two_matrices() -> None:
    layer = DirectedConvolution(30, 60)
    bound = (6 / 90) ** 0.5
    for weight in layer.both.weight.chunk(2):
        assert 0.98 * bound < weight.abs().max() <= bound


def test_the_network_is_the_published_one() -> None:
    network = DirectedGraphNetwork(7, PUBLISHED.width)
    parameters = sum(weight.numel() for weight in network.parameters())
    assert parameters == 2 * (7 * 144 + 3 * 144 * 144) + 144 * 128 + 128


def test_the_search_stays_within_its_bounds() -> None:
    predictor = GCN(seed=1, settings={"trials": 3, "epochs": 1})
    predictor.fit(make_graphs(12, seed=0))
    settings = predictor.settings
    assert 64 <= settings.width <= 200
    assert 5 <= settings.batch_size <= 32
    assert min(settings.learning_rate, settings.weight_decay) >= 1e-5
    assert max(settings.learning_rate, settings.weight_decay) <= 0.1
