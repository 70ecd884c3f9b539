"""What SNAP-R may be made of: regressions on the same features, each with settings of its own."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor

from nascast.predictors.settings import with_changes
from nascast.predictors.snap_r.scales import Floats

Features = NDArray[np.float32]
# A feature that hardly varies among the training networks tells nothing about others.
_LEAST_DEVIATION = 1e-3


class Member(ABC):
    """One regression.

    Args:
        changes: of the published settings, by name.

    Raises:
        ValueError: a setting is unknown or should be a whole number.

    Class attributes:
        name: what a configuration calls its kind.
        published: its settings, a dataclass of numbers.
    """

    name: ClassVar[str]
    published: ClassVar[Any]

    def __init__(self, changes: Mapping[str, float]) -> None:
        self.settings = with_changes(self.published, changes, self.name)

    @abstractmethod
    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Learn targets, ``(n,)``, from features, ``(n, len(columns))``; the seed has 31 bits."""

    @abstractmethod
    def score(self, features: Features) -> Floats:
        """Return a score for each row, ``(n,)``; higher is better."""


@dataclass(frozen=True, slots=True)
class _ForestSettings:
    trees: int = 100
    depth: int = 8
    leaf: int = 20
    columns: float = 0.4


class Forest(Member):
    """A random forest of shallow trees."""

    name = "forest"
    published = _ForestSettings()

    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Grow new trees."""
        s = self.settings
        self._model = RandomForestRegressor(
            s.trees, max_depth=s.depth, min_samples_leaf=s.leaf, max_features=s.columns,
            random_state=seed, n_jobs=1,
        )  # fmt: skip
        self._model.fit(features, target)

    def score(self, features: Features) -> Floats:
        """Return the mean of the trees, ``(n,)``."""
        return np.asarray(self._model.predict(features), dtype=np.float64)


class ScaledMember(Member):
    """A regression on standardised features, held within the range that training has seen."""

    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Fit what :meth:`regressor` gives."""
        self._varies = features.std(axis=0) > _LEAST_DEVIATION
        kept = features[:, self._varies].astype(np.float64)
        self._mean, self._deviation = kept.mean(axis=0), kept.std(axis=0)
        self._low, self._high = np.quantile(kept, (0.001, 0.999), axis=0)
        self._model = self.regressor(seed)
        self._model.fit(self._scaled(features), target)

    def score(self, features: Features) -> Floats:
        """Return what the regression predicts, ``(n,)``."""
        return np.asarray(self._model.predict(self._scaled(features)), dtype=np.float64)

    def _scaled(self, features: Features) -> Floats:
        kept = features[:, self._varies].astype(np.float64).clip(self._low, self._high)
        scaled: Floats = (kept - self._mean) / self._deviation
        return scaled

    @abstractmethod
    def regressor(self, seed: int) -> Any:
        """Return an untrained regression of scikit-learn."""


@dataclass(frozen=True, slots=True)
class _RidgeSettings:
    penalty: float = 10.0


class LinearRidge(ScaledMember):
    """Ridge regression."""

    name = "ridge"
    published = _RidgeSettings()

    def regressor(self, seed: int) -> Any:
        """Return a ridge regression, which needs no seed."""
        return Ridge(alpha=self.settings.penalty)


@dataclass(frozen=True, slots=True)
class _NetworkSettings:
    width: int = 64
    epochs: int = 15
    batch: int = 256
    learning_rate: float = 3e-3
    penalty: float = 1e-3


class Network(ScaledMember):
    """A network of two hidden layers, trained with Adam."""

    name = "network"
    published = _NetworkSettings()

    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Train for all of the epochs, which is no failure to converge."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            super().fit(features, target, columns, seed)

    def regressor(self, seed: int) -> Any:
        """Return an untrained network."""
        s = self.settings
        return MLPRegressor(
            hidden_layer_sizes=(s.width, s.width), alpha=s.penalty, batch_size=s.batch,
            max_iter=s.epochs, learning_rate_init=s.learning_rate, random_state=seed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _SumSettings:
    """A sum has nothing to set."""


class ColumnSum(Member):
    """The sum of standardised features, the more the better: it learns no label.

    What a reader knows beforehand, such as that larger networks with more convolutions on their
    paths tend to be better, which holds where what was learned of one training recipe does not.
    """

    name = "sum"
    published = _SumSettings()

    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Keep the mean and the deviation of every feature."""
        self._mean = features.mean(axis=0, dtype=np.float64)
        self._deviation = np.maximum(features.std(axis=0, dtype=np.float64), _LEAST_DEVIATION)

    def score(self, features: Features) -> Floats:
        """Return the sum for each row, ``(n,)``."""
        scaled: Floats = (features - self._mean) / self._deviation
        return np.asarray(scaled.sum(axis=1), dtype=np.float64)
