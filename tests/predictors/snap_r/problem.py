"""A small problem: labels that rise in convolutions and fall in pools."""

from __future__ import annotations

import numpy as np

from nascast.predictors.snap_r.members import Features
from nascast.predictors.snap_r.scales import Floats

COLUMNS = ("count:conv", "count:pool", "shape:dead")


def cells(count: int, seed: int = 0) -> tuple[Features, Floats]:
    """Features of random cells, none of them dead, and their labels."""
    rng = np.random.default_rng(seed)
    features = np.zeros((count, 3), dtype=np.float32)
    features[:, 0] = rng.integers(0, 6, size=count)
    features[:, 1] = rng.integers(0, 4, size=count)
    labels = features[:, 0] - 0.5 * features[:, 1] + 0.05 * rng.standard_normal(count)
    return features, labels.astype(np.float64)
