import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nascast.io.atomic import WriteError
from nascast.io.parquet import (
    ParquetError,
    SchemaError,
    read_parquet,
    read_provenance,
    read_table,
    read_tables,
    write_parquet,
    write_table,
    write_tables,
)
from nascast.io.provenance import Provenance

SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        ("seed", pa.int64()),
        ("val_acc", pa.float64()),
        ("curve", pa.list_(pa.float32())),
    ]
)
PROVENANCE = Provenance("labels", "f", "c", {"in": "0"}, {"python": "3"}, "cpu", 1)


def frame() -> pd.DataFrame:
    curves = [np.array([0.5, np.nan]), None, [0.25]]
    return pd.DataFrame(
        {
            "arch_id": ["a", "b", "c"],
            "seed": [-1, 777, 2**40],
            "val_acc": [0.9, np.nan, 0.1],
            "curve": pd.Series(curves, dtype=object),
        }
    )


def write(path: Path, data: pd.DataFrame | None = None) -> Path:
    write_parquet(frame() if data is None else data, path, SCHEMA, PROVENANCE)
    return path


def test_round_trip(tmp_path: Path) -> None:
    back = read_parquet(write(tmp_path / "labels.parquet"), schema=SCHEMA)
    assert list(back.columns) == SCHEMA.names
    assert list(back["arch_id"]) == ["a", "b", "c"]
    assert back["seed"].dtype == np.int64
    assert list(back["seed"]) == [-1, 777, 2**40]
    np.testing.assert_array_equal(back["val_acc"], [0.9, np.nan, 0.1])
    np.testing.assert_array_equal(back["curve"][0], np.array([0.5, np.nan], dtype=np.float32))
    assert back["curve"][0].dtype == np.float32
    assert back["curve"][1] is None


def test_missing_numbers_are_null_and_nan_in_lists_stays(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "labels.parquet"))
    assert table["val_acc"].null_count == 1
    assert table["curve"].to_pylist()[1:] == [None, [0.25]]
    assert np.isnan(table["curve"].to_pylist()[0][1])


@given(
    hnp.arrays(np.float64, st.integers(0, 20), elements=st.floats(allow_nan=False)),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=20, max_size=20),
)
def test_any_numbers_and_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, numbers: np.ndarray, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("p") / "x.parquet"
    schema = pa.schema([("x", pa.float64()), ("t", pa.string())])
    texts = texts[: len(numbers)]
    data = pd.DataFrame({"x": numbers, "t": pd.Series(texts, dtype=object)})
    write_parquet(data, path, schema, PROVENANCE)
    back = read_parquet(path)
    np.testing.assert_array_equal(back["x"].to_numpy(), numbers)
    assert list(back["t"]) == texts


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    first = write(tmp_path / "a.parquet").read_bytes()
    shuffled = frame()[["curve", "seed", "arch_id", "val_acc"]]
    shuffled.index = pd.Index([9, 8, 7])
    second = write(tmp_path / "elsewhere" / "b.parquet", shuffled).read_bytes()
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_provenance_rides_along(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.parquet")
    assert read_provenance(path) == PROVENANCE
    pq.write_table(pa.table({"x": [1]}), tmp_path / "foreign.parquet")
    with pytest.raises(ParquetError, match=r"foreign\.parquet holds no provenance"):
        read_provenance(tmp_path / "foreign.parquet")


def test_is_zstd_with_checksums(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.parquet")
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"
    data = bytearray(path.read_bytes())
    data[column.data_page_offset + 40] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ParquetError, match=r"labels\.parquet is not a whole Parquet file"):
        read_parquet(path)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("seed", [1.5, 2.0, 3.0], "column seed of .*x.parquet must be int64, got float64"),
        ("seed", [1.0, np.nan, 3.0], "column seed .* must be int64, got float64"),
        ("seed", ["1", "2", "3"], "column seed .* must be int64, got str"),
        ("val_acc", ["0.1", "0.2", "0.3"], "column val_acc .* must be double"),
        ("val_acc", [True, False, True], "column val_acc .* got bool"),
        ("arch_id", [1, 2, 3], "column arch_id .* must be string, got int64"),
        ("arch_id", ["a", None, "c"], "column arch_id .* has nulls"),
        ("curve", [0.1, 0.2, 0.3], "column curve .* must be list"),
        ("curve", [1, 2, 3], "column curve .* must be list"),
        ("curve", [["a"], [], []], "column curve .* must be list"),
        ("extra", [1, 2, 3], "x.parquet has unknown column extra"),
    ],
)
def test_wrong_columns_are_named(
    tmp_path: Path, column: str, values: list[object], message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        write(tmp_path / "x.parquet", frame().assign(**{column: values}))
    assert list(tmp_path.iterdir()) == []


def test_missing_and_repeated_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="lacks columns seed, curve"):
        write(tmp_path / "x.parquet", frame().drop(columns=["seed", "curve"]))
    twice = pd.concat([frame(), frame()[["seed"]]], axis=1)
    with pytest.raises(SchemaError, match="repeats column seed"):
        write(tmp_path / "x.parquet", twice)


