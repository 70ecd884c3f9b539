from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nascast.traces.collector import RecordedTensor
from nascast.traces.protocol import NetworkTrace
from nascast.traces.records import (
    STATISTICS_SCHEMA,
    STEPS_SCHEMA,
    convolutions,
    dense_arrays,
    read_layers,
    statistics_table,
    steps_table,
)
from nascast.traces.statistics import STATISTICS, WIDTH, statistic_length

SHAPES = {"conv": (4, 3, 3, 3), "linear_weight": (5, 4), "linear_bias": (5,)}


def make_trace(depth: int, seed: int, steps: tuple[int, ...] = (10, 20)) -> NetworkTrace:
    """A network of ``depth`` layers whose every defined number differs from zero."""
    kinds = ["conv"] * (depth - 2) + ["linear_weight", "linear_bias"]
    tensors = tuple(
        RecordedTensor(layer, f"layer{layer}.{kind}", kind, SHAPES[kind])
        for layer, kind in enumerate(kinds)
    )
    rng = np.random.default_rng(seed)
    values = rng.uniform(1, 2, (len(steps), 2, depth, len(STATISTICS), WIDTH)).astype(np.float32)
    for tensor in tensors:
        for position, statistic in enumerate(STATISTICS):
            values[:, :, tensor.layer, position, statistic_length(statistic, tensor.shape) :] = 0
    count = steps[-1]
    losses = rng.uniform(1, 2, count).astype(np.float32)
    sparse = np.full(count, np.nan, dtype=np.float32)
    sparse[-1] = 0.5
    return NetworkTrace(
        tensors=tensors,
        snapshot_steps=np.array(steps, dtype=np.int32),
        statistics=values,
        train_loss=losses,
        train_acc=losses / 2,
        val_loss=sparse,
        val_acc=sparse,
        seconds=np.arange(count, dtype=np.float64),
        status="ok",
    )


@pytest.fixture
def traces() -> dict[str, NetworkTrace]:
    return {"a": make_trace(5, seed=0), "b": make_trace(8, seed=1), "c": make_trace(2, seed=2)}


def test_rows_nest_step_layer_tensor(traces: dict[str, NetworkTrace]) -> None:
    table = statistics_table(traces)
    assert table.schema.equals(STATISTICS_SCHEMA)
    assert len(table) == 2 * 2 * (5 + 8 + 2)
    first = table.slice(0, 4).to_pylist()
    assert [(row["layer"], row["tensor"]) for row in first] == [
        (0, "weight"), (0, "gradient"), (1, "weight"), (1, "gradient"),
    ]  # fmt: skip
    assert table["step"].to_pylist()[:20] == [10] * 10 + [20] * 10
    assert first[0]["shape"] == [4, 3, 3, 3]


def test_zero_tails_are_not_stored(traces: dict[str, NetworkTrace]) -> None:
    row = statistics_table(traces).to_pylist()[0]
    assert len(row["mean"]) == 1 + 4 * 3 * 3
    assert len(row["l1_norm"]) == len(row["covariance"]) == 1 + 3
    assert len(row["percentiles"]) == 5


def test_a_zero_inside_the_defined_numbers_is_stored() -> None:
    trace = make_trace(2, seed=0)
    trace.statistics[0, 0, 1, 0] = 0
    row = statistics_table({"a": trace}).to_pylist()[2]
    assert (row["layer"], row["tensor"], row["mean"]) == (1, "weight", [0.0, 0.0])


def test_arrays_survive_the_file(traces: dict[str, NetworkTrace], tmp_path: Path) -> None:
    pq.write_table(statistics_table(traces), tmp_path / "t.parquet")
    found = dense_arrays(pq.read_table(tmp_path / "t.parquet"), ["c", "a", "b"])
    assert found.arch_ids == ("c", "a", "b")
    assert found.steps.tolist() == [10, 20]
    assert found.layers.tolist() == [2, 5, 8]
    assert found.values.shape == (3, 2, 2, 8, 12, 100)
    for position, (arch_id, depth) in enumerate(zip("cab", (2, 5, 8), strict=True)):
        expected = traces[arch_id].statistics
        np.testing.assert_array_equal(found.values[position, :, :, :depth], expected)
        assert not found.values[position, :, :, depth:].any()


