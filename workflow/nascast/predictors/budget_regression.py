"""Regressions on vectors that belong to one budget."""

from __future__ import annotations

from nascast.predictors.base import Observations
from nascast.predictors.ordering import by_identity
from nascast.predictors.regression import Floats, VectorRegression


class BudgetRegression(VectorRegression):
    """A regression on features that change with the budget: what it learned holds at one only.

    Rows are fitted in the order of their identities, so that folds and subsamples do not depend on
    how they were handed over. A subclass whose vectors know nothing of the training is `anytime`.
    """

    _budget: int | None = None

    def fit(self, train: Observations) -> None:
        """Fit the labelled architectures whose features are finite; see the base class."""
        self._budget = train.budget
        super().fit(by_identity(train))

    def predict(self, query: Observations) -> Floats:
        """Return predicted labels, ``(n,)``; see the base class.

        Raises:
            ValueError: as the base class, or fitted at another budget.
        """
        if not self.anytime and self._budget not in (None, query.budget):
            raise ValueError(
                f"{self.name} was fitted at budget {self._budget} and the query is at "
                f"{query.budget}: fit it at the same budget"
            )
        return super().predict(query)
