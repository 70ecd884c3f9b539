"""What all regressions of labels on one flat encoding of the architecture have in common."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nascast.predictors.base import Observations
from nascast.predictors.ordering import by_identity
from nascast.predictors.regression import Floats, VectorRegression


class EncodingRegression(VectorRegression):
    """A regression on the only feature that it needs, one vector an architecture.

    Training networks are sorted by their identity before anything is fitted or drawn, so that the
    order in which they were given changes nothing. The vectors are there before any training, so
    one fit answers at every budget.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"adjacency"})
    anytime: ClassVar[bool] = True

    def vectors(self, seen: Observations) -> Floats:
        """Return the encoding as it is, ``(n, columns)``."""
        (encoding,) = self.needs
        return np.asarray(seen.feature(encoding), dtype=np.float64)

    def fit(self, train: Observations) -> None:
        """Fit the labelled architectures; ValueError if there are none."""
        super().fit(by_identity(train))
