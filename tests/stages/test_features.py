"""Features from files: every network gets its own numbers, whatever the order of the files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from tests.stages.files import ORIGIN
from tests.traces.test_records import make_trace

from nascast.evaluation.observations import NEVER, FeatureTable
from nascast.io.parquet import write_table
from nascast.labels.schema import LABELS, METRIC_COLUMNS, to_table
from nascast.spaces.shortcuts import COLUMNS
from nascast.stages.features import (
    all_labels,
    networks_of,
    read_label_shards,
    read_labels,
    read_task,
    steps_per_epoch,
    trace_of,
    vectors_array,
    vectors_table,
)
from nascast.stages.schemas import CODES_SCHEMA, VECTORS_SCHEMA
from nascast.traces.protocol import NetworkTrace
from nascast.traces.records import STEPS_SCHEMA, steps_table

STEPS = np.array([10, 20], dtype=np.int32)


def make_vectors(names: Sequence[str], snapshots: int, width: int) -> np.ndarray:
    numbers = np.arange(len(names) * snapshots * width, dtype=np.float32)
    return numbers.reshape(len(names), snapshots, width)


@settings(deadline=None)
@given(st.permutations("abcde"), st.integers(1, 5), st.integers(1, 4), st.integers(1, 5))
def test_vectors_come_back_in_the_order_wanted(
    wanted: list[str], count: int, snapshots: int, width: int
) -> None:
    names, values = list("ecadb"), make_vectors("ecadb", snapshots, width)
    table = vectors_table(names, np.arange(1, snapshots + 1, dtype=np.int32) * 10, values)
    assert table.schema == VECTORS_SCHEMA
    assert networks_of(table) == names
    expected = values[[names.index(name) for name in wanted[:count]]]
    np.testing.assert_array_equal(vectors_array(table, wanted[:count]), expected)


def test_vectors_of_several_shards_and_columns() -> None:
    """As the codes of an experiment are stored: more columns, and several blocks of rows."""
    values = make_vectors("abcd", 2, 3)
    shards = [
        vectors_table(list(names), STEPS, part)
        for names, part in (("ab", values[:2]), ("cd", values[2:]))
    ]
    table = pa.concat_tables(shards)
    trace = pa.array(["cells-discs-sgd"] * table.num_rows, pa.string())
    table = table.add_column(0, CODES_SCHEMA.field("trace"), trace)
    assert table.schema == CODES_SCHEMA
    np.testing.assert_array_equal(vectors_array(table, "dbca"), values[[3, 1, 2, 0]])
    sliced = table.slice(4)
    np.testing.assert_array_equal(vectors_array(sliced, "dc"), values[[3, 2]])


def test_vectors_that_do_not_fit_are_refused() -> None:
    table = vectors_table(list("abc"), STEPS, make_vectors("abc", 2, 3))
    with pytest.raises(ValueError, match="no vectors of 1 of 2 networks, for example x"):
        vectors_array(table, ["a", "x"])
    uneven = pa.concat_tables([table.slice(0, 3), table.slice(4, 1)])
    assert networks_of(uneven) == ["a", "b", "c"]
    shuffled = table.take(pa.array([0, 2, 1, 3, 4, 5]))
    later = pa.concat_tables(
        [table.slice(0, 4), vectors_table(["c"], STEPS + 10, make_vectors("c", 2, 3))]
    )
    for wrong in (uneven, shuffled, later):
        with pytest.raises(ValueError, match="are not at the same mini-batches"):
            vectors_array(wrong, "ab")


def traced(seed: int, **changes: Any) -> NetworkTrace:
    """20 mini-batches, evaluated after 5 and 20."""
    trace = make_trace(3, seed)
    sparse = np.full(20, np.nan, dtype=np.float32)
    sparse[[4, 19]] = [seed, seed + 0.5]
    return replace(trace, **{"val_loss": sparse, "val_acc": sparse / 10, **changes})


def diverging(after: int) -> dict[str, Any]:
    """A loss that is lost from one mini-batch on, the validation with it."""
    losses = np.ones(20, dtype=np.float32)
    losses[after - 1 :] = np.nan
    validation = np.full(20, np.nan, dtype=np.float32)
    return {"train_loss": losses, "val_loss": validation, "status": "diverged"}


TRACES = {
    "a": traced(1),
    "b": traced(2, **diverging(after=13)),
    "c": traced(3, status="dead"),
    "d": traced(4),
}
SIZES = pd.DataFrame(
    {
        "canonical_id": list("DBCA"),
        "spec": ["the spec"] * 4,
        **{name: np.arange(4) + 10 * place for place, name in enumerate(COLUMNS)},
    },
    index=pd.Index(list("dbca"), name="arch_id"),
)


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    paths = []
    for number, names in enumerate(("ab", "cd")):
        path = tmp_path / f"shard={number}.parquet"
        table = steps_table({name: TRACES[name] for name in names})
        write_table(table, path, STEPS_SCHEMA, ORIGIN)
        paths.append(path)
    return paths


@pytest.fixture
def table(shards: list[Path]) -> FeatureTable:
    vectors = {"trace_summary": make_vectors("dbca", 2, 3)}
    return read_task(shards, SIZES, vectors, STEPS)


def test_a_task_holds_the_numbers_of_every_network(table: FeatureTable) -> None:
    assert table.arch_ids == tuple("dbca")
    assert set(table.arrays) == {"size", "step_losses", "val_loss", "val_acc", "trace_summary"}
    assert table.evaluation_steps.tolist() == [5, 20]
    for row, name in enumerate("dbca"):
        trace = TRACES[name]
        np.testing.assert_array_equal(table.arrays["step_losses"][row], trace.train_loss)
        np.testing.assert_array_equal(table.arrays["val_loss"][row], trace.val_loss[[4, 19]])
        np.testing.assert_array_equal(table.arrays["val_acc"][row], trace.val_acc[[4, 19]])
        np.testing.assert_array_equal(table.seconds[row], trace.seconds)
    np.testing.assert_array_equal(table.arrays["trace_summary"], make_vectors("dbca", 2, 3))
    assert table.arrays["step_losses"].dtype == np.float32


def test_order_and_number_of_shards_change_nothing(
    table: FeatureTable, shards: list[Path], tmp_path: Path
) -> None:
    whole = tmp_path / "whole.parquet"
    write_table(steps_table(TRACES), whole, STEPS_SCHEMA, ORIGIN)
    for files in (shards[::-1], [whole]):
        other = read_task(files, SIZES, {}, STEPS)
        for name in ("step_losses", "val_loss", "val_acc"):
            np.testing.assert_array_equal(other.arrays[name], table.arrays[name])
        np.testing.assert_array_equal(other.failed_after, table.failed_after)


def test_size_is_the_five_counts_and_no_spec(table: FeatureTable) -> None:
    seen = table.observe("ad", 10, frozenset({"size"})).feature("size")
    assert tuple(seen.columns) == COLUMNS
    assert seen["params"].tolist() == [3, 0]


def test_failures_are_known_when_they_show(table: FeatureTable) -> None:
    """A loss that is not finite at once; no gradient in the first layer at the first snapshot."""
    assert dict(zip("dbca", table.failed_after.tolist(), strict=True)) == {
        "a": NEVER,
        "b": 13,
        "c": 10,
        "d": NEVER,
    }
    assert not table.failed("abcd", 9).any()
    assert table.failed("abcd", 12).tolist() == [False, False, True, False]
    assert table.failed("abcd", 20).tolist() == [False, True, True, False]


def test_networks_that_were_not_trained_are_named(shards: list[Path]) -> None:
    sizes = pd.concat([SIZES, SIZES.rename(index={"a": "x"}).loc[["x"]]])
    with pytest.raises(ValueError, match="no partial training of 1 of 5 networks, for example x"):
        read_task(shards, sizes, {}, STEPS)


def label(arch_id: str, seed: int, images: str = "discs", **values: float | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(LABELS.names)
    return row | {
        "arch_id": arch_id,
        "canonical_id": arch_id.upper(),
        "space": "cells",
        "spec": arch_id,
        "images": images,
        "seed": seed,
        "epochs": 2,
        "status": "ok",
        "source": "test",
        **values,
    }


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    rows = [
        label("a", 0, test_acc=0.5, test_loss=1.0),
        label("a", 1, test_acc=0.7, test_loss=2.0),
        label("b", 0, test_acc=0.2, test_loss=3.0),
        label("b", 0, "rings", test_acc=0.9, test_loss=0.5),
        label("c", 0, "rings", test_acc=0.8, val_acc=0.85),
    ]
    path = tmp_path / "labels.parquet"
    write_table(to_table(pd.DataFrame(rows)), path, LABELS, ORIGIN)
    return path


def test_a_label_is_the_mean_over_seeds_on_its_image_set(labels: Path) -> None:
    assert read_labels(labels, "discs", "test_acc", ["b", "a"]) == pytest.approx(
        {"b": 0.2, "a": 0.6}
    )
    assert read_labels(labels, "rings", "test_acc", ["b"]) == {"b": 0.9}
    assert read_labels(labels, "rings", "val_acc", ["c"]) == {"c": 0.85}


def test_all_labels_are_those_of_networks_that_have_one(labels: Path) -> None:
    assert all_labels(labels, "discs", "test_acc") == pytest.approx({"a": 0.6, "b": 0.2})
    assert all_labels(labels, "rings", "val_acc") == {"c": 0.85}
    assert all_labels(labels, "squares", "test_acc") == {}


def test_the_score_is_the_mean_probability_of_the_right_class(labels: Path) -> None:
    expected = {"a": np.exp(-1.5), "b": np.exp(-3)}
    assert read_labels(labels, "discs", "test_score", ["a", "b"]) == pytest.approx(expected)


def test_a_label_may_be_another_metric(tmp_path: Path) -> None:
    rows = [
        label("a", seed, "room_layout", metric="negative_l2", test_metric=-value, test_loss=value)
        for seed, value in enumerate((0.5, 0.7))
    ]
    path = tmp_path / "labels.parquet"
    write_table(to_table(pd.DataFrame(rows)), path, LABELS, ORIGIN)
    assert read_labels(path, "room_layout", "test_metric", ["a"]) == pytest.approx({"a": -0.6})


def test_shards_from_before_and_after_other_metrics_are_read_together(
    labels: Path, tmp_path: Path
) -> None:
    names = [name for name in LABELS.names if name not in METRIC_COLUMNS]
    early = pa.schema([LABELS.field(name) for name in names])
    rows = to_table(pd.DataFrame([label("d", 0, test_acc=0.3)]))
    write_table(rows.select(names), tmp_path / "early.parquet", early, ORIGIN)
    read = read_label_shards([tmp_path / "early.parquet", labels])
    assert list(read["arch_id"]) == ["d", "a", "a", "b", "b", "c"]
    table = to_table(read)
    assert table.schema.equals(LABELS)
    assert table["metric"].null_count == 6


@pytest.mark.parametrize(
    ("images", "column", "wanted", "message"),
    [
        ("discs", "test_acc", "abc", r"no test_acc on discs in .* of 1 of 3 networks, .* c"),
        ("squares", "test_acc", "a", r"no test_acc on squares in .* of 1 of 1 networks"),
        ("discs", "val_acc", "ab", r"no val_acc on discs in .* of 2 of 2 networks, for example a"),
        ("rings", "test_score", "bc", r"no test_score on rings in .* of 1 of 2 networks, .* c"),
    ],
)
def test_a_network_without_label_is_named(
    images: str, column: str, wanted: str, message: str, labels: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        read_labels(labels, images, column, list(wanted))


@pytest.mark.parametrize(("batch", "expected"), [(8, 10), (9, 9), (80, 1), (1000, 1)])
def test_an_epoch_is_one_pass_over_what_is_trained_on(
    batch: int, expected: int, tmp_path: Path
) -> None:
    path = tmp_path / "images.safetensors"
    metadata = {"image_set": json.dumps({"validation": 20})}
    save_file({"train_labels": torch.zeros(100)}, path, metadata=metadata)
    assert steps_per_epoch(path, batch) == expected


def test_a_trace_is_called_after_its_folder() -> None:
    path = "results/mini/traces/cells-rings-120-sgd/steps/shard=3.parquet"
    assert trace_of(path) == trace_of(Path(path)) == "cells-rings-120-sgd"


def test_features_are_read_without_torch() -> None:
    """Jobs of crude methods need not wait for it."""
    program = (
        "import sys, nascast.stages.features; sys.exit('torch' in sys.modules and 'loads torch')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stderr.strip() == ""
