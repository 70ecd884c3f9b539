from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.stages.files import ORIGIN
from tests.traces.test_records import make_trace

from nascast.io.parquet import write_table
from nascast.stages.pictures import network_trace
from nascast.traces.records import STATISTICS_SCHEMA, TENSORS, statistics_table
from nascast.traces.statistics import STATISTICS


@pytest.mark.parametrize(("tensor", "statistic"), [("gradient", "l2_norm"), ("weight", "mean")])
def test_the_best_network_of_the_shard_is_shown(
    tensor: str, statistic: str, tmp_path: Path
) -> None:
    traces = {"a": make_trace(5, seed=0), "b": make_trace(3, seed=1), "c": make_trace(8, seed=2)}
    path = tmp_path / "shard=0.parquet"
    write_table(statistics_table(traces), path, STATISTICS_SCHEMA, ORIGIN)
    labels = pd.Series({"a": 0.5, "b": 0.9, "c": 0.1, "elsewhere": 1.0})
    values, steps, best = network_trace(path, labels, tensor=tensor, statistic=statistic)
    assert best == "b"
    assert steps == [10, 20]
    whole = traces["b"].statistics
    place = TENSORS.index(tensor), slice(None), STATISTICS.index(statistic), 0
    np.testing.assert_array_equal(values, whole[:, *place])
    assert values.shape == (2, 3)
