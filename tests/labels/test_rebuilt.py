from __future__ import annotations

import numpy as np
import pytest

from nascast.labels.rebuilt import LIMIT, compare

SHIPPED = np.array([[1.0, 1.2], [2.0, 1.8], [3.1, 2.9], [4.0, 4.2]])
# Two values 0.2 apart have a variance of 0.02.
DEVIATION = np.sqrt(0.02)


def new_labels(*means: float) -> np.ndarray:
    return np.array([[mean - 0.3, mean + 0.3] for mean in means])


def test_distances_are_counted_in_deviations_between_seeds() -> None:
    rebuilt = new_labels(1.1 + DEVIATION, 3.0 - 2 * DEVIATION)
    result = compare(SHIPPED, SHIPPED[[0, 2]], rebuilt)
    assert result.deviation == pytest.approx(DEVIATION)
    assert result.worst == pytest.approx(2)
    assert result.bias == pytest.approx(-0.5)
    assert result.bias_limit == pytest.approx(1.96 / np.sqrt(2))
    assert result.agrees
    assert (result.networks, result.seeds) == (2, 2)


def test_one_label_far_off_is_seen() -> None:
    far = new_labels(1.1 + 1.01 * LIMIT * DEVIATION, 3.0 - 2.9 * DEVIATION)
    result = compare(SHIPPED, SHIPPED[[0, 2]], far)
    assert abs(result.bias) < result.bias_limit
    assert not result.agrees


def test_a_shift_of_all_is_seen_though_none_is_far_off() -> None:
    shipped = np.random.default_rng(0).normal(size=(40, 3))
    assert compare(shipped, shipped, shipped).agrees
    shifted = compare(shipped, shipped, shipped + 1.0)
    assert shifted.worst < LIMIT
    assert not shifted.agrees


def test_the_limit_of_the_bias_holds_for_unbiased_rebuildings() -> None:
    rng = np.random.default_rng(1)
    beyond = 0
    for _ in range(400):
        shipped = rng.normal(size=(60, 2))
        result = compare(shipped, shipped[:5], rng.normal(size=(5, 2)))
        beyond += abs(result.bias) > result.bias_limit
    assert 0.02 < beyond / 400 < 0.09


@pytest.mark.parametrize(
    ("shipped", "again", "rebuilt", "message"),
    [
        (SHIPPED[:, :1], SHIPPED[:1, :1], np.ones((1, 1)), "at least 2 seeds"),
        (SHIPPED, SHIPPED[:2], np.ones((1, 2)), r"\(1, 2\) do not go with \(2, 2\)"),
        (SHIPPED, SHIPPED[:1], np.ones((1, 3)), r"\(1, 3\) do not go with \(1, 2\)"),
        (np.ones((3, 2)), np.ones((1, 2)), np.ones((1, 2)), "all the same"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    shipped: np.ndarray, again: np.ndarray, rebuilt: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compare(shipped, again, rebuilt)
