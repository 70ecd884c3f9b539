from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from nascast.predictors.base import Observations
from nascast.predictors.budget_regression import BudgetRegression
from nascast.predictors.regression import Floats


class Nearest(BudgetRegression):
    """The label of the network with the nearest last accuracy."""

    name: ClassVar[str] = "nearest"
    needs: ClassVar[frozenset[str]] = frozenset({"val_acc"})
    reference: ClassVar[str] = "a test"

    def vectors(self, seen: Observations) -> Floats:
        return np.asarray(seen.feature("val_acc"), dtype=np.float64)[:, -1:]

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        self.given = vectors, labels

    def score_vectors(self, vectors: Floats) -> Floats:
        return self.given[1][np.abs(vectors - self.given[0].T).argmin(axis=1)]


class Always(Nearest):
    """The same, but said to answer at every budget."""

    anytime: ClassVar[bool] = True


def seen(ids: str, values: list[float], budget: int, labels: bool = True) -> Observations:
    curves = np.array(values)[:, None]
    return Observations(tuple(ids), budget, {"val_acc": curves}, curves[:, 0] if labels else None)


def test_rows_are_fitted_in_the_order_of_their_identities() -> None:
    one, other = Nearest(), Nearest()
    one.fit(seen("abc", [0.1, 0.2, 0.4], 3))
    other.fit(seen("cab", [0.4, 0.1, 0.2], 3))
    for mine, yours in zip(one.given, other.given, strict=True):
        np.testing.assert_allclose(mine, yours)
    assert one.given[0].ravel().tolist() == [0.1, 0.2, 0.4]


def test_one_budget_is_answered() -> None:
    predictor = Nearest()
    with pytest.raises(ValueError, match="nearest is not fitted"):
        predictor.predict(seen("xy", [0.3, 0.6], 3, labels=False))
    predictor.fit(seen("abc", [0.1, 0.2, 0.4], 3))
    query = seen("xy", [0.11, 0.39], 3, labels=False)
    np.testing.assert_allclose(predictor.predict(query), [0.1, 0.4])
    with pytest.raises(ValueError, match=r"fitted at budget 3 .* at 4: fit it at the same budget"):
        predictor.predict(seen("xy", [0.3, 0.6], 4, labels=False))
    always = Always()
    always.fit(seen("abc", [0.1, 0.2, 0.4], 3))
    assert len(always.predict(seen("xy", [0.3, 0.6], 4, labels=False))) == 2
