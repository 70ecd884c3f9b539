from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made_graphs import CONV, random_graphs

from nascast.predictors.gennape.graph_networks import Kind
from nascast.predictors.gennape.graph_regression import (
    PUBLISHED,
    QUICK,
    GraphRegression,
    regression_settings,
)
from nascast.predictors.gennape.packed import PackedGraphs

FAST = regression_settings(
    {"epochs": 30, "batch_size": 8, "learning_rate": 3e-3, "tuning_epochs": 20}
)
SHORT = regression_settings({"epochs": 2, "batch_size": 8, "tuning_epochs": 3})


def share_of_convolutions(graphs: PackedGraphs) -> np.ndarray:
    """Something that the mean over the nodes knows, in [0.5, 0.9]."""
    batch = graphs.batch(np.arange(len(graphs)))
    shares = batch.mean_of_kinds((batch.types == CONV).float()[:, None])
    return 0.5 + 0.4 * shares.squeeze(1).double().numpy()


# The layers of a GCN only average, and it learns slowly what the others see at once.
@pytest.mark.parametrize(("kind", "left"), [("k-gnn", 0.5), ("gcn", 0.99), ("gin", 0.5)])
def test_it_learns_what_the_graphs_show(kind: Kind, left: float) -> None:
    graphs = random_graphs(60)
    labels = share_of_convolutions(graphs)
    model = GraphRegression(kind, FAST, 0)
    model.fit(graphs, labels, np.zeros(60, dtype=bool))
    errors = np.abs(model.predict(graphs) - labels)
    assert errors.mean() < left * np.abs(labels - np.median(labels)).mean()


def test_the_epoch_of_the_smallest_error_is_kept() -> None:
    graphs = random_graphs(40)
    labels, held_out = share_of_convolutions(graphs), np.arange(40) % 4 == 0
    choosing, errors = graphs.take(np.flatnonzero(held_out)), []
    for epochs in range(1, 7):
        settings = regression_settings({"epochs": epochs, "batch_size": 8, "learning_rate": 0.02})
        model = GraphRegression("k-gnn", settings, 0)
        model.fit(graphs, labels, held_out)
        errors.append(np.abs(model.predict(choosing) / labels[held_out] - 1).mean())
    assert (np.diff(errors) <= 1e-12).all()
    assert errors[-1] < errors[0]


def test_rows_have_no_order_and_seeds_differ() -> None:
    graphs = random_graphs(30)
    labels, held_out = share_of_convolutions(graphs), np.arange(30) < 6
    order = np.random.default_rng(1).permutation(30)
    before = torch.get_rng_state()
    found = []
    for seed, rows in ((0, np.arange(30)), (0, order), (1, order)):
        model = GraphRegression("k-gnn", SHORT, seed)
        model.fit(graphs.take(rows), labels[rows], held_out[rows])
        found.append(model.predict(graphs))
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])


def test_fine_tuning_moves_towards_the_new_family() -> None:
    graphs, others = random_graphs(30), random_graphs(10, seed=9)
    model = GraphRegression("k-gnn", FAST, 0)
    model.fit(graphs, share_of_convolutions(graphs), np.zeros(30, dtype=bool))
    labels = np.full(10, 0.2)
    before = np.abs(model.predict(others) - labels).mean()
    model.fine_tune(others, labels)
    assert np.abs(model.predict(others) - labels).mean() < 0.3 * before


def test_a_model_survives_its_state() -> None:
    graphs = random_graphs(20)
    model = GraphRegression("gin", SHORT, 3)
    model.fit(graphs, share_of_convolutions(graphs), np.zeros(20, dtype=bool))
    rebuilt = GraphRegression.from_state(*model.state())
    np.testing.assert_array_equal(rebuilt.predict(graphs), model.predict(graphs))
    assert (rebuilt.kind, rebuilt.settings, rebuilt.seed) == ("gin", SHORT, 3)


def test_what_cannot_be_done_is_refused() -> None:
    graphs = random_graphs(4)
    with pytest.raises(ValueError, match="not been fitted"):
        GraphRegression("gcn", SHORT, 0).predict(graphs)
    with pytest.raises(ValueError, match="none is left to train on"):
        GraphRegression("gcn", SHORT, 0).fit(graphs, np.ones(4), np.ones(4, dtype=bool))


def test_quick_only_cuts_epochs() -> None:
    assert set(QUICK) == {"epochs", "tuning_epochs"}
    quick = regression_settings(QUICK)
    assert quick.epochs < PUBLISHED.epochs
    assert (PUBLISHED.epochs, PUBLISHED.batch_size, PUBLISHED.learning_rate) == (40, 32, 1e-4)
