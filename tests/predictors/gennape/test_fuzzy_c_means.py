from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.predictors.gennape.fuzzy_c_means import (
    FuzzyClusters,
    fit_clusters,
    squared_distances,
)


def blobs(per_blob: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0, 0], [10, 0, 0], [0, 10, 5]])
    points = np.concatenate([rng.normal(centre, 0.5, (per_blob, 3)) for centre in centres])
    return points, centres


def written_out(points: np.ndarray, centroids: np.ndarray, m: float) -> np.ndarray:
    """Equation 2, a membership after another."""
    degrees = np.zeros((len(points), len(centroids)))
    for i, point in enumerate(points):
        own = [float(np.sum((point - centroid) ** 2)) for centroid in centroids]
        for k in range(len(centroids)):
            degrees[i, k] = 1 / sum((own[k] / other) ** (1 / (m - 1)) for other in own)
    return degrees


def test_memberships_worked_out_by_hand() -> None:
    """Distances 1 and 2: squares 1 and 4, so 4 : 1 for m = 2 and 2 : 1 for m = 3."""
    points, centroids = np.array([[1.0, 0]]), np.array([[0.0, 0], [3, 0]])
    two = FuzzyClusters(centroids, 2.0).memberships(points)
    three = FuzzyClusters(centroids, 3.0).memberships(points)
    np.testing.assert_allclose(two, [[0.8, 0.2]], rtol=1e-14)
    np.testing.assert_allclose(three, [[2 / 3, 1 / 3]], rtol=1e-14)


@pytest.mark.parametrize("m", [1.5, 2.0, 3.5, 4.0])
def test_memberships_are_equation_2(m: float) -> None:
    rng = np.random.default_rng(1)
    points, centroids = rng.normal(size=(20, 5)), rng.normal(size=(4, 5))
    degrees = FuzzyClusters(centroids, m).memberships(points)
    np.testing.assert_allclose(degrees, written_out(points, centroids, m), rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    data=st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=8),
    m=st.floats(1.05, 6),
)
def test_memberships_sum_to_one_wherever_the_points_are(data: list[list[float]], m: float) -> None:
    centroids = np.array([[0.0, 0], [1, 1], [1e-8, 0], [1e6, -1e6]])
    points = np.concatenate([np.array(data), centroids])
    degrees = FuzzyClusters(centroids, m).memberships(points)
    assert ((degrees >= 0) & (degrees <= 1)).all()
    np.testing.assert_allclose(degrees.sum(axis=1), 1, rtol=1e-12)


def test_a_point_on_centroids_belongs_to_them_alone() -> None:
    centroids = np.array([[1e3, 2e3], [5.0, 5], [5, 5]])
    degrees = FuzzyClusters(centroids, 4.0).memberships(np.array([[1e3, 2e3], [5, 5]]))
    assert degrees.tolist() == [[1, 0, 0], [0, 0.5, 0.5]]


def test_distances_keep_their_digits_close_to_a_centroid_far_from_zero() -> None:
    centroids = np.array([[1e4, 1e4], [0.0, 0]])
    points = centroids[:1] + np.array([3e-3, 4e-3])
    exact = np.square(points[0] - centroids[0]).sum()
    np.testing.assert_allclose(squared_distances(points, centroids)[0, 0], exact, rtol=1e-12)


def test_known_clusters_are_found_and_the_equations_hold_there() -> None:
    points, centres = blobs()
    found = fit_clusters(points, 3, 2.0, np.random.default_rng(0))
    assert found.change <= 1e-9
    assert 1 < found.iterations < 200
    order = [int(np.argmin(np.abs(found.centroids - centre).sum(axis=1))) for centre in centres]
    assert sorted(order) == [0, 1, 2]
    assert np.abs(found.centroids[order] - centres).max() < 0.3
    degrees = found.memberships(points)
    expected = np.repeat(order, len(points) // 3)
    np.testing.assert_array_equal(degrees.argmax(axis=1), expected)
    assert degrees.max(axis=1).min() > 0.9
    # Equation 3: each centroid is the mean of all points, weighted by U ** m.
    for k in range(3):
        weights = degrees[:, k] ** 2.0
        mean = (weights[:, None] * points).sum(axis=0) / weights.sum()
        np.testing.assert_allclose(found.centroids[k], mean, rtol=1e-7, atol=1e-7)


def test_a_large_fuzzifier_puts_all_centroids_on_the_mean() -> None:
    """A round cloud in many columns has no direction that could hold them apart."""
    points = np.random.default_rng(2).normal(1, 1, (400, 12))
    found = fit_clusters(points, 4, 4.0, np.random.default_rng(0))
    np.testing.assert_allclose(found.centroids, [points.mean(axis=0)] * 4, atol=1e-4)
    np.testing.assert_allclose(found.memberships(points), 0.25, atol=1e-4)


def test_it_stops_at_the_most_iterations_and_repeats_itself() -> None:
    points, _ = blobs()
    short = fit_clusters(points, 3, 2.0, np.random.default_rng(0), most_iterations=2)
    assert short.iterations == 2
    assert short.change > 1e-9
    again = fit_clusters(points, 3, 2.0, np.random.default_rng(0), most_iterations=2)
    np.testing.assert_array_equal(short.centroids, again.centroids)


def test_what_cannot_be_clustered_is_refused() -> None:
    points, rng = np.array([[0.0], [1], [1]]), np.random.default_rng(0)
    with pytest.raises(ValueError, match="2 distinct points cannot make 3 clusters"):
        fit_clusters(points, 3, 2.0, rng)
    with pytest.raises(ValueError, match="m above 1"):
        fit_clusters(points, 2, 1.0, rng)
