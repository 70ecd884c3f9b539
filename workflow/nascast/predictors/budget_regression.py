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
        if not self.anytime:
            check_budget(self.name, self._budget, query)
        return super().predict(query)


def check_budget(name: str, fitted: int | None, query: Observations) -> None:
    """Raise ValueError if a predictor was fitted, and at another budget than that of a query."""
    if fitted not in (None, query.budget):
        raise ValueError(
            f"{name} was fitted at budget {fitted} and the query is at {query.budget}: fit it at "
            "the same budget"
        )
