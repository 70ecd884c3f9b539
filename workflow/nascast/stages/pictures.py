"""Picks what the report's figures of traces show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.io.parquet import read_table
from nascast.stages.features import networks_of
from nascast.traces.records import TENSORS, dense_arrays
from nascast.traces.statistics import STATISTICS


def network_trace(
    path: Path | str, labels: pd.Series[float], *, tensor: str, statistic: str
) -> tuple[NDArray[np.float32], list[int], str]:
    """Return one statistic's global values of the best labelled network in a trace shard.

    Returns:
        values ``(snapshots, layers)``, the mini-batches of the snapshots, and the arch_id.
    """
    table = read_table(path)
    best = max(networks_of(table), key=lambda arch_id: labels[arch_id])
    arrays = dense_arrays(table, [best])
    values = arrays.values[0, :, TENSORS.index(tensor), :, STATISTICS.index(statistic), 0]
    return values, [int(step) for step in arrays.steps], best
