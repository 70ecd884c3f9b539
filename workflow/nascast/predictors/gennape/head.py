"""What all heads have in common: how they are trained, fine-tuned and kept.

Source: GENNAPE: 40 epochs in batches of 32 at a rate of 1e-4; fine-tuning for 100 epochs, one
network at a time. The encoder is frozen in both: a head sees embeddings.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nascast.predictors.batched_mlp import BatchedMLP
from nascast.predictors.gennape.descent import Descent
from nascast.predictors.gennape.gate import Gate, fit_gate
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.settings import Variant, head_settings
from nascast.predictors.regression import Floats
from nascast.seeds import derive_seed

Rows = NDArray[np.int64]
_GATE, _NETWORKS = "gate.", "networks."


@dataclass(frozen=True)
class Prepared:
    """Labelled networks as a head trains on them, in single precision.

    Attributes:
        inputs: ``(n, width)``.
        memberships: ``(n, count)``.
        targets: ``(n,)``, what the head learns for each network.
    """

    inputs: NDArray[np.float32]
    memberships: NDArray[np.float32]
    targets: NDArray[np.float32]


class Head(ABC):
    """A head on the embeddings of one encoder.

    Args:
        variant: what it is made of.
        seed: decides the start, the clusters' start and the order of training.
        settings: changes of the published settings, by name.

    Attributes:
        losses: loss on the validation networks after every epoch of ``fit``.
        best_epoch: the epoch, from 1, whose parameters were kept.
    """

    pairwise: ClassVar[bool]

    def __init__(
        self, variant: Variant, seed: int, settings: Mapping[str, float] | None = None
    ) -> None:
        if variant.pairwise != self.pairwise:
            raise ValueError(f"{variant.name} is no {type(self).__name__}")
        self.variant, self.seed = variant, seed
        self.settings = head_settings(variant, settings or {})
        self.losses: list[float] = []
        self.best_epoch = 0
        self._gate: Gate | None = None

    @property
    def gate(self) -> Gate:
        """The fitted part that no gradient trains; ValueError before ``fit``."""
        if self._gate is None:
            raise ValueError(f"{self.variant.name} is not fitted: call fit first")
        return self._gate

    @abstractmethod
    def build(self, inputs: int) -> None:
        """Draw untrained networks for inputs of this width."""

    @abstractmethod
    def networks(self) -> Sequence[BatchedMLP]:
        """Return all networks that are trained."""

    @abstractmethod
    def targets(self, data: LabelledNetworks) -> Floats:
        """Return what is learned for each network, ``(n,)``."""

    @abstractmethod
    def draw(self, count: int, rng: np.random.Generator) -> Rows:
        """Return an epoch's examples in random order: the first axis is cut into batches."""

    @abstractmethod
    def gradient(self, data: Prepared, rows: Rows) -> None:
        """Write the gradient of a batch's mean loss into the networks."""

    @abstractmethod
    def loss(self, data: Prepared) -> float:
        """Return the mean loss over networks."""

    @abstractmethod
    def predict(self, embeddings: NDArray[np.floating], gflops: Floats) -> Floats:
        """Return a score for each network, ``(n,)``; higher is better."""

    @abstractmethod
    def learn_scale(self, train: LabelledNetworks) -> None:
        """Fit what :meth:`targets` needs to know of the training networks."""

    def fit(self, train: LabelledNetworks, validation: LabelledNetworks) -> Self:
        """Train on networks and keep the epoch with the smallest loss on others.

        Networks below ``least_accuracy`` are left out of both.

        Raises:
            ValueError: too few networks are left, or they are all the same.
        """
        train, validation = (
            data.at_least(self.settings.least_accuracy) for data in (train, validation)
        )
        if len(train) < 2 or len(validation) < 2:
            raise ValueError(
                f"{self.variant.name} needs at least 2 networks to train on and 2 to validate of "
                f"{self.settings.least_accuracy:.0%} accuracy or more; there are {len(train)} and "
                f"{len(validation)}"
            )
        self.learn_scale(train)
        self._gate = fit_gate(train, self.variant.clustered, self.settings, self._rng("clusters"))
        self.build(train.embeddings.shape[1])
        held_out = self._prepare(validation)
        best: list[NDArray[np.floating]] = []
        descent = Descent(self.networks(), self.settings.learning_rate)
        prepared, rng = self._prepare(train), self._rng("order")
        self.losses = []
        for epoch in range(1, self.settings.epochs + 1):
            self._train_epoch(prepared, descent, self.settings.batch_size, rng)
            self.losses.append(self.loss(held_out))
            if not best or self.losses[-1] < min(self.losses[:-1]):
                best = [each.parameters.copy() for each in self.networks()]
                self.best_epoch = epoch
        for each, parameters in zip(self.networks(), best, strict=True):
            each.parameters[:] = parameters
        return self

    def fine_tune(self, sample: LabelledNetworks, seed: int) -> Self:
        """Return a copy that was trained on for some networks of another family.

        All parameters of the networks move. Clusters and scales stay those of the source, as the
        paper has it, and there is no validation: the last epoch counts.

        Args:
            sample: published 50 networks; none is left out.
            seed: decides the order of training.

        Raises:
            ValueError: before ``fit``, or for fewer than 2 networks.
        """
        if len(sample) < 2:
            raise ValueError(f"fine-tuning needs at least 2 networks, got {len(sample)}")
        prepared = self._prepare(sample)
        tuned = copy.deepcopy(self)
        descent = Descent(tuned.networks(), self.settings.learning_rate)
        rng = self._rng("tuning", seed)
        for _ in range(self.settings.tuning_epochs):
            tuned._train_epoch(prepared, descent, self.settings.tuning_batch, rng)
        return tuned

    def _train_epoch(
        self, data: Prepared, descent: Descent, batch: int, rng: np.random.Generator
    ) -> None:
        examples = self.draw(len(data.inputs), rng)
        for start in range(0, len(examples), batch):
            self.gradient(data, examples[start : start + batch])
            descent.step()

    def _prepare(self, data: LabelledNetworks) -> Prepared:
        return Prepared(
            self.gate.inputs(data.embeddings).astype(np.float32),
            self.gate.memberships(data.embeddings, data.gflops).astype(np.float32),
            self.targets(data).astype(np.float32),
        )

    def _rng(self, *purpose: str | int) -> np.random.Generator:
        return np.random.default_rng(derive_seed(*self.identity, *purpose))

    @property
    def identity(self) -> tuple[str | int, ...]:
        """What the head's random numbers come from."""
        return ("gennape-head", self.variant.name, self.seed)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and plain values (JSON) that :meth:`restore` needs.

        Raises:
            ValueError: before ``fit``.
        """
        arrays, gate_values = self.gate.state()
        tensors = {f"{_GATE}{key}": torch.tensor(array) for key, array in arrays.items()}
        for i, each in enumerate(self.networks()):
            tensors[f"{_NETWORKS}{i}"] = torch.tensor(each.parameters)
        return tensors, {
            "variant": self.variant.name,
            "seed": self.seed,
            "settings": asdict(self.settings),
            "gate": gate_values,
            "losses": self.losses,
            "best_epoch": self.best_epoch,
        }

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Self:
        """Take over what :meth:`state` returned; the head is then as it was."""
        self.settings = head_settings(self.variant, values["settings"])
        self.losses, self.best_epoch = list(values["losses"]), int(values["best_epoch"])
        arrays = {
            key.removeprefix(_GATE): tensor.numpy()
            for key, tensor in tensors.items()
            if key.startswith(_GATE)
        }
        self._gate = Gate.from_state(arrays, values["gate"])
        self.build(len(self.gate.centre))
        for i, each in enumerate(self.networks()):
            each.parameters[:] = tensors[f"{_NETWORKS}{i}"].numpy()
        return self
