from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made import QUICK, WIDTH, make_networks

from nascast.predictors.gennape.head import Prepared
from nascast.predictors.gennape.heads import create_head
from nascast.predictors.gennape.pairwise import PairwiseHead


def fitted(epochs: int = 1) -> PairwiseHead:
    head = create_head("CL+FCM+Pairwise", 0, {**QUICK, "epochs": epochs})
    head.fit(make_networks(300, 0), make_networks(80, 1))
    assert isinstance(head, PairwiseHead)
    return head


def test_every_network_is_once_the_first_and_once_the_second() -> None:
    pairs = fitted().draw(50, np.random.default_rng(0))
    assert 44 <= len(pairs) <= 50
    assert (pairs[:, 0] != pairs[:, 1]).all()
    for side in pairs.T:
        assert len(set(side)) == len(pairs)


def test_gradients_are_those_of_automatic_differentiation() -> None:
    head = fitted()
    rng = np.random.default_rng(3)
    data = Prepared(
        rng.normal(size=(6, WIDTH)).astype(np.float32),
        rng.dirichlet(np.ones(3), 6).astype(np.float32),
        np.array([0.1, 0.9, 0.5, 0.5, 0.3, 0.2], np.float32),
    )
    pairs = np.array([[0, 1], [1, 0], [2, 3], [4, 5], [0, 5]])
    wanted = torch.tensor([0.0, 1, 0.5, 1, 0])
    head.gradient(data, pairs)

    def tensors(network: object) -> list[torch.Tensor]:
        return [
            torch.tensor(array, requires_grad=True)
            for pair in zip(network.weights, network.biases, strict=True)  # type: ignore[attr-defined]
            for array in pair
        ]

    def layers(hidden: torch.Tensor, parameters: list[torch.Tensor]) -> torch.Tensor:
        for k in range(0, len(parameters), 2):
            hidden = (torch.relu(hidden) if k else hidden) @ parameters[k] + parameters[k + 1]
        return hidden

    ensemble, judge = (tensors(network) for network in head.networks())
    outputs = layers(torch.tensor(data.inputs), ensemble)
    latents = torch.einsum("nc,cno->no", torch.tensor(data.memberships), outputs)
    logits = layers(torch.cat([latents[pairs[:, 0]], latents[pairs[:, 1]]], dim=1), judge)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.flatten(), wanted)
    loss.backward()
    for network, leaves in zip(head.networks(), (ensemble, judge), strict=True):
        grouped = zip(network.weight_gradients, network.bias_gradients, strict=True)
        for ours, theirs in zip([g for pair in grouped for g in pair], leaves, strict=True):
            assert theirs.grad is not None
            np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-3, atol=1e-6)


def test_a_judge_that_knows_nothing_loses_the_logarithm_of_two() -> None:
    head = fitted()
    for network in head.networks():
        network.parameters[:] = 0
    data = head._prepare(make_networks(40, 2))
    assert head.loss(data) == pytest.approx(np.log(2))


def test_scores_are_places_and_equal_networks_share_theirs() -> None:
    head, test = fitted(6), make_networks(60, 2)
    scores = head.predict(test.embeddings, test.gflops)
    np.testing.assert_allclose(np.sort(scores), np.linspace(0, 1, 60), atol=1e-12)
    twice = np.r_[np.arange(60), 7]
    doubled = head.predict(test.embeddings[twice], test.gflops[twice])
    np.testing.assert_array_equal(doubled[:60], scores)
    assert doubled[60] == scores[7]


def test_a_single_network_is_in_the_middle() -> None:
    test = make_networks(2, 2)
    assert fitted().predict(test.embeddings[:1], test.gflops[:1]).tolist() == [0.5]
    assert fitted().predict(test.embeddings[:0], test.gflops[:0]).shape == (0,)
