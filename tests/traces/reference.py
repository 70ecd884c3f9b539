"""The twelve statistics written with NumPy and SciPy, one tensor at a time, in float64."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from nascast.traces.statistics import STATISTICS, WIDTH

REDUCERS = {
    "mean": np.nanmean,
    "variance": np.nanvar,
    "median": np.nanmedian,
    "std": np.nanstd,
    "max": np.nanmax,
    "min": np.nanmin,
    "covariance": lambda x, axis: np.nanvar(x, axis=axis, ddof=1),
    "skewness": lambda x, axis: stats.skew(x, axis=axis, nan_policy="omit"),
    "kurtosis": lambda x, axis: stats.kurtosis(x, axis=axis, nan_policy="omit"),
    "percentiles": lambda x, axis: np.nanpercentile(x, (0, 25, 75, 50, 100), axis=axis),
    "l1_norm": lambda x, axis: np.nansum(np.abs(x), axis=axis),
    "l2_norm": lambda x, axis: np.sqrt(np.nansum(x**2, axis=axis)),
}


def reference_statistics(tensor: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ``(12, 100)``; non-finite numbers are left out, undefined values are 0."""
    x = np.where(np.isfinite(tensor), tensor, np.nan).astype(np.float64)
    table = x.reshape(-1, x.shape[-1])
    result = np.zeros((len(STATISTICS), WIDTH))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for position, statistic in enumerate(STATISTICS):
            reduce = REDUCERS[statistic]
            values = np.atleast_1d(reduce(x.ravel(), axis=0))
            if statistic in ("covariance", "l1_norm"):
                values = np.concatenate([values, reduce(table, axis=0)])
            elif statistic != "percentiles":
                values = np.concatenate([values, reduce(table, axis=1)])
            values = np.asarray(values, dtype=np.float64)[:WIDTH]
            result[position, : len(values)] = np.nan_to_num(values, nan=0.0)
    return result
