from __future__ import annotations

import numpy as np
import pytest

from nascast.labels.rebuilt import LIMIT, compare

SHIPPED = np.array([[1.0, 1.2], [2.0, 1.8], [3.1, 2.9], [4.0, 4.2]])
# Two values 0.2 apart have a variance of 0.02.
DEVIATION = np.sqrt(0.02)


def test_distances_are_counted_in_deviations_between_seeds() -> None:
    result = compare(SHIPPED, SHIPPED[[0, 2]], np.array([1.1 + DEVIATION, 3.0 - 2 * DEVIATION]))
    assert result.deviation == pytest.approx(DEVIATION)
    assert result.worst == pytest.approx(2)
    assert result.bias == pytest.approx(-0.5)
    assert result.bias_limit == pytest.approx(1.96 * np.sqrt(1.5 / 2))
    assert result.agrees
    assert result.networks == 2


def test_one_training_far_off_is_seen() -> None:
    far = np.array([1.1 + 1.01 * LIMIT * DEVIATION, 3.0 - 2.9 * DEVIATION])
    result = compare(SHIPPED, SHIPPED[[0, 2]], far)
    assert abs(result.bias) < result.bias_limit
    assert not result.agrees


def test_a_shift_of_all_is_seen_though_none_is_far_off() -> None:
    rng = np.random.default_rng(0)
    shipped = rng.normal(size=(40, 3))
    same = compare(shipped, shipped, shipped.mean(axis=1) + rng.normal(size=40) / 10)
    assert same.agrees
    shifted = compare(shipped, shipped, shipped.mean(axis=1) + 1.0)
    assert shifted.worst < LIMIT
    assert not shifted.agrees


def test_the_limit_of_the_bias_holds_for_unbiased_rebuildings() -> None:
    rng = np.random.default_rng(1)
    beyond = 0
    for _ in range(400):
        shipped = rng.normal(size=(60, 2))
        result = compare(shipped, shipped[:5], rng.normal(size=5))
        beyond += abs(result.bias) > result.bias_limit
    assert 0.02 < beyond / 400 < 0.09


@pytest.mark.parametrize(
    ("shipped", "again", "rebuilt", "message"),
    [
        (SHIPPED[:, :1], SHIPPED[:1, :1], [1.0], "at least 2 seeds"),
        (SHIPPED, SHIPPED[:2], [1.0], "1 rebuilt networks do not go with rows"),
        (np.ones((3, 2)), np.ones((1, 2)), [1.0], "all the same"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    shipped: np.ndarray, again: np.ndarray, rebuilt: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compare(shipped, again, np.array(rebuilt))
