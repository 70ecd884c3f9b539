from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations, Predictor
from nascast.predictors.tuning import Choice, Draw, LogUniform, Uniform, WholeNumber, tune


class Signed(Predictor):
    """Ranks by size, times a sign that has to be found."""

    name: ClassVar[str] = "signed"
    family: ClassVar[str] = "a test"
    needs: ClassVar[frozenset[str]] = frozenset({"size"})
    reference: ClassVar[str] = "a test"
    fits: ClassVar[list[tuple[float, int]]] = []

    def __init__(self, changes: Mapping[str, float]) -> None:
        self.sign = changes.get("sign", -1.0)

    def fit(self, train: Observations) -> None:
        train.require_labels()
        self.fits.append((self.sign, len(train)))

    def predict(self, query: Observations) -> np.ndarray:
        return self.sign * query.feature("size")["params"].to_numpy(dtype=float)


@pytest.fixture(autouse=True)
def _no_fits() -> None:
    Signed.fits.clear()


SPACE: Mapping[str, Draw] = {"sign": Uniform(-1, 1)}
TRAIN = make_observations(30, seed=0, needs=frozenset({"size"}))


def test_the_better_settings_are_found_and_the_published_ones_kept_if_they_are_best() -> None:
    assert tune(Signed, SPACE, TRAIN, trials=8, seed=1)["sign"] > 0
    assert len(Signed.fits) == 24
    assert Signed.fits[:3] == [(-1.0, 20)] * 3, "the published settings come first"
    assert tune(Signed, {"sign": Choice((-0.5,))}, TRAIN, trials=4, seed=1) == {}


def test_the_order_of_the_networks_decides_nothing() -> None:
    order = np.random.default_rng(3).permutation(30)
    one, other = (tune(Signed, SPACE, t, trials=6, seed=2) for t in (TRAIN, TRAIN.take(order)))
    assert one == other
    assert one != tune(Signed, SPACE, TRAIN, trials=6, seed=3)


def test_nothing_is_fitted_where_nothing_can_be_compared() -> None:
    assert tune(Signed, SPACE, TRAIN, trials=1, seed=0) == {}
    assert tune(Signed, SPACE, TRAIN.take(np.arange(9)), trials=5, seed=0) == {}
    assert Signed.fits == []


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_draws_stay_within_their_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert 0.5 <= Uniform(0.5, 2)(rng) <= 2
    assert 1e-5 <= LogUniform(1e-5, 1e-1)(rng) <= 0.1000001
    assert WholeNumber(3, 5)(rng) in (3, 4, 5)
    assert WholeNumber(16, 128, log=True)(rng) in range(16, 129)
    assert Choice((0.1, 0.01))(rng) in (0.1, 0.01)


def test_logarithmic_draws_are_even_over_the_orders_of_magnitude() -> None:
    rng = np.random.default_rng(0)
    small = [LogUniform(1e-4, 1)(rng) < 1e-2 for _ in range(2000)]
    assert 0.45 < np.mean(small) < 0.55
    whole = [WholeNumber(1, 3, log=True)(rng) for _ in range(3000)]
    assert whole.count(1) / 3000 == pytest.approx(np.log(2) / np.log(4), abs=0.04)