def test_write_table_checks_types(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.parquet"))
    write_table(table, tmp_path / "b.parquet", SCHEMA, PROVENANCE)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    wrong = table.set_column(1, "seed", table["seed"].cast(pa.float64()))
    with pytest.raises(SchemaError, match=r"column seed of .* must be int64, got double"):
        write_table(wrong, tmp_path / "b.parquet", SCHEMA, PROVENANCE)


def test_tables_are_written_and_read_one_after_another(tmp_path: Path) -> None:
    # NaN equals nothing, not even in a table.
    table = read_table(write(tmp_path / "whole.parquet", frame().assign(curve=[[0.5], None, []])))
    path, held = tmp_path / "parts.parquet", list[int]()

    def parts() -> Iterator[pa.Table]:
        for start in range(3):
            held.append(start)
            yield table.slice(start, 1)

    write_tables(parts(), path, SCHEMA, PROVENANCE)
    assert read_table(path).equals(table)
    assert read_provenance(path) == PROVENANCE
    groups = read_tables(path, ["val_acc", "arch_id"], SCHEMA)
    first = next(groups)
    assert (first.column_names, first.num_rows) == (["val_acc", "arch_id"], 1)
    assert [group["arch_id"].to_pylist() for group in groups] == [["b"], ["c"]]
    assert pa.concat_tables(read_tables([path, path])).num_rows == 6
    write_tables([], path, SCHEMA, PROVENANCE)
    assert read_table(path).equals(table.slice(0, 0))


def test_a_wrong_table_among_others_leaves_the_old_file(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.parquet", frame().assign(curve=[[0.5], None, []]))
    table = read_table(path)
    wrong = table.set_column(1, "seed", table["val_acc"])
    with pytest.raises(SchemaError, match=r"column seed of .* must be int64, got double"):
        write_tables([table, wrong], path, SCHEMA, PROVENANCE)
    nulls = table.set_column(0, "arch_id", pa.array([None, "b", "c"], pa.string()))
    with pytest.raises(SchemaError, match=r"column arch_id of .* has nulls"):
        write_tables([table, nulls], path, SCHEMA, PROVENANCE)
    assert read_table(path).equals(table)
    with pytest.raises(SchemaError, match="lacks test_acc"):
        next(read_tables(path, ["test_acc"]))
    with pytest.raises(ParquetError, match="does not exist"):
        next(read_tables(tmp_path / "none.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ParquetError, match="not a whole Parquet file"):
        next(read_tables(path))


def test_shards_come_in_numeric_order_without_a_shard_column(tmp_path: Path) -> None:
    for shard in (10, 2, 0):
        data = frame().assign(seed=shard)
        write(tmp_path / f"shard={shard}.parquet", data)
    (tmp_path / "notes.parquet").write_text("not a shard")
    back = read_parquet(tmp_path)
    assert list(back.columns) == SCHEMA.names
    assert list(back["seed"]) == [0] * 3 + [2] * 3 + [10] * 3
    files = [tmp_path / f"shard={shard}.parquet" for shard in (2, 0)]
    assert list(read_parquet(files)["seed"]) == [2] * 3 + [0] * 3


def test_columns_filters_and_schema(tmp_path: Path) -> None:
    path = write(tmp_path / "x.parquet")
    back = read_parquet(path, columns=["seed", "arch_id"], filters=[("val_acc", ">", 0.5)])
    assert back.to_dict("list") == {"seed": [-1], "arch_id": ["a"]}
    with pytest.raises(SchemaError, match=r"x\.parquet lacks loss; it has arch_id"):
        read_parquet(path, columns=["loss"])
    other = pa.schema([("seed", pa.int32())])
    with pytest.raises(SchemaError, match=r"column seed .* must be int32, got int64"):
        read_parquet(path, schema=other)


def test_files_that_disagree_are_named(tmp_path: Path) -> None:
    write(tmp_path / "shard=0.parquet")
    small = pa.schema([("arch_id", pa.string())])
    write_parquet(frame()[["arch_id"]], tmp_path / "shard=1.parquet", small, PROVENANCE)
    with pytest.raises(SchemaError, match=r"shard=1\.parquet lacks columns seed"):
        read_parquet(tmp_path)


def test_missing_truncated_and_empty_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ParquetError, match=r"gone\.parquet does not exist"):
        read_parquet(tmp_path / "gone.parquet")
    with pytest.raises(ParquetError, match="holds no shard"):
        read_parquet(tmp_path)
    with pytest.raises(ParquetError, match="no Parquet file was named"):
        read_parquet([])
    path = write(tmp_path / "x.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    for read in (read_parquet, read_provenance):
        with pytest.raises(ParquetError, match=r"x\.parquet is not a whole Parquet file.*delete"):
            read(path)


def test_a_disk_that_runs_full_leaves_the_old_file(tmp_path: Path) -> None:
    """A limit on file sizes makes the system refuse the write itself, as a full disk does."""
    path = write(tmp_path / "x.parquet")
    before = path.read_bytes()
    program = f"""
import resource, sys
# Under the limit Python would truncate the bytecode of whatever it imports, for every later run.
sys.dont_write_bytecode = True
import numpy as np, pandas as pd, pyarrow as pa
from pathlib import Path
from nascast.io.atomic import WriteError
from nascast.io.parquet import write_parquet
from nascast.io.provenance import Provenance
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
data = pd.DataFrame({{"x": np.random.default_rng(0).normal(size=50_000)}})
provenance = Provenance("s", "f", "c", {{}}, {{}})
try:
    write_parquet(data, Path({str(path)!r}), pa.schema([("x", pa.float64())]), provenance)
except WriteError as error:
    sys.exit(f"refused: {{error}}")
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, env={"PYTHONPATH": ":".join(sys.path)}, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"refused: cannot write {path}: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.parquet"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot write"):
        write(tmp_path / "file" / "x.parquet")
