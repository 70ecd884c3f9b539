"""Correlations between the images' Jacobians."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

OFFSET = 1e-5
"""Keeps logarithms and quotients finite; the value of both original codes."""


def correlations(rows: Tensor) -> NDArray[np.float64]:
    """Return the correlation matrix of the rows, float64; NaN where a row is constant.

    Args:
        rows: ``(n, numbers of an image)``.
    """
    # A network that ignores its images has constant rows: a fact that the NaN reports.
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.atleast_2d(np.corrcoef(rows.cpu().double().numpy()))
