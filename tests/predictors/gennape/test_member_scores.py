from __future__ import annotations

import numpy as np
import pytest

from nascast.predictors.gennape.member_scores import (
    common_scale,
    kendall_taus,
    softmax_weights,
    weighted_mean,
)


def test_the_common_scale_is_the_share_of_others_that_are_beaten() -> None:
    np.testing.assert_allclose(common_scale(np.array([0.1, 5e9, -np.inf, 0.1])), [0.5, 1, 0, 0.5])
    np.testing.assert_allclose(common_scale(np.exp([3.0, 1, 2])), [1, 0, 0.5])
    assert common_scale(np.full(3, 7.0)).tolist() == [0.5, 0.5, 0.5]
    assert common_scale(np.array([7.0])).tolist() == [0.5]
    with pytest.raises(ValueError, match="1 of 2 scores are not numbers"):
        common_scale(np.array([np.nan, 1]))


def test_taus_worked_out_by_hand() -> None:
    """One of three pairs is out of order: (2 - 1) / 3."""
    accuracies = np.array([0.1, 0.2, 0.3])
    scores = {"good": np.array([1.0, 3, 2]), "bad": -accuracies, "constant": np.ones(3)}
    taus = kendall_taus(scores, accuracies)
    assert taus == pytest.approx({"good": 1 / 3, "bad": -1, "constant": 0})


def test_weights_are_a_softmax() -> None:
    weights = softmax_weights({"a": np.log(3), "b": 0.0})
    assert weights == pytest.approx({"a": 0.75, "b": 0.25})
    sharper = softmax_weights({"a": np.log(3), "b": 0.0}, temperature=0.5)
    assert sharper == pytest.approx({"a": 0.9, "b": 0.1})


def test_the_mean_is_weighted_on_the_common_scale() -> None:
    scores = {"a": np.array([1.0, 2, 3]), "b": np.array([9e9, 0, 1])}
    weights = {"a": 0.6, "b": 0.2, "unused": 0.2}
    np.testing.assert_allclose(weighted_mean(scores, weights), [0.25, 0.375, 0.875])
    with pytest.raises(ValueError, match="need weights"):
        weighted_mean(scores, {"a": 1.0})
    with pytest.raises(ValueError, match="need weights"):
        weighted_mean({}, weights)
