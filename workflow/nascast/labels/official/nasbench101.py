"""NAS-Bench-101's ``nasbench_only108.tfrecord`` and ``nasbench_full.tfrecord``.

A record is a JSON list: md5 graph hash of the cell, epochs, matrix row by row as digits, operations
joined by commas, and a base64 protobuf message ``ModelMetrics`` with three evaluations (at the
start, half-way, at the end). Every cell was trained three times with each number of epochs.

Source: Ying et al. 2019, "NAS-Bench-101", section 2.3 and supplement S3; the message's fields are
those of the published ``model_metrics.proto``.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.labels.official.wire import WireError, fields
from nascast.labels.readers import benchmark_rows
from nascast.labels.schema import LabelError, identity
from nascast.spaces.base import Architecture
from nascast.spaces.nasbench101 import OPERATIONS, NASBench101, write
from nascast.spaces.nasbench101_cells import Cell, edge_bit
from nascast.spaces.nasbench101_enumeration import CELLS

REPEATS = 3
BUDGETS = (4, 12, 36, 108)
_SPACE = "nasbench101"
_EVALUATIONS = 3
_ROWS = 65_536
# Fields of EvaluationData that are kept: seconds, validation and test accuracy.
_KEPT = {2: "seconds", 4: "val_acc", 5: "test_acc"}
_NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}


@dataclass(frozen=True)
class _Record:
    """One training."""

    graph_hash: str
    epochs: int
    cell: Cell
    metrics: str


@dataclass
class _Trainings:
    """Trainings with one number of epochs, column by column, each of the cell ``cell[i]``."""

    cell: array[int] = field(default_factory=lambda: array("l"))
    values: Mapping[str, array[float]] = field(
        default_factory=lambda: {name: array("d") for name in _KEPT.values()}
    )


def read_records(
    records: Iterable[bytes],
    file: str,
    cells: pd.DataFrame | None = None,
    epochs: int = 108,
    runs: bool = False,
    complete: bool = True,
) -> Iterator[pd.DataFrame]:
    """Read the trainings with one number of epochs.

    Args:
        records: payloads of the file, in its order.
        file: name of the file, for messages and as the labels' source.
        cells: every cell of the space with columns ``canonical_id`` (the graph hash), ``spec`` and
            ``params`` (of the published network). Without it each cell's representative and hash
            are computed, which takes minutes for the whole file and proves no parameters.
        epochs: which trainings; 4, 12 and 36 only stand in the full file.
        runs: whether to give each training its own row, with the seeds 0 to 2 in the order of the
            file, instead of the mean over the three.
        complete: whether to ask for all 423,624 cells.

    Yields:
        Labels frames in the order of ``arch_id``, up to 65,536 cells each; curves null.

    Raises:
        LabelError: naming the file and the record or cell that is wrong, or what is missing.
    """
    known = None if cells is None else _Known(file, cells)
    archs, trainings = _collect(records, file, known, epochs)
    counts = np.bincount(np.asarray(trainings.cell), minlength=len(archs))
    _check_counts(file, archs, counts, epochs, complete)
    # By cell, trainings of a cell in the order of the file.
    order = np.argsort(np.asarray(trainings.cell), kind="stable")
    values = {
        name: np.asarray(column)[order].reshape(len(archs), REPEATS)
        for name, column in trainings.values.items()
    }
    sorted_archs = sorted(range(len(archs)), key=lambda i: archs[i].arch_id)
    for start in range(0, len(archs), _ROWS):
        chosen = sorted_archs[start : start + _ROWS]
        part = {name: column[chosen] for name, column in values.items()}
        yield _frame(file, [archs[i] for i in chosen], part, epochs, runs)


class _Known:
    """Looks cells up by their graph hash."""

    def __init__(self, file: str, cells: pd.DataFrame) -> None:
        self._file = file
        specs, params = cells["spec"].tolist(), cells["params"].tolist()
        self._cells = dict(
            zip(cells["canonical_id"].tolist(), zip(specs, params, strict=True), strict=True)
        )

    def architecture(self, record: _Record, number: int, params: int | None) -> Architecture:
        """Return the cell of a record; raises LabelError if the record contradicts itself."""
        where = f"{self._file}, record {number}"
        if record.graph_hash not in self._cells:
            raise LabelError(f"{where}: no cell has the graph hash {record.graph_hash}")
        spec, counted = self._cells[record.graph_hash]
        # The file keeps the same representative of isomorphic cells as the space does.
        if write(record.cell) != spec and _computed(where, record).spec != spec:
            raise LabelError(
                f"{where}: its matrix and operations are those of {write(record.cell)}, its graph "
                f"hash is that of {spec}"
            )
        if params is not None and params != counted:
            raise LabelError(
                f"{where}: {params} trainable parameters, the network of {spec} has {counted}"
            )
        return Architecture(_SPACE, spec, record.graph_hash)


def _computed(where: str, record: _Record) -> Architecture:
    try:
        return NASBench101().parse(write(record.cell))
    except ValueError as error:
        raise LabelError(f"{where}: {error}") from error


def _collect(
    records: Iterable[bytes], file: str, known: _Known | None, epochs: int
) -> tuple[list[Architecture], _Trainings]:
    """Return the cells in the order of their first training, and the trainings."""
    places: dict[str, int] = {}
    archs: list[Architecture] = []
    trainings = _Trainings()
    budgets: set[int] = set()
    for number, payload in enumerate(records):
        where = f"{file}, record {number}"
        record = _parse(where, payload)
        budgets.add(record.epochs)
        if record.epochs != epochs:
            continue
        values, params = _read_metrics(where, record.metrics)
        if record.graph_hash not in places:
            if known is None:
                arch = _computed(where, record)
                if arch.canonical_id != record.graph_hash:
                    raise LabelError(
                        f"{where}: its graph hash is {record.graph_hash}, that of its matrix and "
                        f"operations {arch.canonical_id}"
                    )
            else:
                arch = known.architecture(record, number, params)
            places[record.graph_hash] = len(archs)
            archs.append(arch)
        trainings.cell.append(places[record.graph_hash])
        for name, column in trainings.values.items():
            column.append(values.get(name, math.nan))
    if epochs not in budgets:
        found = ", ".join(map(str, sorted(budgets))) or "none: it is empty"
        raise LabelError(
            f"{file} has no training with {epochs} epochs; it has {found}. Budgets other than 108 "
            "stand in nasbench_full.tfrecord"
        )
    return archs, trainings


def _parse(where: str, payload: bytes) -> _Record:
    try:
        row = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"{where}: is no JSON ({error}); this is another kind of file") from error
    kinds = [type(value) for value in row] if isinstance(row, list) else []
    if kinds != [str, int, str, str, str]:
        raise LabelError(
            f"{where}: needs a list of graph hash, epochs, matrix, operations and metrics; this is "
            "another kind of file"
        )
    graph_hash, epochs, digits, names, metrics = row
    return _Record(graph_hash, epochs, _read_cell(where, digits, names), metrics)


def _read_cell(where: str, digits: str, names: str) -> Cell:
    operations = names.split(",")
    vertices = len(operations)
    if vertices < 2 or (operations[0], operations[-1]) != ("input", "output"):
        raise LabelError(f"{where}: operations {names!r} must begin with input, end with output")
    unknown = [name for name in operations[1:-1] if name not in _NUMBERS]
    if unknown:
        raise LabelError(f"{where}: unknown operation {unknown[0]!r}")
    if len(digits) != vertices**2 or digits.strip("01"):
        raise LabelError(f"{where}: the matrix of {vertices} vertices reads {digits!r}")
    edges = [divmod(place, vertices) for place, digit in enumerate(digits) if digit == "1"]
    if any(x >= y for x, y in edges):
        raise LabelError(f"{where}: the matrix has an edge to an earlier vertex")
    bits = sum(1 << edge_bit(x, y) for x, y in edges)
    return bits, tuple(_NUMBERS[name] for name in operations[1:-1])


def _read_metrics(where: str, text: str) -> tuple[dict[str, float], int | None]:
    """Return the final evaluation and, if stated, the parameters."""
    params = None
    evaluations = []
    try:
        message = base64.b64decode("".join(text.split()), validate=True)
        for number, value in fields(message):
            if number == 1 and isinstance(value, bytes):
                evaluations.append(value)
            elif number == 2 and isinstance(value, int):
                params = value
        if len(evaluations) != _EVALUATIONS:
            raise WireError(f"{len(evaluations)} evaluations, expected {_EVALUATIONS}")
        final = {
            _KEPT[number]: value
            for number, value in fields(evaluations[-1])
            if number in _KEPT and isinstance(value, float)
        }
    except (binascii.Error, WireError, ValueError) as error:
        raise LabelError(f"{where}: its metrics cannot be read ({error})") from error
    for name in ("val_acc", "test_acc"):
        if name in final and not 0 <= final[name] <= 1:
            raise LabelError(f"{where}: {name} is {final[name]}, expected a fraction in [0, 1]")
    return final, params


def _check_counts(
    file: str, archs: list[Architecture], counts: NDArray[np.int64], epochs: int, complete: bool
) -> None:
    wrong = np.flatnonzero(counts != REPEATS)
    if len(wrong):
        first = int(wrong[0])
        raise LabelError(
            f"{file}: {len(wrong)} cells have not been trained {REPEATS} times with {epochs} "
            f"epochs, the first {archs[first].canonical_id}: {counts[first]}. The file is "
            "truncated or another one"
        )
    if complete and len(archs) != CELLS:
        raise LabelError(
            f"{file}: {len(archs)} cells, expected all {CELLS}; the file is truncated or another "
            "one"
        )


def _frame(
    file: str,
    archs: list[Architecture],
    values: Mapping[str, NDArray[np.float64]],
    epochs: int,
    runs: bool,
) -> pd.DataFrame:
    identities = pd.DataFrame([identity(arch) for arch in archs])
    seeds: int | NDArray[np.int64] = -1
    if runs:
        identities = identities.loc[identities.index.repeat(REPEATS)].reset_index(drop=True)
        columns = {name: column.reshape(-1) for name, column in values.items()}
        seeds = np.tile(np.arange(REPEATS), len(archs))
    else:
        columns = {name: _mean(column) for name, column in values.items()}
    rows = benchmark_rows(
        identities, "cifar10", columns["val_acc"], columns["test_acc"], epochs, file
    )
    return rows.assign(seed=seeds, train_seconds=columns["seconds"])


def _mean(runs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the second axis, as offset from the first run: exact where all agree."""
    mean: NDArray[np.float64] = runs[:, 0] + (runs - runs[:, :1]).sum(axis=1) / runs.shape[1]
    return mean
