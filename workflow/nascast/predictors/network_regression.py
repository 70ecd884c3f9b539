"""What all regressions of labels on a structure by a neural network have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.base import Observations, Predictor
from nascast.predictors.ordering import by_identity
from nascast.predictors.settings import SettingsT, with_changes
from nascast.predictors.tuning import Draw, tune
from nascast.seeds import derive_seed

Floats = NDArray[np.float64]
# So many networks are scored at once, which only bounds the memory.
_QUERY_BATCH = 1024


class NetworkRegression(Predictor, Generic[SettingsT]):
    """A regression by a neural network on tensors with one entry an architecture.

    Networks are sorted by their identity before anything is drawn, so that their order in the
    training set does not matter. Where all labels are equal there is nothing to learn, and every
    network gets them. Structures are there before any training, so one fit answers at every budget.

    A subclass says what the tensors are, makes the network and trains it.

    Args:
        seed: decides the initial weights, the batches and the dropout.
        settings: changes of the published settings, by name.
        published: those settings.

    Raises:
        ValueError: a setting is unknown or should be a whole number.
    """

    family: ClassVar[str] = "model-based"
    anytime: ClassVar[bool] = True

    def __init__(
        self, seed: int, settings: Mapping[str, float] | None, published: SettingsT
    ) -> None:
        self.seed = seed
        self.settings = with_changes(published, settings or {}, self.name)
        self.network: nn.Module | None = None
        self._shapes: list[torch.Size] = []
        self._mean = self._deviation = 0.0

    @abstractmethod
    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return what the network reads, tensors of ``n`` entries each."""

    @abstractmethod
    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        """Return an untrained network that maps a batch of ``inputs`` to ``(n,)``."""

    @abstractmethod
    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Fit the network to ``targets(labels)``, float32 ``(n,)``; ``train`` has their order."""

    def targets(self, labels: Floats) -> Floats:
        """Return labels as the network learns them: here with mean 0 and deviation 1."""
        return (labels - self._mean) / self._deviation

    def labels(self, outputs: Floats) -> Floats:
        """Return the labels that outputs of the network stand for."""
        return self._mean + self._deviation * outputs

    def fit(self, train: Observations) -> None:
        """Train a new network on all labelled architectures."""
        train = by_identity(train)
        labels = train.require_labels()
        inputs = self.inputs(train)
        self._shapes = [tensor.shape[1:] for tensor in inputs]
        self._mean, self._deviation = float(labels.mean()), float(labels.std())
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed(self.name, self.seed))
            self.network = self.make_network(inputs)
            if self._deviation > 0:
                targets = torch.from_numpy(self.targets(labels)).float()
                self.network.train()
                self.train_network(self.network, inputs, targets, train)

    def predict(self, query: Observations) -> Floats:
        """Return predicted labels, ``(n,)``.

        Raises:
            ValueError: not fitted yet, or fitted on structures of another shape.
        """
        inputs = self.inputs(query)
        if self.network is None:
            raise ValueError(f"{self.name} is not fitted: call fit before predict")
        shapes = [tensor.shape[1:] for tensor in inputs]
        if shapes != self._shapes:
            raise ValueError(
                f"{self.name} was fitted on structures of shape {_listed(self._shapes)} and the "
                f"query has {_listed(shapes)}: fit it on the same space"
            )
        if self._deviation == 0:
            return np.full(len(query), self._mean)
        return self.labels(outputs_of(self.network, inputs))


def _listed(shapes: Sequence[torch.Size]) -> str:
    return ", ".join(" x ".join(map(str, shape)) for shape in shapes)


@torch.no_grad()
def outputs_of(network: nn.Module, inputs: Sequence[Tensor]) -> Floats:
    """Return what a network says in evaluation, float64 ``(n,)``."""
    network.eval()
    parts = [network(*batch) for batch in batches(inputs, _QUERY_BATCH)]
    return torch.cat(parts).double().numpy()


def batches(tensors: Sequence[Tensor], size: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield ``size`` entries of each tensor at a time; the last may be fewer."""
    yield from zip(*(tensor.split(size) for tensor in tensors), strict=True)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a network is trained.

    Attributes:
        epochs: passes over the training networks.
        batch_size: networks in a batch; the last of an epoch may be smaller.
        cosine: whether the learning rate falls to zero along half a cosine, epoch by epoch.
        clip: largest norm of the gradient; infinite for any.
    """

    epochs: int
    batch_size: int
    cosine: bool = True
    clip: float = np.inf


def minimise(
    loss: Callable[..., Tensor],
    tensors: Sequence[Tensor],
    optimiser: torch.optim.Optimizer,
    schedule: Schedule,
) -> None:
    """Minimise ``loss`` of batches of tensors, dealt anew every epoch by torch's generator."""
    rates = [group["lr"] for group in optimiser.param_groups]
    parameters = [weight for group in optimiser.param_groups for weight in group["params"]]
    for epoch in range(schedule.epochs):
        if schedule.cosine:
            factor = 0.5 * (1 + np.cos(np.pi * epoch / schedule.epochs))
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = factor * rate
        order = torch.randperm(len(tensors[0]))
        for batch in batches([tensor[order] for tensor in tensors], schedule.batch_size):
            optimiser.zero_grad()
            loss(*batch).backward()
            if schedule.clip < np.inf:
                nn.utils.clip_grad_norm_(parameters, schedule.clip)
            optimiser.step()


def squared_error(network: nn.Module) -> Callable[..., Tensor]:
    """Return the mean squared error of a network as a loss of inputs, then targets."""

    def loss(*batch: Tensor) -> Tensor:
        return nn.functional.mse_loss(network(*batch[:-1]), batch[-1])

    return loss


@dataclass(frozen=True, slots=True)
class TunedSettings:
    """Settings of a regression that is tuned first.

    Attributes:
        trials: settings that are compared, those given included; below two there is no tuning.
    """

    trials: int = 8


TunedT = TypeVar("TunedT", bound=TunedSettings)


class TunedRegression(NetworkRegression[TunedT]):
    """A regression whose settings are lightly tuned on the training networks first.

    Class attributes:
        space: what may be changed, and how it is drawn.
    """

    space: ClassVar[Mapping[str, Draw]]

    def __init__(self, seed: int, settings: Mapping[str, float] | None, published: TunedT) -> None:
        super().__init__(seed, settings, published)
        self._given = self.settings

    def fit(self, train: Observations) -> None:
        """Choose the settings by cross-validation, then train a new network with them."""
        found = tune(
            lambda changes: self._variant({**changes, "trials": 1}),
            self.space,
            train,
            trials=self._given.trials,
            seed=derive_seed(self.name, "tuning", self.seed),
        )
        self.settings = with_changes(self._given, found, self.name)
        super().fit(train)

    def _variant(self, changes: Mapping[str, float]) -> Self:
        """Return a copy of this predictor, not fitted, with other settings."""
        variant = copy(self)
        variant.settings = variant._given = with_changes(self._given, changes, self.name)
        variant.network = None
        return variant
