"""Bayesian linear regression for given precisions: its evidence and its mean.

Source: Bishop 2006, Pattern Recognition and Machine Learning, sections 3.3 and 3.5: weights have
the prior ``N(0, I / alpha)`` and labels the noise ``N(0, 1 / beta)``. One singular value
decomposition makes every pair of precisions cheap.
"""

from __future__ import annotations

import numpy as np

from nascast.predictors.regression import Floats


class BayesianLinear:
    """Labels that are a linear function of features, plus noise; there is no intercept.

    Args:
        features: ``(n, columns)``.
        labels: ``(n,)``.
    """

    def __init__(self, features: Floats, labels: Floats) -> None:
        left, self._scales, self._right = np.linalg.svd(features, full_matrices=False)
        self._count = len(labels)
        self._along = left.T @ labels
        # What no linear function of the features reaches; rounding can make it negative.
        self._beyond = max(float(labels @ labels - self._along @ self._along), 0.0)

    def log_evidence(self, alpha: Floats, beta: Floats) -> Floats:
        """Return the log density of the labels for pairs of precisions, ``(pairs,)`` each.

        The labels are Gaussian with covariance ``I / beta + features features^T / alpha``, whose
        eigenvectors are the left singular vectors.
        """
        along = 1 / beta[:, None] + self._scales**2 / alpha[:, None]
        others = self._count - len(self._scales)
        log_determinant = np.log(along).sum(axis=1) - others * np.log(beta)
        distance = (self._along**2 / along).sum(axis=1) + self._beyond * beta
        result: Floats = -0.5 * (self._count * np.log(2 * np.pi) + log_determinant + distance)
        return result

    def mean_weights(self, alpha: Floats, beta: Floats) -> Floats:
        """Return the weights' posterior mean for pairs of precisions, ``(pairs, columns)``."""
        shrunk = beta[:, None] * self._scales / (alpha[:, None] + beta[:, None] * self._scales**2)
        weights: Floats = (shrunk * self._along) @ self._right
        return weights
