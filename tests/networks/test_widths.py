from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.networks.widths import Widths, make_divisible


@pytest.mark.parametrize(
    ("value", "width"),
    [
        (3, 8),  # at least the divisor
        (8, 8),
        (12, 16),  # a half is rounded up
        (31.2, 32),
        (133.9, 136),
        (134.4, 136),
        (19.2, 24),  # 16 would be more than a tenth below
        (20.8, 24),
        (41.6, 40),  # 1.6 is less than a tenth
    ],
)
def test_published_widths_are_multiples_of_eight(value: float, width: int) -> None:
    assert make_divisible(value) == width


@given(value=st.floats(0.1, 5000), divisor=st.integers(1, 16))
def test_a_width_is_a_multiple_close_to_the_value(value: float, divisor: int) -> None:
    width = make_divisible(value, divisor)
    assert width % divisor == 0
    assert max(divisor, 0.9 * value) <= width <= max(value + divisor, divisor)


@pytest.mark.parametrize(
    ("channels", "divisor"), [(1, 1), (8, 1), (10, 2), (16, 2), (20, 4), (39, 4), (40, 8), (90, 8)]
)
def test_the_divisor_shrinks_with_the_network(channels: int, divisor: int) -> None:
    assert Widths(channels, 40).divisor == divisor


def test_widths_by_hand() -> None:
    assert [Widths(40, 40).scale(width) for width in (40, 24, 1664)] == [40, 24, 1664]
    # 16 / 40 of 40, 24 (9.6), 104 (41.6) and 248 (99.2), to multiples of 2.
    assert [Widths(16, 40).scale(width) for width in (40, 24, 104, 248)] == [16, 10, 42, 100]
    # An eighth of 168 and 208: to multiples of 8, both would be 24.
    assert [Widths(8, 64).scale(width) for width in (168, 208)] == [21, 26]
    assert Widths(8, 64).round(5.25) == 5
