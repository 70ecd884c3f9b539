from __future__ import annotations

import math
import statistics

import pytest
import torch
from tests.ranking.shown import SHAPE, context, looked_at, makers, mlp
from torch import Tensor, nn
from torch.nn import functional

from nascast.proxies.base import Batch
from nascast.proxies.measure import measure
from nascast.ranking.base import CandidateError
from nascast.ranking.images import OwnImages
from nascast.ranking.zero_cost import ProxyRanker, batch_for, measure_one
from nascast.seeds import derive_seed


def test_a_score_is_the_mean_over_initialisations_computed_a_second_way() -> None:
    (network,) = looked_at(makers(5))
    (outcome,) = ProxyRanker("snip").score([network], context(seeds=3)).outcomes
    values = []
    for repeat in range(3):
        torch.manual_seed(derive_seed("rank", "mlp5", repeat))
        model = mlp(5)
        generator = torch.Generator().manual_seed(derive_seed("rank", "batch", repeat))
        labels = torch.randint(4, (16,), generator=generator)
        inputs = torch.randn((16, *SHAPE), generator=generator)
        functional.cross_entropy(model(inputs), labels).backward()
        layers = [part for part in model if isinstance(part, nn.Linear)]
        values.append(sum(float((p.weight.detach() * p.weight.grad).abs().sum()) for p in layers))
    assert outcome.score == pytest.approx(statistics.fmean(values), rel=1e-5)
    assert outcome.uncertainty == pytest.approx(statistics.stdev(values), rel=1e-4)
    assert outcome.seconds > 0
    assert outcome.reason == "snip, mean of 3 initialisations, a mini-batch of 16"


def test_scores_do_not_depend_on_the_company() -> None:
    networks = looked_at(makers(3, 5, 8))
    there = ProxyRanker("grad_norm").score(networks, context()).outcomes
    back = ProxyRanker("grad_norm").score(networks[::-1], context()).outcomes[::-1]
    assert [one.score for one in there] == [one.score for one in back]


def test_given_weights_are_measured_once() -> None:
    network, made = looked_at({"fixed": mlp(5)} | makers(5))
    fixed, other = ProxyRanker("snip").score([network, made], context()).outcomes
    assert math.isnan(fixed.uncertainty)
    assert "the weights given" in fixed.reason
    assert other.uncertainty > 0


def test_a_source_that_ranks_low_values_first_is_turned() -> None:
    (network,) = looked_at(makers(5))
    scored = ProxyRanker("te_nas_ntk").score([network], context(seeds=1))
    assert scored.outcomes[0].score == -measure_one(network, "te_nas_ntk", context(), 0)
    assert scored.outcomes[0].score < 0
    assert "with a minus" in scored.note


def test_within_a_budget_initialisations_are_left_out() -> None:
    (network,) = looked_at(makers(5))
    scored = ProxyRanker("snip").score([network], context(seeds=50, budget=1e-6))
    assert math.isnan(scored.outcomes[0].uncertainty)
    assert "the budget was enough for 1 of 50 initialisations" in scored.note


class Stubborn(nn.Module):
    """Runs forward, but not backward."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(192, 4)

    def forward(self, x: Tensor) -> Tensor:
        return _NoGradient.apply(self.layer(x.flatten(1)))


class _NoGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        raise RuntimeError("no way back")


def test_one_that_cannot_be_measured_leaves_the_others_alone() -> None:
    networks = looked_at({"stubborn": Stubborn(), "fine": mlp(3), "dense": nn.Conv2d(3, 4, 1)})
    stubborn, fine, dense = ProxyRanker("snip").score(networks, context()).outcomes
    assert stubborn.error == "snip cannot be measured: RuntimeError: no way back"
    assert math.isnan(stubborn.score)
    assert fine.score > 0
    assert not fine.error
    assert "needs a classifier" in dense.error


def test_values_that_are_no_numbers_are_errors() -> None:
    silent = mlp(5)
    with torch.no_grad():
        silent[1].weight.fill_(math.nan)
    (network,) = looked_at({"silent": silent})
    with pytest.raises(CandidateError, match="snip is not a number for this network"):
        measure_one(network, "snip", context(), 0)


def test_a_score_of_infinity_is_an_error() -> None:
    loud = mlp(5)
    with torch.no_grad():
        loud[1].weight[0, 0] = math.inf
    (network,) = looked_at({"loud": loud})
    with pytest.raises(CandidateError, match="beyond the numbers' range"):
        measure_one(network, "l2_norm", context(), 0)


def test_own_images_and_their_labels_are_used() -> None:
    inputs = torch.randn(64, *SHAPE, generator=torch.Generator().manual_seed(3))
    images = OwnImages(inputs, torch.arange(64) % 4, "mine")
    (network,) = looked_at({"fixed": mlp(5)})
    batch = batch_for(network, context(images), 0)
    assert all(any(torch.equal(one, other) for other in inputs) for one in batch.inputs)
    own = Batch(batch.inputs, batch.targets, functional.cross_entropy, batch.targets, 4)
    expected = measure(network.candidate.build(0), own, ["snip"])["snip"].value
    assert measure_one(network, "snip", context(images), 0) == pytest.approx(expected)
    with pytest.raises(CandidateError, match="tells 4 classes apart, but the images have 5"):
        batch_for(network, context(OwnImages(inputs, torch.arange(64) % 5, "mine")), 0)
