from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.nao import NAO
from nascast.predictors.sequence_autoencoder import SequenceAutoencoder

FEW = {"epochs": 40, "batch_size": 10, "learning_rate": 5e-3}


def observe(count: int, seed: int) -> Observations:
    return make_observations(count, seed, needs=NAO.needs)


@pytest.fixture(scope="module")
def fitted() -> NAO:
    predictor = NAO(settings=FEW)
    predictor.fit(observe(50, seed=0))
    return predictor


def test_it_learns_what_the_tokens_tell(fitted: NAO) -> None:
    query = observe(40, seed=1)
    assert kendalltau(fitted.predict(query), query.require_labels()).statistic > 0.6


def test_the_decoder_gives_the_architectures_back(fitted: NAO) -> None:
    network = fitted.network
    assert isinstance(network, SequenceAutoencoder)
    tokens = fitted.inputs(observe(50, seed=0))[0].argmax(dim=2)
    network.eval()
    states, code, _ = network.encoder(tokens)

    def right(states: torch.Tensor, code: torch.Tensor) -> float:
        guesses = network.decoder(tokens, states, code).argmax(dim=2)
        return float((guesses == tokens).float().mean())

    assert right(states, code) > 0.9
    # It is the code that tells, not the tokens before.
    assert right(states.roll(1, 0), code.roll(1, 0)) < 0.8


def test_both_errors_are_minimised_by_their_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without regard to its parts, the first loss is what the first forward pass says it is."""
    losses: list[float] = []
    backward = torch.Tensor.backward

    def watched(self: torch.Tensor) -> None:
        losses.append(self.item())
        backward(self)

    monkeypatch.setattr(torch.Tensor, "backward", watched)
    monkeypatch.setattr(torch.nn.Dropout, "forward", lambda _, given: given)
    predictor = NAO(settings={"epochs": 1, "batch_size": 20})
    train = observe(20, seed=0)
    network = SequenceAutoencoder(6)
    inputs = predictor.inputs(train)
    targets = torch.linspace(-1, 1, 20)
    prediction, logits = network.reconstruct(inputs[0].argmax(dim=2))
    error = (prediction - targets).pow(2).mean().item()
    surprise = -(logits.log_softmax(dim=2) * inputs[0]).sum(dim=2).mean().item()
    predictor.train_network(network, inputs, targets, train)
    assert losses == [pytest.approx(0.8 * error + 0.2 * surprise, rel=1e-5)]


def test_epochs_pass_over_all_networks_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    reconstruct = SequenceAutoencoder.reconstruct

    def watched(
        self: SequenceAutoencoder, tokens: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        sizes.append(len(tokens))
        return reconstruct(self, tokens)

    monkeypatch.setattr(SequenceAutoencoder, "reconstruct", watched)
    NAO(settings={"epochs": 2, "batch_size": 8}).fit(observe(20, seed=0))
    assert sizes == [8, 8, 4] * 2


def test_padding_is_a_token_like_any_other(fitted: NAO) -> None:
    query = observe(5, seed=1)
    np.asarray(query.feature("tokens"))[:, -1] = np.eye(6)[0]
    assert np.isfinite(fitted.predict(query)).all()
