"""Crude averages of a trace: 48 numbers a snapshot, for baselines that need a short vector.

For each tensor (weight, gradient) and each of the 12 statistics there are two numbers: the mean
over the network's real layers of the global value, and the mean over those layers of the average
of the values behind it (rows or indices of the last axis). Padding never enters: neither layers
behind the last one nor the zero tail behind a statistic's last defined number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nascast.traces.records import TENSORS, TraceArrays
from nascast.traces.statistics import STATISTICS

PARTS = ("global", "behind")
# The order of the last axis of :func:`summarise`.
SUMMARY_COLUMNS = tuple(
    f"{tensor} {statistic} {part}"
    for tensor in TENSORS
    for statistic in STATISTICS
    for part in PARTS
)
_L1, _L2 = STATISTICS.index("l1_norm"), STATISTICS.index("l2_norm")
_COVARIANCE, _PERCENTILES = STATISTICS.index("covariance"), STATISTICS.index("percentiles")
_PERCENTILES_BEHIND = 4


def summarise(arrays: TraceArrays) -> NDArray[np.float32]:
    """Average the statistics of every network over its layers.

    One network is averaged at a time, so the memory needed beside the result does not grow with
    their number.

    Returns:
        float32, finite, ``(networks, snapshots, 48)`` in the order of :data:`SUMMARY_COLUMNS`.
    """
    networks, snapshots = arrays.values.shape[:2]
    result = np.empty((networks, snapshots, len(SUMMARY_COLUMNS)), dtype=np.float32)
    for position, real in enumerate(arrays.layers):
        values = arrays.values[position, :, :, :real]
        whole = values[..., 0].mean(axis=2, dtype=np.float64)
        counts = _numbers_behind(values)
        behind = (values[..., 1:].sum(axis=-1, dtype=np.float64) / counts).mean(axis=2)
        result[position] = np.stack([whole, behind], axis=-1).reshape(snapshots, -1)
    return result


def _numbers_behind(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return how many numbers each statistic defines behind the global one, ``(layers, 12)``.

    An array of traces does not carry the shapes, but the norms tell them: the L2 norm of a row and
    the L1 norm of an index of the last axis are zero only where there is no such row or index, or
    where every weight in it is zero throughout the training. At least 1, for layers of zeros.
    """
    weights = values[:, 0]
    rows, indices = (
        np.count_nonzero(weights[:, :, norm, 1:].any(axis=0), axis=-1) for norm in (_L2, _L1)
    )
    counts: NDArray[np.int64] = np.repeat(rows[:, None], len(STATISTICS), axis=1)
    counts[:, [_COVARIANCE, _L1]] = indices[:, None]
    counts[:, _PERCENTILES] = _PERCENTILES_BEHIND
    return counts.clip(min=1)
