"""Ranks as a target, and scores on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from nascast.predictors.snap_r.scales import Standardiser, uniform_ranks


def test_ranks_are_those_of_scipy_in_the_unit_interval() -> None:
    labels = np.random.default_rng(0).integers(0, 20, size=50).astype(np.float64)
    np.testing.assert_allclose(uniform_ranks(labels), (rankdata(labels) - 0.5) / 50)


def test_a_failed_network_weighs_no_more_than_any_other() -> None:
    assert uniform_ranks(np.array([0.1, 0.93, 0.94])) == pytest.approx([1 / 6, 3 / 6, 5 / 6])


def test_scores_are_measured_in_the_training_networks_deviations() -> None:
    scale = Standardiser(np.array([1.0, 3.0]))
    assert scale(np.array([1.0, 2.0, 5.0])).tolist() == [-1, 0, 3]


def test_constant_scores_stay_finite() -> None:
    assert Standardiser(np.ones(3))(np.ones(2)).tolist() == [0, 0]
