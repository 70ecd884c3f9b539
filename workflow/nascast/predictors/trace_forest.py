"""Random forests on crude averages of a partial training: what a trace predictor has to beat.

A forest is fitted for each budget: its features are the snapshots or losses within that budget,
so a forest cannot answer at any other.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from nascast.predictors.base import Observations, Predictor

TREES = 300
LOSS_WINDOW = 10


class BudgetForest(Predictor):
    """A random forest on one feature vector an architecture.

    Features that are not finite mark a diverged network: it is left out of the fit, because there
    is nothing to learn from, and ranked last (minus infinity) at the query.

    Args:
        seed: decides the bootstrap samples and the candidate splits.
    """

    family: ClassVar[str] = "forest"

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._forest: RandomForestRegressor | None = None

    @abstractmethod
    def vectors(self, seen: Observations) -> NDArray[np.float64]:
        """Return one feature vector an architecture, ``(n, features)``."""

    def fit(self, train: Observations) -> None:
        """Grow ``TREES`` trees on the labelled architectures.

        Raises:
            ValueError: every architecture has diverged.
        """
        vectors = self.vectors(train)
        usable = np.isfinite(vectors).all(axis=1)
        if not usable.any():
            raise ValueError(f"{self.name} cannot be fitted: all {len(train)} networks diverged")
        # All features at every split, scikit-learn's default: a third of them halved the time of a
        # fit and was no better on held-out cells.
        forest = RandomForestRegressor(TREES, random_state=self.seed % 2**32, n_jobs=1)
        self._forest = forest.fit(vectors[usable], train.require_labels()[usable])

    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return predicted accuracies, ``(n,)``; minus infinity for a diverged network.

        Raises:
            ValueError: not fitted yet, or fitted at another budget.
        """
        vectors = self.vectors(query)
        if self._forest is None:
            raise ValueError(f"{self.name} is not fitted: call fit before predict")
        if vectors.shape[1] != self._forest.n_features_in_:
            raise ValueError(
                f"{self.name} was fitted on {self._forest.n_features_in_} features and the query "
                f"at budget {query.budget} has {vectors.shape[1]}: fit it at the same budget"
            )
        usable = np.isfinite(vectors).all(axis=1)
        scores = np.full(len(query), -np.inf)
        if usable.any():
            scores[usable] = self._forest.predict(vectors[usable])
        return scores


class TraceForest(BudgetForest):
    """Forest on the layer-averaged weight and gradient statistics of every snapshot."""

    name: ClassVar[str] = "Forest (trace averages)"
    needs: ClassVar[frozenset[str]] = frozenset({"trace_summary"})
    reference: ClassVar[str] = "our baseline: Breiman 2001 on averages of NAP2's statistics"

    def vectors(self, seen: Observations) -> NDArray[np.float64]:
        """Return the summaries of all snapshots after ``sign(x) log(1 + |x|)``."""
        summary = np.asarray(seen.feature("trace_summary"), dtype=np.float64)
        return (np.sign(summary) * np.log1p(np.abs(summary))).reshape(len(summary), -1)


class LossesOnly(BudgetForest):
    """Forest on the training losses, averaged over windows of ``LOSS_WINDOW`` mini-batches."""

    name: ClassVar[str] = "Forest (losses only)"
    needs: ClassVar[frozenset[str]] = frozenset({"step_losses"})
    reference: ClassVar[str] = "our baseline: Breiman 2001 on the training loss curve"

    def vectors(self, seen: Observations) -> NDArray[np.float64]:
        """Return the mean loss of each window in nats; the last window may be shorter."""
        losses = np.asarray(seen.feature("step_losses"), dtype=np.float64)
        starts = np.arange(0, losses.shape[1], LOSS_WINDOW)
        lengths = np.diff(np.append(starts, losses.shape[1]))
        sums: NDArray[np.float64] = np.add.reduceat(losses, starts, axis=1)
        return sums / lengths
