from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.cell_graphs import make_graphs, padded, renumbered, shortened

from nascast.predictors.bonas import BONAS, GlobalNodeNetwork

FEW = {"trials": 1, "epochs": 40, "width": 16, "learning_rate": 1e-2, "batch_size": 16}


@pytest.fixture(scope="module")
def fitted() -> BONAS:
    predictor = BONAS(settings=FEW)
    predictor.fit(shortened(make_graphs(60, seed=0)))
    return predictor


def test_it_learns_what_the_graphs_tell(fitted: BONAS) -> None:
    query = make_graphs(40, seed=1)
    assert kendalltau(fitted.predict(query), query.require_labels()).statistic > 0.6


def test_the_numbers_of_the_nodes_mean_nothing(fitted: BONAS) -> None:
    query = shortened(make_graphs(9, seed=1))
    scores = fitted.predict(query)
    np.testing.assert_allclose(fitted.predict(renumbered(query, seed=2)), scores, rtol=1e-5)


def test_padding_changes_nothing(fitted: BONAS) -> None:
    query = shortened(make_graphs(9, seed=1))
    network = fitted.network
    assert network is not None
    network.eval()
    short, long = (network(*fitted.inputs(seen)) for seen in (query, padded(query, 3)))
    torch.testing.assert_close(short, long)


def test_the_global_node_reads_all_and_is_read_by_none() -> None:
    seen = shortened(make_graphs(2, seed=0))
    nodes, read, real = BONAS().inputs(seen)
    assert nodes.shape == (2, 9, 6)
    assert read.shape == (2, 9, 9)
    for graph, edges in enumerate(seen.feature("edges")):
        present = [*range(7 + graph), 8]
        assert real[graph].nonzero()[:, 0].tolist() == present
        for reader in range(9):
            expected = {reader} & set(present)
            if reader == 8:
                expected = set(present)
            elif reader in present:
                expected |= {source for source in range(8) if edges[source, reader]}
            assert set(read[graph, reader].nonzero()[:, 0].tolist()) == expected
    assert nodes[:, -1].tolist() == [[0, 0, 0, 0, 0, 1]] * 2
    np.testing.assert_array_equal(nodes[:, :-1, :-1].numpy(), seen.feature("nodes"))


def test_the_first_layer_sums_what_a_node_reads() -> None:
    """With one layer that adds up all kinds, the norm sees how many nodes each reads."""
    seen = make_graphs(2, seed=0)
    nodes, read, real = BONAS().inputs(seen)
    network = GlobalNodeNetwork(6, 1)
    for weight in network.weights:
        weight.weight.data.fill_(1.0)  # type: ignore[union-attr, operator]
    seen_by_norm: list[torch.Tensor] = []
    network.norms[0].register_forward_pre_hook(lambda _, given: seen_by_norm.append(given[0]))
    network(nodes, read, real)
    torch.testing.assert_close(seen_by_norm[0][:, :, 0], read.sum(dim=2))


def test_the_network_is_the_published_one_without_biases_that_norms_undo() -> None:
    network = GlobalNodeNetwork(8, 64)
    parameters = sum(weight.numel() for weight in network.parameters())
    assert parameters == 8 * 64 + 3 * 64 * 64 + 4 * 2 * 64 + 65
    assert all(weight.abs().max() <= 0.05 for weight in network.weights.parameters())


def test_the_search_stays_within_its_bounds() -> None:
    predictor = BONAS(seed=1, settings={"trials": 3, "epochs": 1})
    predictor.fit(make_graphs(12, seed=0))
    settings = predictor.settings
    assert 16 <= settings.width <= 128
    assert 32 <= settings.batch_size <= 256
    assert 1e-5 <= settings.learning_rate <= 0.1
