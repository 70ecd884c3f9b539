"""Scores read straight off the learning curve of a partial training; nothing is learned.

Every score is one number of the curve up to the budget. A network whose curve is not finite there
has diverged and gets minus infinity, so that it is ranked last.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.base import Observations, Predictor


class LearningCurveScore(Predictor):
    """A score that needs no labelled architecture and answers at every budget."""

    family: ClassVar[str] = "learning curve"
    anytime: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    estimates: ClassVar[bool] = False

    def fit(self, train: Observations) -> None:
        """Do nothing: the score is a property of each curve alone."""

    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return the scores, ``(n,)``; minus infinity for a diverged network."""
        scores = self.score(query)
        return np.where(np.isfinite(scores), scores, -np.inf)

    @abstractmethod
    def score(self, query: Observations) -> NDArray[np.float64]:
        """Return the scores, ``(n,)``; anything that is not finite marks a diverged network."""


class SoTL(LearningCurveScore):
    """Minus the sum of all mini-batch training losses so far."""

    name: ClassVar[str] = "SoTL"
    needs: ClassVar[frozenset[str]] = frozenset({"step_losses"})
    reference: ClassVar[str] = "Ru et al. 2021, Speedy Performance Estimation for NAS, section 3"

    def score(self, query: Observations) -> NDArray[np.float64]:
        """Return minus the sum of losses in nats, ``(n,)``."""
        losses = np.asarray(query.feature("step_losses"), dtype=np.float64)
        total: NDArray[np.float64] = losses.sum(axis=1)
        return -total


class SoTLE(LearningCurveScore):
    """Minus the sum of the mini-batch training losses of the last full epoch.

    Below one epoch of budget it is SoTL. Mini-batches behind the last full epoch do not count, but
    a loss there that is not finite still marks the network as diverged.

    Args:
        steps_per_epoch: mini-batches that make one pass over the training images.
    """

    name: ClassVar[str] = "SoTL-E"
    needs: ClassVar[frozenset[str]] = frozenset({"step_losses"})
    reference: ClassVar[str] = "Ru et al. 2021, Speedy Performance Estimation for NAS, section 3"

    def __init__(self, steps_per_epoch: int) -> None:
        if steps_per_epoch < 1:
            raise ValueError(f"SoTL-E needs at least 1 mini-batch an epoch, got {steps_per_epoch}")
        self.steps_per_epoch = steps_per_epoch

    def score(self, query: Observations) -> NDArray[np.float64]:
        """Return minus the last full epoch's sum of losses in nats, ``(n,)``."""
        losses = np.asarray(query.feature("step_losses"), dtype=np.float64)
        end = losses.shape[1] // self.steps_per_epoch * self.steps_per_epoch
        last = losses[:, end - self.steps_per_epoch : end] if end else losses
        return np.where(np.isfinite(losses).all(axis=1), -last.sum(axis=1), -np.inf)


class EarlyStopAccuracy(LearningCurveScore):
    """The validation accuracy at the budget."""

    name: ClassVar[str] = "Early Stop (acc)"
    needs: ClassVar[frozenset[str]] = frozenset({"val_acc"})
    estimates: ClassVar[bool] = True
    reference: ClassVar[str] = "White et al. 2021, How Powerful are Performance Predictors in NAS?"

    def score(self, query: Observations) -> NDArray[np.float64]:
        """Return the accuracy of the last evaluation in [0, 1], ``(n,)``."""
        return np.asarray(query.feature("val_acc"), dtype=np.float64)[:, -1]


class EarlyStopLoss(LearningCurveScore):
    """Minus the validation loss at the budget."""

    name: ClassVar[str] = "Early Stop (loss)"
    needs: ClassVar[frozenset[str]] = frozenset({"val_loss"})
    reference: ClassVar[str] = "White et al. 2021, How Powerful are Performance Predictors in NAS?"

    def score(self, query: Observations) -> NDArray[np.float64]:
        """Return minus the last evaluation's loss in nats, ``(n,)``."""
        return -np.asarray(query.feature("val_loss"), dtype=np.float64)[:, -1]
