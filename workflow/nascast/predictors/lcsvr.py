"""LcSVR: support-vector regression on a summary of the learning curve.

Source: Baker et al. 2018, "Accelerating Neural Architecture Search using Performance Prediction",
as configured by White et al. 2021: six features, no hyper-parameters of the networks, and settings
found by a random search with three-fold cross-validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import sklearn
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.svm import NuSVR

from nascast.predictors.base import Observations
from nascast.predictors.budget_regression import BudgetRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes
from nascast.predictors.tuning import FOLDS, Draw, LogUniform, Uniform
from nascast.seeds import derive_seed

SPACE: Mapping[str, Draw] = {
    "C": LogUniform(1e-5, 10),
    "nu": Uniform(0, 1),
    "gamma": LogUniform(1e-5, 10),
}


@dataclass(frozen=True, slots=True)
class LcSVRSettings:
    """How long settings are searched.

    Attributes:
        trials: random settings that are compared.
    """

    trials: int = 1000


PUBLISHED = LcSVRSettings()


class LcSVR(BudgetRegression):
    """Nu-support-vector regression with a Gaussian kernel.

    Args:
        seed: decides folds and settings.
        settings: changes of the published ones.
    """

    name: ClassVar[str] = "LcSVR"
    family: ClassVar[str] = "hybrid"
    needs: ClassVar[frozenset[str]] = frozenset({"val_acc"})
    reference: ClassVar[str] = "Baker et al. 2018; White et al. 2021"
    quick: ClassVar[Mapping[str, float]] = {"trials": 50}

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        self.seed = seed
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        self._regressor: NuSVR | None = None

    def vectors(self, seen: Observations) -> Floats:
        """Return :func:`summary` of the validation accuracy in percent, ``(n, 6)``."""
        return summary(100 * np.asarray(seen.feature("val_acc"), dtype=np.float64))

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Search settings, then fit all networks with the best."""
        rng = np.random.default_rng(derive_seed(self.name, self.seed))
        candidates = [
            {name: draw(rng) for name, draw in SPACE.items()} for _ in range(self.settings.trials)
        ]
        folds = KFold(min(FOLDS, len(labels)), shuffle=True, random_state=self.seed % 2**32)
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
            errors = []
            for settings in candidates:
                guesses = cross_val_predict(NuSVR(**settings), vectors, labels, cv=folds)
                errors.append(float(np.square(guesses - labels).mean()))
            self._regressor = NuSVR(**candidates[int(np.argmin(errors))]).fit(vectors, labels)

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the regressor's predictions."""
        assert self._regressor is not None
        return np.asarray(self._regressor.predict(vectors))


def summary(curves: Floats) -> Floats:
    """Return mean and deviation of each curve and of its first and second differences, ``(n, 6)``.

    A curve of one point has no differences, and one of two points no second ones: they count as 0.
    """
    columns = []
    for order in range(3):
        steps = np.diff(curves, n=order, axis=1)
        if steps.shape[1]:
            columns += [steps.mean(axis=1), steps.std(axis=1)]
        else:
            columns += [np.zeros(len(curves))] * 2
    return np.stack(columns, axis=1)
