"""Parquet files with a checked schema, provenance inside, and no half-written state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nascast.errors import NascastError
from nascast.io.atomic import atomic_path
from nascast.io.provenance import Provenance

_PROVENANCE_KEY = b"nascast.provenance"
_SHARD = re.compile(r"shard=(\d+)\.parquet")

Filters = list[tuple[str, str, Any]] | list[list[tuple[str, str, Any]]]


class SchemaError(NascastError):
    """Columns differ from the file's schema; the message names the column and the file."""


class ParquetError(NascastError):
    """A Parquet file is missing, truncated or otherwise unreadable."""


def write_parquet(
    frame: pd.DataFrame, path: Path, schema: pa.Schema, provenance: Provenance
) -> None:
    """Write a frame's columns, in the schema's order, with provenance in the file's metadata.

    NaN and None in a plain column are stored as null; NaN inside a list stays NaN. The index is
    not stored. Equal input gives an equal file, byte for byte.

    Raises:
        SchemaError: a column is missing, superfluous, of the wrong type, or null where the schema
            forbids it.
        WriteError: the disk is full or the folder not writable; an older file is untouched.
    """
    _check_names([str(name) for name in frame.columns], schema, path)
    columns = [_to_arrow(frame[field.name], field, path) for field in schema]
    _write([pa.Table.from_arrays(columns, schema=schema)], path, schema, provenance)


def write_table(table: pa.Table, path: Path, schema: pa.Schema, provenance: Provenance) -> None:
    """Write an Arrow table like :func:`write_parquet`; types must equal the schema's exactly."""
    write_tables([table], path, schema, provenance)


def write_tables(
    tables: Iterable[pa.Table], path: Path, schema: pa.Schema, provenance: Provenance
) -> None:
    """Write Arrow tables behind each other into one file, each as :func:`write_table` does.

    No table is held longer than it takes to write it, so a generator may yield more rows than fit
    into memory. An error leaves an older file untouched.
    """

    def checked() -> Iterator[pa.Table]:
        for table in tables:
            _check_names(table.column_names, schema, path)
            _check_types(table.schema, schema, path)
            yield table.select(schema.names)

    _write(checked(), path, schema, provenance)


def read_parquet(
    path: Path | str | Sequence[Path | str],
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
    filters: Filters | None = None,
) -> pd.DataFrame:
    """Read one file, several files, or a folder of ``shard=<k>.parquet`` files in shard order.

    List columns come as one NumPy array a row. See :func:`read_table` for arguments and errors.
    """
    table = read_table(path, columns, schema, filters)
    frame: pd.DataFrame = table.to_pandas(use_threads=False, ignore_metadata=True)
    return frame


def read_table(
    path: Path | str | Sequence[Path | str],
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
    filters: Filters | None = None,
) -> pa.Table:
    """Read like :func:`read_parquet`, into an Arrow table.

    Args:
        path: a file, a list of files, or a folder of shards. Rows keep the order of the files.
        columns: the columns wanted, in this order; all of them if None.
        schema: types that the columns read must have.
        filters: row filters in pyarrow's form, e.g. ``[("step", "<=", 100)]``.

    Raises:
        ParquetError: a file is missing or damaged, or a folder has no shard.
        SchemaError: a column is missing or has another type, or files disagree.
    """
    files = _list_files(path)
    wanted = None if columns is None else list(columns)
    tables = [_read_file(file, wanted, schema, filters) for file in files]
    for file, table in zip(files, tables, strict=True):
        _check_names(table.column_names, tables[0].schema, file)
        _check_types(table.schema, tables[0].schema, file)
    return pa.concat_tables(tables) if len(tables) > 1 else tables[0]


def read_tables(
    path: Path | str | Sequence[Path | str],
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
) -> Iterator[pa.Table]:
    """Yield the row groups of what :func:`read_table` reads, so that none but one is held.

    Raises:
        ParquetError: a file is missing or damaged, or a folder has no shard.
        SchemaError: a column is missing or has another type.
    """
    for file in _list_files(path):
        wanted = None if columns is None else list(columns)
        _check_columns(file, wanted, schema)
        try:
            with pq.ParquetFile(file, page_checksum_verification=True) as opened:
                for group in range(opened.num_row_groups):
                    table = opened.read_row_group(group, columns=wanted, use_threads=False)
                    yield table.select(wanted or table.column_names).replace_schema_metadata(None)
        except (OSError, pa.ArrowInvalid) as error:
            raise _unreadable(file, error) from error


def read_provenance(path: Path | str) -> Provenance:
    """Return the provenance inside a file.

    Raises:
        ParquetError: the file is missing or damaged, or nascast did not write it.
        ProvenanceError: the embedded text is not provenance.
    """
    path = Path(path)
    metadata = _read_schema(path).metadata or {}
    if _PROVENANCE_KEY not in metadata:
        raise ParquetError(f"{path} holds no provenance: nascast did not write it")
    return Provenance.from_json(metadata[_PROVENANCE_KEY])


