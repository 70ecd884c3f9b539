"""Random forests on crude averages of a partial training: what a trace predictor has to beat.

A forest is fitted for each budget: its features are the snapshots or losses within that budget,
so a forest cannot answer at any other.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from nascast.predictors.base import Observations
from nascast.predictors.regression import Floats, VectorRegression

TREES = 300
LOSS_WINDOW = 10


class BudgetForest(VectorRegression):
    """A random forest on one feature vector an architecture; a diverged network is ranked last.

    Args:
        seed: decides the bootstrap samples and the candidate splits.
    """

    family: ClassVar[str] = "forest"

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        # All features at every split, scikit-learn's default: a third of them halved the time of a
        # fit and was no better on held-out cells.
        self._forest = RandomForestRegressor(TREES, random_state=seed % 2**32, n_jobs=1)

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Grow ``TREES`` trees."""
        self._forest.fit(vectors, labels)

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the mean over the trees."""
        return np.asarray(self._forest.predict(vectors))


class TraceForest(BudgetForest):
    """Forest on the layer-averaged weight and gradient statistics of every snapshot."""

    name: ClassVar[str] = "Forest (trace averages)"
    needs: ClassVar[frozenset[str]] = frozenset({"trace_summary"})
    reference: ClassVar[str] = "our baseline: Breiman 2001 on averages of NAP2's statistics"

    def vectors(self, seen: Observations) -> Floats:
        """Return the summaries of all snapshots after ``sign(x) log(1 + |x|)``."""
        summary = np.asarray(seen.feature("trace_summary"), dtype=np.float64)
        return (np.sign(summary) * np.log1p(np.abs(summary))).reshape(len(summary), -1)


class LossesOnly(BudgetForest):
    """Forest on the training losses, averaged over windows of ``LOSS_WINDOW`` mini-batches."""

    name: ClassVar[str] = "Forest (losses only)"
    needs: ClassVar[frozenset[str]] = frozenset({"step_losses"})
    reference: ClassVar[str] = "our baseline: Breiman 2001 on the training loss curve"

    def vectors(self, seen: Observations) -> Floats:
        """Return the mean loss of each window in nats; the last window may be shorter."""
        losses = np.asarray(seen.feature("step_losses"), dtype=np.float64)
        starts = np.arange(0, losses.shape[1], LOSS_WINDOW)
        lengths = np.diff(np.append(starts, losses.shape[1]))
        sums: Floats = np.add.reduceat(losses, starts, axis=1)
        return sums / lengths
