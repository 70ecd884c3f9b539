"""NAP2: early-training weight and gradient statistics, read as a sequence.

Source: NAP2 (TMLR submission 7645), section 3 and appendix C: the codes of the two auto-encoders
(:mod:`nascast.predictors.trace_encoder`) enter a bidirectional GRU that is trained with the mean
absolute error on raw accuracies in [0, 1]. Prefixes of the sequences, zero-padded to full length,
are added to the training data, so that one model answers at every budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.base import Observations, Predictor
from nascast.predictors.recurrent import BiGRURegressor, LSTMRegressor
from nascast.seeds import derive_seed


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """How the recurrent regressor is trained.

    Attributes:
        epochs: at most so many epochs (published: 250).
        patience: stop after so many epochs without a better validation error.
        batch_size: sequences in a batch (published: 32).
        learning_rate: peak rate of the one-cycle schedule (published: 3e-3).
        prefixes: random prefixes of each training sequence an epoch, beside the whole sequence.
    """

    epochs: int = 250
    patience: int = 60
    batch_size: int = 32
    learning_rate: float = 3e-3
    prefixes: int = 2


PUBLISHED = SequenceSettings()


class NAP2(Predictor):
    """The published predictor: BiGRU with h = 128 and dual-path attention pooling."""

    name: ClassVar[str] = "NAP2"
    family: ClassVar[str] = "trace"
    needs: ClassVar[frozenset[str]] = frozenset({"trace_codes"})
    reference: ClassVar[str] = "NAP2, TMLR submission 7645 (2026)"
    anytime: ClassVar[bool] = True

    def __init__(self, seed: int = 0, settings: Mapping[str, Any] | None = None) -> None:
        self.seed = seed
        self.settings = replace(PUBLISHED, **(settings or {}))
        self.validation_errors: list[float] = []
        self._model: nn.Module | None = None
        self._snapshots = 0

    def make_model(self, inputs: int) -> nn.Module:
        """Return the untrained regressor of ``inputs`` numbers a snapshot."""
        return BiGRURegressor(inputs)

    def fit(self, train: Observations) -> None:
        """Train on whole sequences and random prefixes; keep the epoch of the best validation."""
        codes = torch.from_numpy(train.feature("trace_codes"))
        labels = torch.from_numpy(train.require_labels()).float()
        self._snapshots = codes.shape[1]
        if train.held_out is None or not 0 < train.held_out.sum() < len(train):
            raise ValueError(f"{self.name} stops early and needs some networks held out in fit")
        held_out = torch.from_numpy(train.held_out)
        seed = derive_seed(self.name, self.seed)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._model = self.make_model(codes.shape[2])
            self._train(codes[~held_out], labels[~held_out], codes[held_out], labels[held_out])

    def _train(
        self, codes: Tensor, labels: Tensor, held_out_codes: Tensor, held_out_labels: Tensor
    ) -> None:
        assert self._model is not None
        settings, model = self.settings, self._model
        per_epoch = -(-len(codes) * (1 + settings.prefixes) // settings.batch_size)
        optimiser = torch.optim.Adam(model.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.learning_rate, total_steps=settings.epochs * per_epoch
        )
        held_out = all_prefixes(held_out_codes)
        targets = held_out_labels.repeat_interleave(codes.shape[1])
        best: dict[str, Tensor] = {}
        self.validation_errors = []
        for epoch in range(settings.epochs):
            model.train()
            sequences, repeated = self._augment(codes, labels)
            order = torch.randperm(len(sequences))
            for chosen in order.split(settings.batch_size):
                loss = nn.functional.l1_loss(model(sequences[chosen]), repeated[chosen])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
            error = float((self._forward(held_out) - targets).abs().mean())
            self.validation_errors.append(error)
            if not best or error <= min(self.validation_errors):
                best = {key: value.clone() for key, value in model.state_dict().items()}
            elif epoch - int(np.argmin(self.validation_errors)) >= settings.patience:
                break
        model.load_state_dict(best)

    def _augment(self, codes: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the whole sequences and ``prefixes`` random, zero-padded prefixes of each."""
        snapshots = codes.shape[1]
        parts = [codes]
        for _ in range(self.settings.prefixes):
            lengths = torch.randint(1, snapshots + 1, (len(codes), 1))
            kept = torch.arange(snapshots) < lengths
            parts.append(codes * kept.unsqueeze(2))
        return torch.cat(parts), labels.repeat(len(parts))

    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return predicted accuracies; a prefix is padded with zeros to the trained length."""
        if self._model is None:
            raise ValueError(f"{self.name} is not fitted: call fit before predict")
        codes = torch.from_numpy(query.feature("trace_codes"))
        missing = self._snapshots - codes.shape[1]
        if missing < 0:
            raise ValueError(
                f"{self.name} was fitted on {self._snapshots} snapshots and cannot read "
                f"{codes.shape[1]}; fit it on traces at least as long as the queries"
            )
        padded = nn.functional.pad(codes, (0, 0, 0, missing))
        return self._forward(padded).double().numpy()

    @torch.no_grad()
    def _forward(self, sequences: Tensor) -> Tensor:
        assert self._model is not None
        self._model.eval()
        return torch.cat([self._model(part) for part in sequences.split(1024)])


class NAP2LSTM(NAP2):
    """NAP2 with its older predictor, a single LSTM layer with h = 2048."""

    name: ClassVar[str] = "NAP2-LSTM"
    reference: ClassVar[str] = "NAP2, first TMLR version"

    def make_model(self, inputs: int) -> nn.Module:
        """Return the untrained LSTM."""
        return LSTMRegressor(inputs)


def all_prefixes(codes: Tensor) -> Tensor:
    """Return every zero-padded prefix, ``(n * snapshots, snapshots, inputs)``, shortest first."""
    snapshots = codes.shape[1]
    kept = torch.ones(snapshots, snapshots).tril()
    return (codes.unsqueeze(1) * kept.unsqueeze(2)).flatten(0, 1)
