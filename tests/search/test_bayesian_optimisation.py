from __future__ import annotations

import numpy as np
import pytest
from tests.search.made import Linear

from nascast.search.bayesian_optimisation import BayesianOptimisation


def test_promises_are_independent_normal_draws() -> None:
    # Two candidates of members (1, 2, 6) and (0, 0, 3): means 3 and 1, population deviations
    # sqrt(14/3) and sqrt(2).
    predictions = np.repeat([[1.0, 0.0], [2.0, 0.0], [6.0, 3.0]], 20_000, axis=1)
    drawn = BayesianOptimisation(Linear).promise(predictions, np.random.default_rng(0))
    first, second = drawn[:20_000], drawn[20_000:]
    assert first.mean() == pytest.approx(3, abs=0.05)
    assert first.std() == pytest.approx(np.sqrt(14 / 3), abs=0.05)
    assert second.mean() == pytest.approx(1, abs=0.05)
    assert second.std() == pytest.approx(np.sqrt(2), abs=0.05)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_members_that_agree_are_trusted() -> None:
    predictions = np.array([[0.1, 0.3]] * 3)
    promise = BayesianOptimisation(Linear).promise(predictions, np.random.default_rng(0))
    np.testing.assert_allclose(promise, [0.1, 0.3])


def test_the_ensemble_is_bananas_of_white_et_al() -> None:
    algorithm = BayesianOptimisation(Linear)
    assert (algorithm.members, algorithm.initial, algorithm.batch) == (3, 20, 20)
    assert (algorithm.mutants.count, algorithm.mutants.parents) == (200, 5)
