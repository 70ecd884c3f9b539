from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from nascast.predictors.base import Observations
from nascast.predictors.regression import Floats, VectorRegression


class LeastSquares(VectorRegression):
    """Least squares on validation accuracies, keeping what it was given."""

    name: ClassVar[str] = "least squares"
    needs: ClassVar[frozenset[str]] = frozenset({"val_acc"})
    reference: ClassVar[str] = "a test"

    def vectors(self, seen: Observations) -> Floats:
        return np.asarray(seen.feature("val_acc"), dtype=np.float64)

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        self.given = vectors, labels
        self.weights = np.linalg.lstsq(vectors, labels, rcond=None)[0]

    def score_vectors(self, vectors: Floats) -> Floats:
        return np.asarray(vectors @ self.weights)


def seen(values: list[list[float]], labels: list[float] | None = None) -> Observations:
    ids = tuple(f"a{i}" for i in range(len(values)))
    return Observations(
        ids, 2, {"val_acc": np.array(values)}, None if labels is None else np.array(labels)
    )


def test_labels_are_standardised_for_the_fit_and_given_back_as_they_were() -> None:
    predictor = LeastSquares()
    predictor.fit(seen([[-1.0], [0.0], [1.0]], [0.2, 0.4, 0.6]))
    vectors, labels = predictor.given
    np.testing.assert_array_equal(vectors, [[-1], [0], [1]])
    np.testing.assert_allclose(labels, [-np.sqrt(1.5), 0, np.sqrt(1.5)], atol=1e-12)
    np.testing.assert_allclose(predictor.predict(seen([[2.0], [-0.5]])), [0.8, 0.3])


def test_networks_without_finite_features_are_left_out_and_ranked_last() -> None:
    predictor = LeastSquares()
    predictor.fit(seen([[-1.0], [np.nan], [1.0], [np.inf]], [0.2, 0.9, 0.6, 0.9]))
    assert len(predictor.given[0]) == 2
    np.testing.assert_allclose(predictor.predict(seen([[0.0], [np.nan]])), [0.4, -np.inf])
    assert predictor.predict(seen([[np.nan]])).tolist() == [-np.inf]
    with pytest.raises(ValueError, match="none of 1 networks has finite features"):
        LeastSquares().fit(seen([[np.nan]], [0.5]))


def test_equal_labels_teach_nothing_but_themselves() -> None:
    predictor = LeastSquares()
    predictor.fit(seen([[1.0], [2.0]], [0.25, 0.25]))
    assert predictor.predict(seen([[3.0], [np.nan]])).tolist() == [0.25, -np.inf]


def test_a_query_of_another_width_is_refused() -> None:
    predictor = LeastSquares()
    with pytest.raises(ValueError, match="least squares is not fitted"):
        predictor.predict(seen([[1.0]]))
    predictor.fit(seen([[1.0], [2.0]], [0.1, 0.2]))
    with pytest.raises(ValueError, match="fitted on 1 features and the query at budget 2 has 2"):
        predictor.predict(seen([[1.0, 2.0]]))
