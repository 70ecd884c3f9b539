"""Fuzzy C-means: every point belongs to every cluster to a degree.

Source: Bezdek, Ehrlich and Full 1984; Equations 2 to 4 of GENNAPE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import kmeans_plusplus

from nascast.predictors.regression import Floats

# Below this share of the squared lengths, a squared distance found as their difference has too few
# right digits for memberships that are compared to 1e-9.
_CANCELLED = 1e-5


@dataclass(frozen=True)
class FuzzyClusters:
    """Clusters that memberships of any point can be asked for.

    Attributes:
        centroids: ``(clusters, columns)``.
        fuzzifier: the coefficient m above 1: how much clusters overlap.
        iterations: updates of memberships and centroids that were made.
        change: the largest change of a membership in the last one.
    """

    centroids: Floats
    fuzzifier: float
    iterations: int = 0
    change: float = 0.0

    def memberships(self, points: Floats) -> Floats:
        """Return the memberships of points ``(n, columns)``, Equation 2: ``(n, clusters)``.

        They are in [0, 1] and sum to 1. A point on a centroid is a member of that cluster alone,
        the limit of the equation; on several, of each in equal parts.
        """
        return _memberships(points, self.centroids, self.fuzzifier)[0]


def fit_clusters(
    points: Floats,
    clusters: int,
    fuzzifier: float,
    rng: np.random.Generator,
    *,
    most_iterations: int = 10_000,
    tolerance: float = 1e-9,
) -> FuzzyClusters:
    """Find the centroids of points, from distant points of theirs on (k-means++).

    Memberships (Equation 2) and centroids (Equation 3) are updated in turn, until no membership
    changes by more than ``tolerance`` (Equation 4) or ``most_iterations`` updates are made.

    Where the fuzzifier is large for the shape of the points, their mean is a stable solution for
    all centroids at once and every membership ends at ``1 / clusters`` (Yu, Cheng and Huang 2004).

    Args:
        points: ``(n, columns)``, finite.
        clusters: number of centroids, at least 2.
        fuzzifier: the coefficient m, above 1.
        rng: chooses the points to start from.
        most_iterations: published 10,000.
        tolerance: published 1e-9.

    Raises:
        ValueError: arguments out of range, or fewer distinct points than clusters.
    """
    if clusters < 2 or fuzzifier <= 1:
        raise ValueError(
            f"fuzzy c-means needs at least 2 clusters and m above 1, got {clusters} and {fuzzifier}"
        )
    points = np.asarray(points, dtype=np.float64)
    distinct = len(np.unique(points, axis=0))
    if distinct < clusters:
        raise ValueError(f"{distinct} distinct points cannot make {clusters} clusters")
    # Around zero, squared lengths are small, and so is what their differences lose.
    centre = points.mean(axis=0)
    points = points - centre
    centroids, _ = kmeans_plusplus(
        points, clusters, random_state=int(rng.integers(np.iinfo(np.int32).max))
    )
    degrees, powers = _memberships(points, centroids, fuzzifier)
    change, iteration = np.inf, 0
    while change > tolerance and iteration < most_iterations:
        centroids = (powers.T @ points) / powers.sum(axis=0)[:, None]
        previous = degrees
        degrees, powers = _memberships(points, centroids, fuzzifier)
        change = float(np.abs(np.subtract(degrees, previous, out=previous)).max())
        iteration += 1
    return FuzzyClusters(centroids + centre, fuzzifier, iteration, change)


def _memberships(points: Floats, centroids: Floats, fuzzifier: float) -> tuple[Floats, Floats]:
    """Return memberships and, for the centroids, their powers ``U ** m``: ``(n, clusters)``."""
    distances = squared_distances(points, centroids)
    nearest = distances.min(axis=1, keepdims=True)
    # Relative to the nearest centroid nothing overflows; on a centroid it is a count of those.
    with np.errstate(invalid="ignore"):
        ratios = np.where(nearest > 0, nearest / distances, distances == 0)
    degrees: Floats = ratios ** (1 / (fuzzifier - 1))
    sums = degrees.sum(axis=1, keepdims=True)
    degrees /= sums
    # (r ** (1 / (m - 1)) / s) ** m is the membership times r / s ** (m - 1): no second power.
    ratios *= degrees
    ratios *= sums ** (1 - fuzzifier)
    return degrees, ratios


def squared_distances(points: Floats, centroids: Floats) -> NDArray[np.float64]:
    """Return squared Euclidean distances ``(n, clusters)``, to nearly full precision."""
    lengths = np.einsum("ij,ij->i", points, points)[:, None]
    scales = lengths + np.einsum("ij,ij->i", centroids, centroids)
    distances: Floats = points @ centroids.T
    distances *= -2
    distances += scales
    scales *= _CANCELLED
    rows, columns = np.nonzero(distances <= scales)
    differences = points[rows] - centroids[columns]
    distances[rows, columns] = np.einsum("ij,ij->i", differences, differences)
    return distances
