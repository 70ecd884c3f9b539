from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.network_regression import outputs_of
from nascast.predictors.seminas import SemiNAS

FEW = {"epochs": 20, "more_epochs": 3, "batch_size": 20, "learning_rate": 5e-3}


def observe(count: int, seed: int, pool: int = 0) -> Observations:
    """Return labelled architectures and a pool of ``pool`` others."""
    seen = make_observations(count, seed, needs=SemiNAS.needs)
    if not pool:
        return seen
    return replace(seen, pool=make_observations(pool, seed + 100, needs=SemiNAS.needs).features)


class Watched(SemiNAS):
    """Keeps what each phase learns, and what the network said before it."""

    def __init__(self, settings: dict[str, float]) -> None:
        super().__init__(settings=settings)
        self.phases: list[tuple[Tensor, Tensor, int, np.ndarray]] = []

    def minimise_both(
        self, network: nn.Module, one_hot: Tensor, targets: Tensor, epochs: int
    ) -> None:
        self.phases.append((one_hot, targets, epochs, outputs_of(network, (one_hot,))))
        super().minimise_both(network, one_hot, targets, epochs)


@pytest.mark.parametrize("pool", [0, 100])
def test_it_learns_what_the_tokens_tell(pool: int) -> None:
    predictor, query = SemiNAS(settings=FEW), observe(40, seed=1)
    predictor.fit(observe(40, seed=0, pool=pool))
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.6


@pytest.mark.parametrize(("pseudo", "pool", "drawn"), [(1, 30, 10), (2, 30, 20), (1, 4, 4)])
def test_pseudo_labels_are_the_first_phase_s_and_true_ones_are_copied(
    pseudo: int, pool: int, drawn: int
) -> None:
    predictor = Watched({"epochs": 2, "more_epochs": 1, "pseudo": pseudo, "copies": 3})
    train = observe(10, seed=0, pool=100)
    # No two of the pool alike, so that each can be told.
    distinct = np.unique(train.pool["tokens"], axis=0)[:pool]
    predictor.fit(replace(train, pool={"tokens": distinct}))
    (first, labels, epochs, _), (second, targets, more_epochs, said) = predictor.phases
    assert [epochs, more_epochs] == [2, 1]
    assert len(first) == 10
    assert len(second) == 30 + drawn
    for copy in range(3):
        assert torch.equal(second[10 * copy : 10 * copy + 10], first)
        assert torch.equal(targets[10 * copy : 10 * copy + 10], labels)
    np.testing.assert_allclose(targets[30:].numpy(), said[30:], atol=1e-6)
    known = [tokens.tobytes() for tokens in distinct]
    places = [known.index(tokens.numpy().tobytes()) for tokens in second[30:]]
    assert len(set(places)) == drawn
    assert places != list(range(drawn)), "they are drawn, not the first of the pool"


def test_without_a_pool_there_are_only_copies() -> None:
    predictor = Watched({"epochs": 1, "more_epochs": 1})
    predictor.fit(observe(10, seed=0))
    second, targets = predictor.phases[1][:2]
    assert len(second) == len(targets) == 100


def test_a_pool_makes_a_difference() -> None:
    query, scores = observe(5, seed=1), []
    for pool in (0, 30):
        predictor = SemiNAS(settings={"epochs": 2, "more_epochs": 2})
        predictor.fit(observe(10, seed=0, pool=pool))
        scores.append(predictor.predict(query))
    assert (scores[0] != scores[1]).all()
