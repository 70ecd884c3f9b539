"""Training sets that are taken apart."""

from __future__ import annotations

import numpy as np
import pytest
from tests.predictors.snap_r.problem import COLUMNS, cells

from nascast.predictors.snap_r.shifts import Shift, split

FEATURES, _ = cells(300)


@pytest.mark.parametrize(("direction", "trained"), [("up", [0, 1]), ("down", [4, 5])])
def test_one_part_trains_and_the_other_tests(direction: str, trained: list[int]) -> None:
    shift = Shift("convs", "count:conv", 1, 4, direction)  # type: ignore[arg-type]
    train, test = split(shift, FEATURES, COLUMNS, 1000, 1000)
    assert np.unique(FEATURES[train, 0]).tolist() == trained
    assert np.unique(FEATURES[test, 0]).tolist() == ([4, 5] if direction == "up" else [0, 1])


def test_equal_bounds_share_everything_out() -> None:
    shift = Shift("pools", "count:pool", 1, 1, "up")
    train, test = split(shift, FEATURES, COLUMNS, 1000, 1000)
    assert sorted([*train, *test]) == list(range(300))
    assert FEATURES[train, 1].max() == 1


def test_limits_hold_and_the_draw_repeats() -> None:
    shift = Shift("pools", "count:pool", 1, 1, "up")
    train, test = split(shift, FEATURES, COLUMNS, 20, 10)
    assert (len(train), len(test)) == (20, 10)
    assert split(shift, FEATURES, COLUMNS, 20, 10)[0].tolist() == train.tolist()


def test_an_empty_part_and_an_unknown_feature_are_told() -> None:
    with pytest.raises(ValueError, match="train on and 0 to test on"):
        split(Shift("convs", "count:conv", 5, 9, "up"), FEATURES, COLUMNS, 10, 10)
    with pytest.raises(ValueError, match="there is no feature 'count:gold'"):
        split(Shift("gold", "count:gold", 0, 1, "up"), FEATURES, COLUMNS, 10, 10)
