from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest

from nascast.predictors.base import Observations
from nascast.predictors.curve_families import Floats
from nascast.predictors.extrapolation import Extrapolation


class Line(Extrapolation):
    """A line through the last two points over the logarithm of epochs; fails for flat curves."""

    name: ClassVar[str] = "line"
    reference: ClassVar[str] = "a test"

    def extrapolate(
        self,
        curves: Floats,
        log_epochs: Floats,
        log_horizon: Floats,
        generators: Sequence[np.random.Generator],
    ) -> Floats:
        self.draws = [rng.random() for rng in generators]
        slopes = (curves[:, -1] - curves[:, -2]) / (log_epochs[-1] - log_epochs[-2])
        ends = curves[:, -1] + slopes * (log_horizon[0] - log_epochs[-1])
        return np.where(slopes == 0, np.nan, ends)


def seen(curves: list[list[float]], budget: int) -> Observations:
    ids = tuple(f"a{i}" for i in range(len(curves)))
    return Observations(ids, budget, {"val_acc": np.array(curves)})


@pytest.mark.parametrize(("budget", "horizon"), [(2, 8), (20, 80)])
def test_epochs_are_counted_in_points_of_the_curve(budget: int, horizon: int) -> None:
    # Twice the epochs are one logarithm of two; 8 points are three of them behind the first.
    scores = Line(horizon).predict(seen([[0.1, 0.2], [0.3, 0.25]], budget))
    np.testing.assert_allclose(scores, [0.4, 0.15])


def test_the_last_point_stands_in_where_the_method_fails() -> None:
    scores = Line(8).predict(seen([[0.1, 0.2], [0.3, 0.3]], 2))
    np.testing.assert_allclose(scores, [0.4, 0.3])
    assert Line(8).predict(seen([[0.1], [0.3]], 1)).tolist() == [0.1, 0.3]


def test_a_diverged_network_is_ranked_last_and_spoils_no_other() -> None:
    scores = Line(8).predict(seen([[np.nan, 0.2], [0.1, 0.2], [0.1, np.inf]], 2))
    np.testing.assert_allclose(scores, [-np.inf, 0.4, -np.inf])
    assert Line(8).predict(seen([[np.nan, 0.2]], 2)).tolist() == [-np.inf]
    assert Line(8).predict(seen([[np.nan], [0.2]], 1)).tolist() == [-np.inf, 0.2]


def test_random_numbers_belong_to_an_architecture_and_a_seed() -> None:
    one, other = Line(8, seed=1), Line(8, seed=2)
    one.predict(seen([[0.1, 0.2], [np.nan, 0.2], [0.3, 0.4]], 2))
    other.predict(seen([[0.1, 0.2]], 2))
    first, third = one.draws
    assert len({first, third, other.draws[0]}) == 3
    one.predict(seen([[np.nan, 0.1], [np.nan, 0.2], [0.5, 0.6]], 2))
    assert one.draws == [third]


def test_the_horizon_cannot_lie_behind() -> None:
    with pytest.raises(ValueError, match="line extrapolates to 8, but the curves end at 9"):
        Line(8).predict(seen([[0.1, 0.2]], 9))
