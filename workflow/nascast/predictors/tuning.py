"""Light tuning: a random search whose trials are compared by cross-validation.

Source: White et al. 2021, who gave predictors with sensitive hyper-parameters the same small budget
for it, as it is part of a search's cost: the first trial is the published settings, then settings
drawn at random, each judged by Kendall's tau over three folds of the training networks. Their limit
is a time; ours is a number of trials, so that a result does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import stats

from nascast.predictors.base import Observations, Predictor
from nascast.predictors.ordering import by_identity

FOLDS = 3
# With fewer networks three folds say nothing; the original skips its five-network sets too.
FEWEST_NETWORKS = 10


class Draw(Protocol):
    """A distribution of one setting."""

    def __call__(self, rng: np.random.Generator) -> float:
        """Return one value."""
        ...


@dataclass(frozen=True)
class Uniform:
    """Uniform on ``[low, high]``."""

    low: float
    high: float

    def __call__(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogUniform:
    """Uniform in the logarithm on ``[low, high]``, both above zero."""

    low: float
    high: float

    def __call__(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))


@dataclass(frozen=True)
class WholeNumber:
    """Uniform on the whole numbers from ``low`` to ``high``; by their logarithm if asked for."""

    low: int
    high: int
    log: bool = False

    def __call__(self, rng: np.random.Generator) -> float:
        """Return one value."""
        if self.log:
            return float(np.floor(np.exp(rng.uniform(np.log(self.low), np.log(self.high + 1)))))
        return float(rng.integers(self.low, self.high + 1))


@dataclass(frozen=True)
class Choice:
    """Uniform on some values."""

    values: tuple[float, ...]

    def __call__(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(rng.choice(self.values))


def tune(
    make: Callable[[Mapping[str, float]], Predictor],
    space: Mapping[str, Draw],
    train: Observations,
    *,
    trials: int,
    seed: int,
) -> dict[str, float]:
    """Return the changes of the published settings that do best; none if nothing does better.

    Args:
        make: returns a new predictor whose published settings are changed so.
        space: what may be changed.
        train: labelled architectures.
        trials: settings that are compared, the published ones included; below two, or with fewer
            than ``FEWEST_NETWORKS`` networks, there is nothing to compare and nothing is fitted.
        seed: decides folds and draws.
    """
    if trials < 2 or len(train) < FEWEST_NETWORKS:
        return {}
    rng = np.random.default_rng(seed)
    train = by_identity(train)
    folds = rng.permutation(np.arange(len(train)) % FOLDS)
    candidates: list[dict[str, float]] = [{}]
    candidates += [{name: draw(rng) for name, draw in space.items()} for _ in range(trials - 1)]
    taus = [_cross_validated(make, changes, train, folds) for changes in candidates]
    return candidates[int(np.argmax(taus))]


def _cross_validated(
    make: Callable[[Mapping[str, float]], Predictor],
    changes: Mapping[str, float],
    train: Observations,
    folds: np.ndarray,
) -> float:
    """Return the mean tau over the folds; -1 in a fold whose prediction ranks nothing."""
    taus = []
    for fold in range(FOLDS):
        predictor = make(changes)
        predictor.fit(train.take(np.flatnonzero(folds != fold)))
        held_out = train.take(np.flatnonzero(folds == fold))
        scores = np.nan_to_num(predictor.predict(held_out), nan=-np.inf)
        tau = stats.kendalltau(scores, held_out.require_labels()).statistic
        taus.append(-1.0 if np.isnan(tau) else float(tau))
    return float(np.mean(taus))
