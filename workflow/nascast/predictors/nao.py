"""NAO: a label predicted from a code that must also give the architecture back.

Source: Luo et al. 2018, "Neural Architecture Optimization", with the settings of White et al. 2021,
"How Powerful are Performance Predictors in Neural Architecture Search?".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.network_regression import NetworkRegression, Schedule, minimise
from nascast.predictors.sequence_autoencoder import SequenceAutoencoder

WEIGHT_DECAY = 1e-4
LARGEST_GRADIENT = 5.0
# Of the prediction in the loss; the reconstruction has the rest.
TRADE_OFF = 0.8


@dataclass(frozen=True, slots=True)
class NAOSettings:
    """How the network is trained.

    Attributes:
        batch_size: architectures in a batch.
        learning_rate: of Adam.
        epochs: passes over the training networks.
    """

    batch_size: int = 100
    learning_rate: float = 1e-3
    epochs: int = 50


PUBLISHED = NAOSettings()
NAOSettingsT = TypeVar("NAOSettingsT", bound=NAOSettings)


class TokenRegression(NetworkRegression[NAOSettingsT]):
    """A regression with a decoder on token sequences."""

    needs: ClassVar[frozenset[str]] = frozenset({"tokens"})

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return one-hot tokens, float32 ``(n, length, kinds)``."""
        return (torch.from_numpy(np.asarray(seen.feature("tokens"), dtype=np.float32)),)

    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        """Return the untrained encoder and decoder."""
        return SequenceAutoencoder(inputs[0].shape[2])

    def minimise_both(
        self, network: nn.Module, one_hot: Tensor, targets: Tensor, epochs: int
    ) -> None:
        """Minimise the weighted errors of prediction and reconstruction with a new Adam."""
        assert isinstance(network, SequenceAutoencoder)

        def loss(tokens: Tensor, wanted: Tensor) -> Tensor:
            prediction, logits = network.reconstruct(tokens)
            error = nn.functional.mse_loss(prediction, wanted)
            surprise = nn.functional.cross_entropy(logits.flatten(0, 1), tokens.flatten())
            return TRADE_OFF * error + (1 - TRADE_OFF) * surprise

        network.train()
        optimiser = torch.optim.Adam(
            network.parameters(),
            self.settings.learning_rate,
            weight_decay=WEIGHT_DECAY,
            fused=True,
        )
        schedule = Schedule(epochs, self.settings.batch_size, cosine=False, clip=LARGEST_GRADIENT)
        minimise(loss, (one_hot.argmax(dim=2), targets), optimiser, schedule)


class NAO(TokenRegression[NAOSettings]):
    """LSTM encoder and decoder, and a small network that predicts from the code between them."""

    name: ClassVar[str] = "NAO"
    reference: ClassVar[str] = "Luo et al. 2018, NAO; settings of White et al. 2021"

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, PUBLISHED)

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Learn the training networks."""
        self.minimise_both(network, inputs[0], targets, self.settings.epochs)