def _write(
    tables: Iterable[pa.Table], path: Path, schema: pa.Schema, provenance: Provenance
) -> None:
    path, rows = Path(path), 0
    metadata = {_PROVENANCE_KEY: provenance.to_json().encode()}
    stored = schema.remove_metadata().with_metadata(metadata)
    with atomic_path(path) as temporary:
        options = {"compression": "zstd", "write_page_checksum": True}
        with pq.ParquetWriter(temporary, stored, **options) as writer:
            for table in tables:
                for field in schema:
                    if not field.nullable and table.column(field.name).null_count:
                        raise SchemaError(
                            f"column {field.name} of {path} has nulls, which it must not have"
                        )
                plain = table.cast(schema.remove_metadata())
                writer.write_table(plain.replace_schema_metadata(metadata))
                rows += table.num_rows
        written = pq.ParquetFile(temporary)
        if written.metadata.num_rows != rows or written.schema_arrow != stored:
            raise ParquetError(f"{path} came back different from what was written; check the disk")


def _to_arrow(values: pd.Series[Any], field: pa.Field, path: Path) -> pa.Array:
    """Convert one column, refusing conversions that change what kind of thing it holds."""
    try:
        if _changes_kind(values.dtype, field.type):
            raise pa.ArrowTypeError(f"{values.dtype} would have to be converted")
        if pa.types.is_nested(field.type):
            return pa.array([_list_or_none(value) for value in values], type=field.type)
        array = pa.array(values, type=field.type, from_pandas=True)
        return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise SchemaError(
            f"column {field.name} of {path} must be {field.type}, got {values.dtype}: {error}"
        ) from error


def _changes_kind(found: Any, expected: pa.DataType) -> bool:
    """Tell whether Arrow would turn text into numbers, fractions into integers, or the like."""
    kind = getattr(found, "kind", "O")
    if pa.types.is_integer(expected):
        return kind in "fb" or isinstance(found, pd.StringDtype)
    if pa.types.is_floating(expected):
        return kind == "b" or isinstance(found, pd.StringDtype)
    return False


def _list_or_none(value: Any) -> Any:
    """Turn the scalar missing values that pandas puts between lists into None."""
    is_nan = isinstance(value, float) and value != value
    return None if value is None or value is pd.NA or is_nan else value


def _check_names(names: Sequence[str], schema: pa.Schema, path: Path) -> None:
    missing = [name for name in schema.names if name not in names]
    extra = [name for name in names if name not in schema.names]
    twice = sorted({name for name in names if list(names).count(name) > 1})
    for problem, columns in (("lacks", missing), ("has unknown", extra), ("repeats", twice)):
        if columns:
            raise SchemaError(
                f"{path} {problem} column{'s' * (len(columns) > 1)} {', '.join(columns)}; "
                f"its schema has {', '.join(schema.names)}"
            )


def _check_types(found: pa.Schema, expected: pa.Schema, path: Path) -> None:
    """Compare the types of the columns that both schemas have."""
    for field in found:
        if field.name in expected.names and field.type != expected.field(field.name).type:
            raise SchemaError(
                f"column {field.name} of {path} must be {expected.field(field.name).type}, "
                f"got {field.type}"
            )


def _list_files(path: Path | str | Sequence[Path | str]) -> list[Path]:
    if not isinstance(path, str | Path):
        files = [Path(item) for item in path]
        if not files:
            raise ParquetError("no Parquet file was named to read")
        return files
    path = Path(path)
    if not path.is_dir():
        return [path]
    numbered = {entry: _SHARD.fullmatch(entry.name) for entry in path.iterdir()}
    shards = {entry: int(match[1]) for entry, match in numbered.items() if match}
    if not shards:
        raise ParquetError(f"the folder {path} holds no shard=<k>.parquet; run its stage first")
    return sorted(shards, key=lambda entry: shards[entry])


def _read_file(
    path: Path, columns: list[str] | None, schema: pa.Schema | None, filters: Filters | None
) -> pa.Table:
    _check_columns(path, columns, schema)
    try:
        table = pq.read_table(
            path,
            columns=columns,
            filters=filters,
            partitioning=None,
            use_threads=False,
            page_checksum_verification=True,
        )
    except (OSError, pa.ArrowInvalid) as error:
        raise _unreadable(path, error) from error
    return table.replace_schema_metadata(None)


def _check_columns(path: Path, columns: list[str] | None, schema: pa.Schema | None) -> None:
    """Refuse a file that lacks columns to read, or has them in other types than the schema."""
    found = _read_schema(path)
    expected = columns if columns is not None else (schema.names if schema is not None else [])
    _require(expected, found.names, path)
    if schema is not None:
        _check_types(pa.schema([found.field(name) for name in expected]), schema, path)


def _require(expected: Iterable[str], names: Sequence[str], path: Path) -> None:
    missing = [name for name in expected if name not in names]
    if missing:
        raise SchemaError(f"{path} lacks {', '.join(missing)}; it has {', '.join(names)}")


def _read_schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except FileNotFoundError as error:
        raise ParquetError(f"{path} does not exist; run the stage that makes it") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ParquetError:
    reason = str(error).splitlines()[0]
    return ParquetError(
        f"{path} is not a whole Parquet file ({reason}); delete it and run its stage again"
    )
