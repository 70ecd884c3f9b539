"""NAP2: early-training weight and gradient statistics, read as a sequence.

Source: NAP2 (TMLR submission 7645), section 3 and appendix C: the codes of the two auto-encoders
(:mod:`nascast.predictors.trace_encoder`) enter a bidirectional GRU that is trained with the mean
absolute error on raw accuracies in [0, 1]. Prefixes of the sequences, zero-padded to full length,
are added to the training data, so that one model answers at every budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.base import Observations, Predictor
from nascast.predictors.recurrent import BiGRURegressor, LSTMRegressor
from nascast.predictors.settings import with_changes
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

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        self.seed = seed
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        self.validation_errors: list[float] = []
        self._model: nn.Module | None = None
        self._snapshots = self._inputs = 0

    def make_model(self, inputs: int) -> nn.Module:
        """Return the untrained regressor of ``inputs`` numbers a snapshot."""
        return BiGRURegressor(inputs)

    def fit(self, train: Observations) -> None:
        """Train on whole sequences and random prefixes; keep the epoch of the best validation.

        Networks whose codes are not finite are left out.
        """
        train = train.take(np.flatnonzero(train.complete()))
        codes = torch.from_numpy(train.feature("trace_codes"))
        labels = torch.from_numpy(train.require_labels()).float()
        self._snapshots, self._inputs = codes.shape[1:]
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
        lengths = validation_lengths(codes.shape[1])
        held_out = prefixes(held_out_codes, lengths)
        targets = held_out_labels.repeat_interleave(len(lengths))
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
        """Return predicted accuracies; a prefix is padded with zeros to the trained length.

        A network whose codes are not finite gets minus infinity.
        """
        if self._model is None:
            raise ValueError(f"{self.name} is not fitted: call fit before predict")
        codes = torch.from_numpy(query.feature("trace_codes"))
        padded = nn.functional.pad(codes, (0, 0, 0, self._missing_snapshots(codes.shape[1])))
        scores = self._forward(torch.nan_to_num(padded)).double().numpy()
        return np.where(query.complete(), scores, -np.inf)

    def _missing_snapshots(self, seen: int) -> int:
        """Return how many snapshots a query of ``seen`` lacks; ValueError if it has too many."""
        if seen > self._snapshots:
            raise ValueError(
                f"{self.name} was fitted on {self._snapshots} snapshots and cannot read {seen}; "
                "fit it on traces at least as long as the queries"
            )
        return self._snapshots - seen

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and plain values that :meth:`from_state` needs.

        Raises:
            ValueError: before ``fit``.
        """
        if self._model is None:
            raise ValueError(f"{self.name} is not fitted: call fit before state")
        values = {"snapshots": self._snapshots, "inputs": self._inputs, "seed": self.seed}
        return self._model.state_dict(), values | {"settings": asdict(self.settings)}

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> NAP2:
        """Rebuild a fitted predictor from :meth:`state`."""
        predictor = cls(int(values["seed"]), values["settings"])
        predictor._snapshots, predictor._inputs = int(values["snapshots"]), int(values["inputs"])
        predictor._model = predictor.make_model(predictor._inputs)
        predictor._model.load_state_dict(dict(tensors))
        return predictor

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


def validation_lengths(snapshots: int, count: int = 6) -> list[int]:
    """Return prefix lengths from 1 to ``snapshots``, geometrically spaced: the validation's."""
    return sorted({round(length) for length in np.geomspace(1, snapshots, count)})


def prefixes(codes: Tensor, lengths: Sequence[int]) -> Tensor:
    """Return the zero-padded prefixes of each sequence, network by network.

    Shapes: ``(n, snapshots, inputs)`` to ``(n * len(lengths), snapshots, inputs)``.
    """
    kept = torch.arange(codes.shape[1]) < torch.tensor(lengths).unsqueeze(1)
    return (codes.unsqueeze(1) * kept.unsqueeze(2)).flatten(0, 1)
