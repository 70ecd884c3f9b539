from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.snap.graphs import random_graphs, share_of_convs, word_vectors

from nascast.predictors.snap.arrays import OperatorError, OperatorGraphs
from nascast.predictors.snap.model import Snap
from nascast.predictors.snap.settings import PAPER
from nascast.predictors.store import CheckpointError, save_tensors

SHORT = replace(PAPER, epochs=8, batch_size=32, width=16, learning_rate=5e-3, target="rank")


@pytest.fixture(scope="module")
def fitted() -> Snap:
    model = Snap(SHORT, seed=1)
    graphs = random_graphs(200)
    model.fit(graphs, share_of_convs(graphs), word_vectors())
    return model


def test_it_ranks_graphs_with_a_node_more_and_an_operation_that_it_never_saw(fitted: Snap) -> None:
    query = random_graphs(60, seed=2, nodes=7)
    known = word_vectors()
    renamed = OperatorGraphs(
        ("input", "convolution", "pool", "skip", "output"), query.operations, query.adjacency
    )
    vectors = {**known, "convolution": known["conv"]}
    truth = share_of_convs(query)
    found = fitted.predict(renamed, vectors)
    assert kendalltau(found, truth).statistic > 0.6
    # Its vector is all that it is told of an operation.
    np.testing.assert_array_equal(found, fitted.predict(query, known))


def test_the_seed_decides_and_nothing_global(fitted: Snap) -> None:
    graphs, query = random_graphs(200), random_graphs(10, seed=2)
    again, other = Snap(SHORT, seed=1), Snap(SHORT, seed=2)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    for model in (again, other):
        model.fit(graphs, share_of_convs(graphs), word_vectors())
    assert torch.equal(torch.get_rng_state(), before)
    scores = fitted.predict(query, word_vectors())
    np.testing.assert_array_equal(again.predict(query, word_vectors()), scores)
    assert not np.allclose(other.predict(query, word_vectors()), scores)


def test_each_graph_is_ranked_by_itself(fitted: Snap) -> None:
    query, order = random_graphs(30, seed=2), np.random.default_rng(0).permutation(30)
    scores = fitted.predict(query, word_vectors())
    moved = fitted.predict(query.take(order[:11]), word_vectors())
    np.testing.assert_allclose(moved, scores[order[:11]], rtol=1e-5)


def test_a_file_gives_the_same_model(fitted: Snap, tmp_path: Path) -> None:
    path, query = tmp_path / "snap.safetensors", random_graphs(10, seed=2)
    fitted.save(path, {"spaces": ["cells"]})
    loaded, card = Snap.load(path)
    assert (card, loaded.settings, loaded.seed) == ({"spaces": ["cells"]}, SHORT, 1)
    scores = fitted.predict(query, word_vectors())
    np.testing.assert_array_equal(loaded.predict(query, word_vectors()), scores)


def test_errors_say_what_is_wrong(fitted: Snap, tmp_path: Path) -> None:
    query, path = random_graphs(2), tmp_path / "other.safetensors"
    with pytest.raises(ValueError, match="not fitted: call fit"):
        Snap(SHORT, 0).predict(query, word_vectors())
    with pytest.raises(ValueError, match="not fitted: call fit"):
        Snap(SHORT, 0).save(path, {})
    with pytest.raises(ValueError, match="length 7, these have 5: use the same encoder"):
        fitted.predict(query, word_vectors(5))
    with pytest.raises(OperatorError, match="nobody described the operations conv, pool"):
        fitted.predict(query, {"input": np.zeros(7, "f")})
    with pytest.raises(CheckpointError, match="does not exist"):
        Snap.load(path)
    save_tensors({"x": torch.zeros(1)}, {}, path)
    with pytest.raises(CheckpointError, match="holds no SNAP network"):
        Snap.load(path)
    save_tensors({"x": torch.zeros(1)}, {"snap": "{}"}, path)
    with pytest.raises(CheckpointError, match="train them again"):
        Snap.load(path)
