from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from nascast.predictors.bayesian_linear import BayesianLinear


def test_one_feature_worked_out_by_hand() -> None:
    """Features 1 and 2, labels 1 and 1, alpha 1, beta 2: 2 (1 + 2) / (1 + 2 (1 + 4)) = 6 / 11."""
    head = BayesianLinear(np.array([[1.0], [2.0]]), np.ones(2))
    assert head.mean_weights(np.array([1.0]), np.array([2.0])) == pytest.approx(6 / 11)
    # Covariance [[1.5, 2], [2, 4.5]]: determinant 2.75, and (1, 1) its inverse (1, 1) = 2 / 2.75.
    expected = -0.5 * (2 * np.log(2 * np.pi) + np.log(2.75) + 2 / 2.75)
    assert head.log_evidence(np.array([1.0]), np.array([2.0])) == pytest.approx(expected)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_evidence_and_mean_are_those_of_the_dense_formulas(
    count: int, columns: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    features, labels = rng.normal(size=(count, columns)), rng.normal(size=count)
    alpha, beta = np.exp(rng.normal(size=(2, 3)))
    head = BayesianLinear(features, labels)
    evidence, weights = head.log_evidence(alpha, beta), head.mean_weights(alpha, beta)
    assert weights.shape == (3, columns)
    for k in range(3):
        covariance = np.eye(count) / beta[k] + features @ features.T / alpha[k]
        dense = multivariate_normal.logpdf(labels, np.zeros(count), covariance)
        assert evidence[k] == pytest.approx(dense, rel=1e-8, abs=1e-8)
        precision = alpha[k] * np.eye(columns) + beta[k] * features.T @ features
        mean = np.linalg.solve(precision, beta[k] * features.T @ labels)
        np.testing.assert_allclose(weights[k], mean, rtol=1e-7, atol=1e-9)


def test_features_that_say_nothing_leave_the_prior() -> None:
    head = BayesianLinear(np.zeros((3, 2)), np.array([1.0, -1.0, 0.0]))
    one = np.ones(1)
    assert head.mean_weights(one, one).tolist() == [[0, 0]]
    assert head.log_evidence(one, one) == pytest.approx(-1.5 * np.log(2 * np.pi) - 1)
