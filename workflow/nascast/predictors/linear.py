"""Bayesian linear regression on the one-hot adjacency encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.linear_model import BayesianRidge

from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes


@dataclass(frozen=True, slots=True)
class LinearSettings:
    """Where the maximisation of the evidence starts and ends.

    Attributes:
        weight_precision: inverse variance of the weights' prior at the start.
        noise_precision: inverse variance of the noise at the start.
        iterations: at most so many updates of the two.
        tolerance: stop when the weights change less in sum.
    """

    weight_precision: float = 1.0
    noise_precision: float = 100.0
    iterations: int = 300
    tolerance: float = 1e-3


class BayesianLinearRegression(EncodingRegression):
    """Ridge regression whose two precisions maximise the evidence of the training labels.

    Args:
        settings: changes of the published settings, by name.

    Raises:
        ValueError: a setting is unknown or should be a whole number.
    """

    name: ClassVar[str] = "Bayes. Lin. Reg."
    reference: ClassVar[str] = (
        "White et al. 2021, How Powerful are Performance Predictors in NAS?; "
        "Bishop 2006, sections 3.3 and 3.5"
    )

    def __init__(self, settings: Mapping[str, float] | None = None) -> None:
        self.settings = with_changes(LinearSettings(), settings or {}, self.name)
        self._ridge = BayesianRidge(
            max_iter=self.settings.iterations,
            tol=self.settings.tolerance,
            lambda_init=self.settings.weight_precision,
            alpha_init=self.settings.noise_precision,
        )

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Maximise the evidence, then take the mean of the weights' posterior."""
        self._ridge.fit(vectors, labels)

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the mean of the predictive distribution, ``(n,)``."""
        return np.asarray(self._ridge.predict(vectors), dtype=np.float64)
