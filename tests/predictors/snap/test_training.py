from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.snap.graphs import random_graphs, share_of_convs, word_vectors

from nascast.predictors.snap.arrays import make_batch, operator_matrix
from nascast.predictors.snap.network import SnapNetwork
from nascast.predictors.snap.settings import PAPER, Loss, SnapSettings
from nascast.predictors.snap.training import pairwise_loss, scores, targets, train

SHORT = replace(PAPER, epochs=12, batch_size=32, width=16, learning_rate=5e-3)


def trained(settings: SnapSettings, seed: int = 0) -> tuple[SnapNetwork, list[int]]:
    graphs = random_graphs(200)
    known = operator_matrix(word_vectors(), graphs.vocabulary, settings)
    torch.manual_seed(1)
    network = SnapNetwork(known.shape[1], settings)
    epochs: list[int] = []
    wanted = torch.from_numpy(targets(share_of_convs(graphs), settings)).float()
    generator = torch.Generator().manual_seed(seed)
    train(network, make_batch(graphs, settings), known, wanted, settings, generator, epochs.append)
    return network, epochs


def test_quantiles_are_even_and_ties_share_theirs() -> None:
    ranks = replace(PAPER, target="rank")
    labels = np.array([0.9, 0.1, 0.5, 0.5])
    assert targets(labels, ranks).tolist() == [0.875, 0.125, 0.5, 0.5]
    assert targets(labels, PAPER) is labels


def test_pairs_cost_what_their_order_does() -> None:
    values, wanted = torch.tensor([2.0, 0.5, 0.5]), torch.tensor([1.0, 3.0, 1.0])
    # Of three pairs one is a tie; the second graph should be before the other two.
    losses = [np.log1p(np.exp(1.5)), np.log(2)]
    assert pairwise_loss(values, wanted).item() == pytest.approx(np.mean(losses))
    assert pairwise_loss(values, torch.ones(3)).item() == 0


@pytest.mark.parametrize("loss", ["mse", "pairwise"])
def test_it_learns_what_graphs_tell(loss: Loss) -> None:
    settings = replace(SHORT, loss=loss)
    network, epochs = trained(settings)
    assert epochs == list(range(1, 13))
    assert not network.training
    query = random_graphs(80, seed=5)
    known = operator_matrix(word_vectors(), query.vocabulary, settings)
    found = scores(network, make_batch(query, settings), known)
    assert found.shape == (80,)
    assert found.dtype == np.float64
    assert kendalltau(found, share_of_convs(query)).statistic > 0.7


def test_the_generator_alone_decides_the_batches() -> None:
    first, second, other = (trained(replace(SHORT, epochs=2), seed)[0] for seed in (0, 0, 1))
    same = [
        torch.equal(*pair) for pair in zip(first.parameters(), second.parameters(), strict=True)
    ]
    assert all(same)
    assert not torch.equal(first.output.weight, other.output.weight)
