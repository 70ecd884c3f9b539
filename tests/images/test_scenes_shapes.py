"""Silhouettes and patterns: areas, distinctness, and the values that define them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nascast.images.scenes_shapes import PATTERNS, SILHOUETTES, patterns, silhouettes


def plane(size: int = 201) -> tuple[np.ndarray, np.ndarray]:
    axis = np.linspace(-1.2, 1.2, size, dtype=np.float32)
    u, v = np.meshgrid(axis, axis)
    return u, v


def masks() -> dict[str, np.ndarray]:
    u, v = plane()
    return {name: inside(u, v) > 0 for name, inside in SILHOUETTES.items()}


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("disc", np.pi * 0.82**2),
        ("square", 1.48**2),
        ("triangle", 3 * 3**0.5 / 4),
        ("ring", np.pi * (0.91**2 - 0.45**2)),
        ("cross", 2 * 1.84 * 0.54 - 0.54**2),
        ("bar", 1.36 * 0.56 + np.pi * 0.28**2),
    ],
)
def test_areas_follow_from_geometry(name: str, area: float) -> None:
    assert masks()[name].mean() * 2.4**2 == pytest.approx(area, rel=0.03)


def test_shapes_lie_within_the_unit_of_size_and_differ() -> None:
    u, v = plane()
    for mask in masks().values():
        assert 0.3 < mask.sum() * (2.4 / 201) ** 2 < 2.5
        assert np.hypot(u[mask], v[mask]).max() < 1.1
    for first, second in itertools.combinations(masks().values(), 2):
        overlap = (first & second).sum() / (first | second).sum()
        assert overlap < 0.85


def test_each_image_gets_its_own_shape() -> None:
    u, v = plane(41)
    shape = np.array([3, 0, 3, 9])
    inside = silhouettes(shape, np.stack([u] * 4), np.stack([v] * 4))
    expected = [list(SILHOUETTES.values())[index](u, v) for index in shape]
    assert np.array_equal(inside, np.stack(expected))


def test_patterns_vary_along_their_own_directions() -> None:
    axis = np.linspace(-1, 1, 101, dtype=np.float32)
    one, zero = np.ones(101, dtype=np.float32), np.zeros(101, dtype=np.float32)

    def share(name: str, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return patterns(np.full(101, PATTERNS.index(name)), one, u, v)

    assert (share("plain", axis, axis) == 0).all()
    assert np.ptp(share("stripes", axis, zero)) == 1
    assert np.ptp(share("stripes", zero, axis)) == 0
    assert np.ptp(share("bands", zero, axis)) == 1
    assert np.ptp(share("bands", axis, zero)) == 0
    assert np.ptp(share("checks", axis, zero)) == 0
    assert np.ptp(share("checks", axis, 0 * axis + 0.25)) == 1
    np.testing.assert_allclose(share("rings", axis, zero), share("rings", zero, axis), atol=1e-6)


def test_frequency_counts_periods_in_a_radius() -> None:
    axis = np.linspace(0, 1, 1000, endpoint=False, dtype=np.float32)
    stripes = np.full(1000, PATTERNS.index("stripes"))
    share = patterns(stripes, np.full(1000, 3, dtype=np.float32), axis, axis)
    rising = np.flatnonzero((share[1:] > 0.5) & (share[:-1] <= 0.5))
    assert len(rising) == 3
