from __future__ import annotations

from typing import ClassVar

import numpy as np

from nascast.predictors.base import Observations
from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats


class Recorder(EncodingRegression):
    """Keeps what it was given and predicts the first column."""

    name: ClassVar[str] = "recorder"
    needs: ClassVar[frozenset[str]] = frozenset({"path"})
    reference: ClassVar[str] = "a test"

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        self.given = vectors, labels

    def score_vectors(self, vectors: Floats) -> Floats:
        return vectors[:, 0]


def test_networks_are_fitted_in_the_order_of_their_identities() -> None:
    predictor = Recorder()
    paths = np.array([[3], [1], [2]], dtype=np.float32)
    predictor.fit(Observations(("c", "a", "b"), 1, {"path": paths}, np.array([0.3, 0.1, 0.2])))
    vectors, labels = predictor.given
    assert vectors.ravel().tolist() == [1, 2, 3]
    assert vectors.dtype == np.float64
    assert (np.diff(labels) > 0).all()


def test_a_structure_is_scored_at_every_budget() -> None:
    assert Recorder.anytime
    predictor = Recorder()
    paths = np.array([[0], [1]], dtype=np.float32)
    predictor.fit(Observations(("a", "b"), 30, {"path": paths}, np.array([0.2, 0.4])))
    np.testing.assert_allclose(
        predictor.predict(Observations(("c", "d"), 1, {"path": paths})), [0.3, 0.4]
    )
