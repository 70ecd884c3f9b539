"""Rankings by one number that is known of an architecture before it is trained."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.base import Observations, Predictor


class ColumnScore(Predictor):
    """Ranks architectures by one column of one table, the larger the better.

    Class attributes:
        feature: the table, a DataFrame among :data:`nascast.predictors.base.FEATURES`.
        column: the table's column.
    """

    anytime: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    estimates: ClassVar[bool] = False
    feature: ClassVar[str]
    column: ClassVar[str]

    def fit(self, train: Observations) -> None:
        """Do nothing: the number is known without any label."""

    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return the column, ``(n,)``; minus infinity where it is not finite (not measured)."""
        scores = query.feature(self.feature)[self.column].to_numpy(dtype=np.float64)
        return np.where(np.isfinite(scores), scores, -np.inf)