def test_rows_may_come_in_any_order_and_chunks(traces: dict[str, NetworkTrace]) -> None:
    table = statistics_table(traces)
    order = np.random.default_rng(0).permutation(len(table))
    shuffled = table.take(pa.array(order))
    pieces = pa.concat_tables([shuffled.slice(30), shuffled.slice(0, 30)])
    one, other = (dense_arrays(part, ["a", "b"]) for part in (table, pieces))
    np.testing.assert_array_equal(one.values, other.values)


def test_the_published_cut_keeps_the_first_65_layers() -> None:
    deep, shallow = make_trace(99, seed=0), make_trace(20, seed=1)
    table = statistics_table({"deep": deep, "shallow": shallow})
    cut = dense_arrays(table, ["deep", "shallow"], layer_cut=65)
    assert cut.values.shape[3] == 65
    assert cut.layers.tolist() == [99, 20]
    np.testing.assert_array_equal(cut.values[0], deep.statistics[:, :, :65])
    np.testing.assert_array_equal(cut.values[1, :, :, :20], shallow.statistics)
    assert dense_arrays(table, ["deep"]).values.shape[3] == 99
    assert dense_arrays(table, ["shallow"], layer_cut=65).values.shape[3] == 20


def test_layers_come_back(traces: dict[str, NetworkTrace]) -> None:
    found = read_layers(statistics_table(traces))
    assert found == {arch_id: trace.tensors for arch_id, trace in traces.items()}


def test_missing_networks_are_named(traces: dict[str, NetworkTrace]) -> None:
    with pytest.raises(ValueError, match=r"no trace of 2 networks, for example \['x', 'y'\]"):
        dense_arrays(statistics_table(traces), ["a", "x", "y"])


@pytest.mark.parametrize("steps", [(10,), (10, 30), (10, 20, 30)])
def test_networks_with_other_snapshots_are_refused(steps: tuple[int, ...]) -> None:
    table = statistics_table({"a": make_trace(4, 0), "b": make_trace(4, 1, steps)})
    with pytest.raises(ValueError, match="not recorded at the same mini-batches"):
        dense_arrays(table, ["a", "b"])
    assert dense_arrays(table, ["b"]).steps.tolist() == list(steps)


def test_steps_have_one_row_a_mini_batch(traces: dict[str, NetworkTrace]) -> None:
    table = steps_table(traces)
    assert table.schema.equals(STEPS_SCHEMA)
    frame = table.to_pandas()
    assert frame.groupby("arch_id", observed=True).step.agg(list)["b"] == list(range(1, 21))
    one = frame[frame.arch_id == "b"]
    np.testing.assert_array_equal(one.train_loss, traces["b"].train_loss)
    assert one.val_acc.isna().sum() == 19
    assert one.val_acc.iloc[-1] == 0.5


def test_losses_that_are_not_finite_are_null() -> None:
    trace = make_trace(2, seed=0)
    trace.train_loss[:3] = (np.nan, np.inf, -np.inf)
    assert steps_table({"a": trace})["train_loss"].null_count == 3


def test_convolutions_are_numbered_without_what_stands_between_them() -> None:
    rows = [
        ("a", 10, 0, "conv"), ("a", 10, 1, "linear_weight"), ("a", 10, 2, "conv"),
        ("b", 10, 0, "linear_bias"), ("b", 10, 3, "conv"), ("b", 20, 3, "conv"),
    ]  # fmt: skip
    names, steps, layers, kinds = zip(*rows, strict=True)
    table = pa.table(
        {
            "arch_id": pa.array(names).dictionary_encode(),
            "step": pa.array(steps, pa.int32()),
            "layer": pa.array(layers, pa.int16()),
            "kind": pa.array(kinds).dictionary_encode(),
        }
    )
    found = convolutions(table)
    assert found.schema == table.schema
    assert found["arch_id"].to_pylist() == ["a", "a", "b", "b"]
    assert found["layer"].to_pylist() == [0, 1, 0, 0]
    assert found["step"].to_pylist() == [10, 10, 10, 20]
