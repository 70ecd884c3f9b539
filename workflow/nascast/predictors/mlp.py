"""A deep and narrow fully connected network on the one-hot adjacency encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.predictors.base import Observations
from nascast.predictors.batched_mlp import RELU, BatchedMLP, glorot_uniform
from nascast.predictors.batched_training import Adam, absolute_error, train
from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes
from nascast.predictors.tuning import Choice, Draw, WholeNumber, tune
from nascast.seeds import derive_seed

_BETAS = (0.9, 0.99)


@dataclass(frozen=True, slots=True)
class MLPSettings:
    """How the networks are built and trained.

    Attributes:
        layers: hidden layers (published: 20).
        width: units in each of them (published: 20).
        learning_rate: Adam's, with betas 0.9 and 0.99 (published: 1e-3).
        epochs: passes over the training networks (published: 500).
        batch_size: networks in a batch (published: 32).
        output_penalty: factor of the output weights' absolute sum in the loss (published: 0.2).
        trials: settings that the light tuning compares; 1 for none. The original's number follows
            from a limit of time.
    """

    layers: int = 20
    width: int = 20
    learning_rate: float = 1e-3
    epochs: int = 500
    batch_size: int = 32
    output_penalty: float = 0.2
    trials: int = 8


PUBLISHED = MLPSettings()
SPACE: Mapping[str, Draw] = {
    "layers": WholeNumber(5, 24),
    "width": WholeNumber(5, 24),
    "learning_rate": Choice((1e-1, 1e-2, 5e-3, 1e-3, 1e-4)),
}


class MLP(EncodingRegression):
    """The mean of some networks that differ in their start and their batches; here of one.

    Trained with the mean absolute error of standardised labels, lightly tuned before.

    Args:
        seed: decides the starts, the batches and the tuning.
        settings: changes of ``PUBLISHED``, by name.

    Class attributes:
        members: number of networks, which are trained at once.
    """

    name: ClassVar[str] = "MLP"
    needs: ClassVar[frozenset[str]] = frozenset({"adjacency"})
    reference: ClassVar[str] = "White et al. 2021, How Powerful are Performance Predictors in NAS?"
    quick: ClassVar[Mapping[str, float]] = {"trials": 1}
    members: ClassVar[int] = 1

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        self.seed = seed
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        self._chosen = self.settings
        self._networks: BatchedMLP | None = None
        self._changes = dict(settings or {})

    def fit(self, train: Observations) -> None:
        """Choose the settings by cross-validation, then train on all labelled architectures."""
        found = tune(
            lambda changes: type(self)(self.seed, {**self._changes, **changes, "trials": 1}),
            SPACE,
            train,
            trials=self.settings.trials,
            seed=derive_seed(self.name, "tuning", self.seed),
        )
        self._chosen = with_changes(self.settings, found, self.name)
        super().fit(train)

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Train the networks on the same rows."""
        chosen = self._chosen
        rngs = [
            np.random.default_rng(derive_seed(self.name, self.seed, member))
            for member in range(self.members)
        ]
        sizes = [vectors.shape[1], *[chosen.width] * chosen.layers, 1]
        self._networks = BatchedMLP(sizes, RELU, self.members)
        # Not PyTorch's start, from which networks this deep often learn nothing but a constant.
        glorot_uniform(self._networks, rngs)
        train(
            self._networks,
            vectors,
            labels,
            rngs,
            optimiser=Adam(self._networks.parameters, chosen.learning_rate, _BETAS),
            loss=absolute_error,
            epochs=chosen.epochs,
            batch_size=chosen.batch_size,
            output_penalty=chosen.output_penalty,
        )

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the mean over the networks, in double precision."""
        assert self._networks is not None
        outputs = np.asarray(self._networks.forward(vectors)[-1], dtype=np.float64)
        mean: Floats = outputs[:, :, 0].mean(axis=0)
        return mean
