from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made_graphs import random_graphs

from nascast.predictors.gennape.packed import PackedGraphs
from nascast.predictors.gennape.spectral import smallest_eigenvalues
from nascast.predictors.gennape.training import (
    PUBLISHED,
    QUICK,
    GraphEncoder,
    encoder_settings,
)

SETTINGS = encoder_settings({"epochs": 3, "batch_size": 16, "spectral_scale": 0.3})


def spectra_of(graphs: PackedGraphs) -> np.ndarray:
    """Of the merged graphs, which serve as well as any."""
    edges = np.split(graphs.edges, graphs.edge_starts[1:-1])
    counts = np.diff(graphs.node_starts)
    return np.array([smallest_eigenvalues(*each) for each in zip(edges, counts, strict=True)])


def trained(graphs: PackedGraphs, seed: int = 0) -> GraphEncoder:
    encoder = GraphEncoder(SETTINGS, seed)
    encoder.fit(graphs, spectra_of(graphs))
    return encoder


def test_training_lowers_both_losses() -> None:
    graphs = random_graphs(70)
    settings = encoder_settings({"epochs": 12, "batch_size": 16, "spectral_scale": 0.3})
    encoder = GraphEncoder(settings, 0)
    encoder.fit(graphs, spectra_of(graphs))
    assert len(encoder.losses) == 12
    first, last = encoder.losses[0], encoder.losses[-1]
    assert 0 < last[0] < 0.7 * first[0]
    assert last[1] < 0.7 * first[1]


def test_embeddings_come_closer_to_spectra_than_untrained_ones() -> None:
    graphs = random_graphs(70, seed=5, most=20)
    spectra = spectra_of(graphs)
    agreements = []
    for epochs in (1, 25):
        settings = encoder_settings({"epochs": epochs, "batch_size": 32, "spectral_scale": 0.3})
        encoder = GraphEncoder(settings, 1)
        encoder.fit(graphs, spectra)
        codes = encoder.encode(graphs).astype(np.float64)
        pairs = np.triu_indices(len(graphs), 1)
        apart = np.linalg.norm(codes[pairs[0]] - codes[pairs[1]], axis=1)
        wanted = np.linalg.norm(spectra[pairs[0]] - spectra[pairs[1]], axis=1)
        agreements.append(np.corrcoef(apart, wanted)[0, 1])
    assert agreements[1] > agreements[0] + 0.05


def test_rows_have_no_order_and_seeds_differ() -> None:
    graphs = random_graphs(40)
    order = np.random.default_rng(1).permutation(40)
    shuffled = graphs.take(order)
    before = torch.get_rng_state()
    first, second = trained(graphs), trained(shuffled)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(first.encode(graphs)[order], second.encode(shuffled))
    assert first.losses == second.losses
    assert not np.allclose(trained(graphs, 1).encode(graphs), first.encode(graphs))


def test_an_encoder_survives_its_state() -> None:
    graphs = random_graphs(20)
    encoder = trained(graphs)
    tensors, settings = encoder.state()
    rebuilt = GraphEncoder.from_state(tensors, settings)
    np.testing.assert_array_equal(rebuilt.encode(graphs), encoder.encode(graphs))
    assert (rebuilt.settings, rebuilt.seed, rebuilt.losses) == (SETTINGS, 0, encoder.losses)
    assert encoder.encode(graphs).dtype == np.float32


def test_graphs_of_one_size_in_flops_do_not_divide_by_zero() -> None:
    graphs = random_graphs(16)
    graphs.gflops[:] = 1.0
    assert np.isfinite(trained(graphs).encode(graphs)).all()


def test_what_cannot_be_trained_is_refused() -> None:
    graphs = random_graphs(16)
    with pytest.raises(ValueError, match="not been fitted"):
        GraphEncoder(SETTINGS, 0).encode(graphs)
    with pytest.raises(ValueError, match="a batch of 128 graphs to train, got 16"):
        GraphEncoder(PUBLISHED, 0).fit(graphs, spectra_of(graphs))
    with pytest.raises(ValueError, match="15 spectra were given for 16 graphs"):
        GraphEncoder(SETTINGS, 0).fit(graphs, spectra_of(graphs)[:15])
    with pytest.raises(ValueError, match="unknown GENNAPE encoder settings"):
        encoder_settings({"width": 3})


def test_quick_only_cuts_epochs() -> None:
    assert set(QUICK) == {"epochs"}
    assert encoder_settings(QUICK).epochs < PUBLISHED.epochs
    assert PUBLISHED.batch_size == 128
