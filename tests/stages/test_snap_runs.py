from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stages.files import ORIGIN

from nascast.io.parquet import read_parquet, write_parquet, write_table
from nascast.predictors.snap.settings import PAPER, TG_NAS
from nascast.stages.snap_runs import (
    SNAP_RUNS_SCHEMA,
    held_out_cells,
    read_vectors,
    recipe_settings,
    run_rows,
    training_cells,
)

SIZES = np.repeat([3, 5, 7], [10, 100, 890])


def test_vectors_are_read_by_operation(tmp_path: Path) -> None:
    kind = pa.list_(pa.float32())
    schema = pa.schema([("operation", pa.string()), ("sentence", pa.string()), ("vector", kind)])
    rows = {
        "operation": ["none", "input"],
        "sentence": ["None", "Input"],
        "vector": [[1, 0.5], [2, 3]],
    }
    table = pa.table(rows, schema=schema)
    write_table(table, tmp_path / "minilm-short.parquet", schema, ORIGIN)
    vectors = read_vectors(tmp_path / "minilm-short.parquet")
    assert {name: vector.tolist() for name, vector in vectors.items()} == {
        "none": [1, 0.5], "input": [2, 3]
    }  # fmt: skip
    assert vectors["none"].dtype == np.float32


def test_a_recipe_changes_a_preset() -> None:
    assert recipe_settings("paper", {}) is not None
    assert recipe_settings("paper", {}) == PAPER
    changed = recipe_settings("tg_nas", {"target": "rank", "epochs": 3})
    assert (changed.target, changed.epochs, changed.readout) == ("rank", 3, TG_NAS.readout)


@given(cells=st.integers(1, 1000), seed=st.integers(0, 5))
def test_any_number_of_cells_has_the_sizes_of_all(cells: int, seed: int) -> None:
    rows = training_cells(SIZES, cells, seed)
    assert len(set(rows.tolist())) == cells
    assert rows.tolist() == sorted(rows.tolist())
    for size in (3, 5, 7):
        wanted = cells * np.mean(size == SIZES)
        assert abs((SIZES[rows] == size).sum() - wanted) <= 1.5


def test_larger_draws_hold_the_smaller_ones_and_seeds_differ() -> None:
    few, many = (set(training_cells(SIZES, n, 0).tolist()) for n in (50, 400))
    assert few < many
    assert few != set(training_cells(SIZES, 50, 1).tolist())
    assert training_cells(SIZES, None, 0).tolist() == list(range(1000))
    with pytest.raises(ValueError, match="1001 training cells are asked for, and 1000"):
        training_cells(SIZES, 1001, 0)


def test_held_out_cells_are_not_trained_on_while_there_are_any() -> None:
    trained = training_cells(SIZES, 400, 3)
    held = held_out_cells(SIZES, trained, 200, 3)
    assert len(held) == 200
    assert not set(held.tolist()) & set(trained.tolist())
    assert abs((SIZES[held] == 5).sum() - 20) <= 1
    few = held_out_cells(SIZES, training_cells(SIZES, 950, 3), 200, 3)
    assert len(few) == 50
    everything = np.arange(1000)
    assert len(held_out_cells(SIZES, everything, 200, 3)) == 200


def test_rows_are_what_the_schema_says(tmp_path: Path) -> None:
    epochs = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)
    constant = {
        "recipe": "a", "seed": np.int32(0), "task": "s-c", "part": "target", "fit_seconds": 0.0,
        "query_seconds": 0.0,
    }  # fmt: skip
    scores = np.array([0.5, 0.25])
    watched = run_rows(["x", "y"], scores, {"y": 0.75}, epochs, none_free=True, **constant)
    others = run_rows(["x", "y"], scores, {}, none_free=[True, False], **constant)
    path = tmp_path / "run.parquet"
    frame = pd.concat([watched, others.assign(task="s-d")], ignore_index=True)
    write_parquet(frame, path, SNAP_RUNS_SCHEMA, ORIGIN)
    read = read_parquet(path)
    assert read["label"].isna().tolist() == [True, False, True, True]
    assert read["epoch_predictions"].iloc[1].tolist() == [2, 4, 6]
    assert read["epoch_predictions"].iloc[2] is None
    assert read["none_free"].tolist() == [True, True, True, False]
