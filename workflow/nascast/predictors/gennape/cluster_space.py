"""Where networks are clustered: principal components of their embeddings, and their FLOPs.

Source: GENNAPE, "Soft-Clustering Ensemble" and supplement: embeddings are reduced to 32 components
and FLOPs are standardised by the training networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.regression import Floats


@dataclass(frozen=True)
class ClusterSpace:
    """A fitted map of embeddings and FLOPs to the points that are clustered.

    Components are found first and FLOPs come behind them as a column of their own; mixed with 128
    numbers, they would vanish among the components. All components are divided by one number, so
    that together they have the variance that FLOPs have, 1: the unit of an encoder decides nothing.

    Attributes:
        centre: mean embedding of the training networks, ``(width,)``.
        axes: principal axes divided by the components' scale, ``(width, components)``.
        flops_mean, flops_deviation: of the training networks, in GFLOPs.
    """

    centre: Floats
    axes: Floats
    flops_mean: float
    flops_deviation: float

    def points(self, embeddings: NDArray[np.floating], gflops: Floats) -> Floats:
        """Return the points of networks, ``(n, components + 1)``.

        Args:
            embeddings: ``(n, width)``.
            gflops: ``(n,)``, in units of 1e9 operations (two a multiply-add).
        """
        components = (np.asarray(embeddings, np.float64) - self.centre) @ self.axes
        flops = (np.asarray(gflops, np.float64) - self.flops_mean) / self.flops_deviation
        return np.column_stack([components, flops])

    def state(self) -> dict[str, Floats]:
        """Return the arrays that :meth:`from_state` needs."""
        flops = np.array([self.flops_mean, self.flops_deviation])
        return {"centre": self.centre, "axes": self.axes, "flops": flops}

    @classmethod
    def from_state(cls, arrays: Mapping[str, Floats]) -> ClusterSpace:
        """Rebuild a map from :meth:`state`."""
        mean, deviation = arrays["flops"]
        return cls(arrays["centre"], arrays["axes"], float(mean), float(deviation))


def fit_cluster_space(
    embeddings: NDArray[np.floating], gflops: Floats, components: int = 32
) -> ClusterSpace:
    """Fit the map to training networks.

    Args:
        embeddings: ``(n, width)``.
        gflops: ``(n,)``.
        components: how many are kept (published: 32); fewer where there are no more.

    Raises:
        ValueError: embeddings or FLOPs are all the same.
    """
    exact = np.asarray(embeddings, dtype=np.float64)
    centre = exact.mean(axis=0)
    exact = exact - centre
    # Of the covariance, not of the embeddings themselves: 128 columns however many networks.
    variances, axes = np.linalg.eigh(exact.T @ exact / len(exact))
    kept = min(components, len(variances), len(exact))
    variances, axes = variances[::-1][:kept], axes[:, ::-1][:, :kept]
    # The sign of an axis is the library's choice; it does not change a distance, but the numbers.
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(kept)] < 0, -1.0, 1.0)
    scale, deviation = float(np.sqrt(max(variances.sum(), 0.0))), float(np.std(gflops))
    if not (scale > 0 and deviation > 0):
        raise ValueError(
            f"{len(exact)} networks cannot be clustered: their embeddings (scale {scale:.3g}) or "
            f"FLOPs (deviation {deviation:.3g}) are all the same"
        )
    return ClusterSpace(centre, axes / scale, float(np.mean(gflops)), deviation)
