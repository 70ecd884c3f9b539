"""A trace in short: 54 numbers a snapshot, for methods that need a short vector.

For each tensor (weight, gradient) and each of the 12 statistics there are two numbers: the mean
over the network's real layers of the global value, and the mean over those layers of the average
of the values behind it (rows or indices of the last axis). Padding never enters: neither layers
behind the last one nor the zero tail behind a statistic's last defined number.

Behind them stand the number of layers, the number of those that a gradient reaches, and the sums of
the global norms over the layers. An average alone hides how many layers there are, which every
trace shows and which, as any measure of size, ranks networks fairly well by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nascast.traces.records import TENSORS, TraceArrays
from nascast.traces.statistics import STATISTICS

PARTS = ("global", "behind")
NORMS = ("l1_norm", "l2_norm")
# The order of the last axis of :func:`summarise`.
SUMMARY_COLUMNS = (
    *(
        f"{tensor} {statistic} {part}"
        for tensor in TENSORS
        for statistic in STATISTICS
        for part in PARTS
    ),
    "layers",
    "layers with a gradient",
    *(f"{tensor} {norm} total" for tensor in TENSORS for norm in NORMS),
)
_L1, _L2 = STATISTICS.index("l1_norm"), STATISTICS.index("l2_norm")
_COVARIANCE, _PERCENTILES = STATISTICS.index("covariance"), STATISTICS.index("percentiles")
_PERCENTILES_BEHIND = 4


def summarise(arrays: TraceArrays) -> NDArray[np.float32]:
    """Average the statistics of every network over its layers.

    One network is averaged at a time, so the memory needed beside the result does not grow with
    their number.

    Returns:
        float32, finite, ``(networks, snapshots, 54)`` in the order of :data:`SUMMARY_COLUMNS`.
    """
    networks, snapshots = arrays.values.shape[:2]
    result = np.empty((networks, snapshots, len(SUMMARY_COLUMNS)), dtype=np.float32)
    for position, real in enumerate(arrays.layers):
        values = arrays.values[position, :, :, :real]
        whole = values[..., 0].mean(axis=2, dtype=np.float64)
        counts = _numbers_behind(values)
        behind = (values[..., 1:].sum(axis=-1, dtype=np.float64) / counts).mean(axis=2)
        averages = np.stack([whole, behind], axis=-1).reshape(snapshots, -1)
        result[position] = np.concatenate([averages, _sizes(values[..., 0])], axis=1)
    return result


def _sizes(whole: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the last six columns from the global values ``(snapshots, 2, layers, 12)``."""
    norms = whole[..., [_L1, _L2]]
    gradient = TENSORS.index("gradient")
    reached = np.count_nonzero(norms[:, gradient, :, 1], axis=1)
    totals = norms.sum(axis=2, dtype=np.float64).reshape(len(whole), -1)
    return np.column_stack([np.full(len(whole), whole.shape[2]), reached, totals])


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
