"""What all extrapolations of a learning curve to the end of training have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from nascast.predictors.base import Observations
from nascast.predictors.curve_families import Floats
from nascast.predictors.learning_curve import LearningCurveScore
from nascast.seeds import derive_seed


class Extrapolation(LearningCurveScore):
    """The validation accuracy at the horizon, as far as the curve up to the budget tells.

    The curve's points are taken as evenly spaced, the last of them at the budget. Where a method
    gives no finite number, and where there is only one point, the last point is the prediction. A
    curve that is not finite belongs to a diverged network, which is ranked last.

    Args:
        horizon: the last epoch of a whole training, in the unit of the budget.
        seed: decides, together with each architecture's identity, what is drawn at random.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"val_acc"})

    def __init__(self, horizon: float, seed: int = 0) -> None:
        self.horizon = horizon
        self.seed = seed

    def score(self, query: Observations) -> Floats:
        """Return accuracies at the horizon, ``(n,)``; NaN for diverged networks.

        Raises:
            ValueError: the horizon lies before the budget.
        """
        curves = np.asarray(query.feature("val_acc"), dtype=np.float64)
        if self.horizon < query.budget:
            raise ValueError(
                f"{self.name} extrapolates to {self.horizon:g}, but the curves end at "
                f"{query.budget}: set `horizon` to the last epoch of a whole training"
            )
        points = curves.shape[1]
        horizon = points * self.horizon / query.budget
        if points == 1:
            return curves[:, 0]
        whole = np.flatnonzero(np.isfinite(curves).all(axis=1))
        generators = [
            np.random.default_rng(derive_seed(self.name, self.seed, query.arch_ids[row]))
            for row in whole
        ]
        scores = np.full(len(query), np.nan)
        if len(whole):
            log_epochs = np.log(np.arange(1, points + 1, dtype=np.float64))
            ends = self.extrapolate(curves[whole], log_epochs, np.log([horizon]), generators)
            scores[whole] = np.where(np.isfinite(ends), ends, curves[whole, -1])
        return scores

    @abstractmethod
    def extrapolate(
        self,
        curves: Floats,
        log_epochs: Floats,
        log_horizon: Floats,
        generators: Sequence[np.random.Generator],
    ) -> Floats:
        """Return accuracies at the horizon, ``(n,)``; not finite where the method fails.

        Args:
            curves: finite accuracies, ``(n, points)``.
            log_epochs: logarithms of the points' numbers, which count from 1, ``(points,)``.
            log_horizon: the same of the horizon, ``(1,)``.
            generators: one for each curve, seeded by its architecture's identity.
        """
