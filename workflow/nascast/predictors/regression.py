"""What all regressions of labels on one feature vector an architecture have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.base import Observations, Predictor

Floats = NDArray[np.float64]


class VectorRegression(Predictor):
    """A regression of standardised labels on one feature vector an architecture.

    Features that are not finite mark a network about which something could not be measured: it is
    left out of the fit, because there is nothing to learn from, and ranked last (minus infinity)
    at the query. Where all labels are equal there is nothing to learn, and every network gets them.

    A subclass says what the vectors are, fits them and scores them.
    """

    family: ClassVar[str] = "model-based"
    _columns: int | None = None
    _mean: float = 0.0
    _deviation: float = 0.0

    @abstractmethod
    def vectors(self, seen: Observations) -> Floats:
        """Return one feature vector an architecture, ``(n, columns)``."""

    @abstractmethod
    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Fit finite vectors, ``(n, columns)``, to labels of mean 0 and deviation 1, ``(n,)``."""

    @abstractmethod
    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the standardised prediction for finite vectors, ``(n,)``."""

    def fit(self, train: Observations) -> None:
        """Fit the labelled architectures whose features are finite.

        Raises:
            ValueError: there is no such architecture.
        """
        vectors = np.asarray(self.vectors(train), dtype=np.float64)
        usable = np.isfinite(vectors).all(axis=1)
        labels = train.require_labels()[usable]
        if not usable.any():
            raise ValueError(
                f"{self.name} cannot be fitted: none of {len(train)} networks has finite features"
            )
        self._columns = vectors.shape[1]
        self._mean, self._deviation = float(labels.mean()), float(labels.std())
        if self._deviation > 0:
            self.fit_vectors(vectors[usable], (labels - self._mean) / self._deviation)

    def predict(self, query: Observations) -> Floats:
        """Return predicted labels, ``(n,)``; minus infinity where a feature is not finite.

        Raises:
            ValueError: not fitted yet, or fitted on other features.
        """
        vectors = np.asarray(self.vectors(query), dtype=np.float64)
        if self._columns is None:
            raise ValueError(f"{self.name} is not fitted: call fit before predict")
        if vectors.shape[1] != self._columns:
            raise ValueError(
                f"{self.name} was fitted on {self._columns} features and the query at budget "
                f"{query.budget} has {vectors.shape[1]}: fit it on the same space, at the same "
                "budget"
            )
        usable = np.isfinite(vectors).all(axis=1)
        scores = np.full(len(query), -np.inf)
        if self._deviation == 0:
            scores[usable] = self._mean
        elif usable.any():
            scores[usable] = self._mean + self._deviation * self.score_vectors(vectors[usable])
        return scores
