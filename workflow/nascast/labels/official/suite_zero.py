"""NAS-Bench-Suite-Zero's scores: ``zc_nasbench101.json``, ``zc_transbench101_micro.json``, ...

A file is an object of data sets or tasks, each of them an object of architectures by a tuple in
text form. An architecture has ``{"score", "time"}`` for each proxy, a validation accuracy, an id.

Source: Krishnakumar et al. 2022, "NAS-Bench-Suite-Zero: Accelerating Research on Zero Cost
Proxies", section 3; the tuples are those of the published code's compact encodings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from nascast.labels.schema import LabelError
from nascast.spaces.base import Architecture
from nascast.spaces.darts import DARTS
from nascast.spaces.darts_genotype import OPERATIONS as DARTS_OPERATIONS
from nascast.spaces.darts_genotype import Cell, Genotype
from nascast.spaces.four_node_cells import EDGES
from nascast.spaces.nasbench101 import OPERATIONS as NASBENCH101_OPERATIONS
from nascast.spaces.nasbench101 import NASBench101, write
from nascast.spaces.nasbench101_cells import edge_bit
from nascast.spaces.nasbench201 import NASBench201
from nascast.spaces.transnas_macro import TransNASMacro
from nascast.spaces.transnas_micro import TransNASMicro

COLUMNS = (
    "task", "arch_id", "spec", "seed", "proxy", "value", "status", "seconds", "together_seconds",
)  # fmt: skip
_OTHER_FIELDS = ("id", "val_accuracy")
_LONGEST_KEY = 500
_ARCHITECTURES_A_FRAME = 1024
# Indices in the suite's order.
_SUITE101 = ("input", "output", "maxpool3x3", "conv1x1-bn-relu", "conv3x3-bn-relu")
_SUITE201 = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
_SUITE_EDGES = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


def read_suite_zero(
    entries: Iterable[tuple[str, str, Any]], file: str, space: str
) -> Iterator[pd.DataFrame]:
    """Read all scores of a file.

    Args:
        entries: data set or task, architecture and its scores, in the order of the file.
        file: its name, for messages.
        space: registered name of the space, one of :data:`SPACES`.

    Yields:
        Frames with :data:`COLUMNS`, a row an (architecture, proxy): ``task`` is
        ``<space>-<image set or task>``, ``seed`` 0, since one initialisation was measured.

    Raises:
        LabelError: naming the file, data set and architecture that is wrong.
    """
    if space not in SPACES:
        raise LabelError(f"{file}: no scores of the space {space}; there are {', '.join(SPACES)}")
    rows: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for dataset, key, scores in entries:
        where = f"{file}, {dataset}, {key[:80]}"
        arch = _architecture(where, space, key)
        task = f"{space}-{'imagenet16-120' if dataset == 'ImageNet16-120' else dataset}"
        if (task, arch.arch_id) in seen:
            raise LabelError(f"{where}: stands in the file twice")
        seen.add((task, arch.arch_id))
        rows += _score_rows(where, task, arch, scores)
        if len(seen) % _ARCHITECTURES_A_FRAME == 0:
            yield pd.DataFrame(rows, columns=list(COLUMNS))
            rows = []
    if not seen:
        raise LabelError(f"{file} has no scores")
    if rows:
        yield pd.DataFrame(rows, columns=list(COLUMNS))


def _score_rows(where: str, task: str, arch: Architecture, scores: Any) -> list[dict[str, Any]]:
    if not isinstance(scores, Mapping):
        raise LabelError(f"{where}: holds no scores by proxy")
    proxies = {name: entry for name, entry in scores.items() if name not in _OTHER_FIELDS}
    if not proxies:
        raise LabelError(f"{where}: holds no scores by proxy")
    values = {name: _number(where, name, entry, "score") for name, entry in proxies.items()}
    seconds = {name: _number(where, name, entry, "time") for name, entry in proxies.items()}
    wrong = [name for name, time in seconds.items() if not 0 <= time < math.inf]
    if wrong:
        raise LabelError(f"{where}, {wrong[0]}: took {seconds[wrong[0]]} seconds")
    together = math.fsum(seconds.values())
    return [
        {
            "task": task,
            "arch_id": arch.arch_id,
            "spec": arch.spec,
            "seed": 0,
            "proxy": name,
            "value": value,
            "status": "nan" if math.isnan(value) else "overflow" if math.isinf(value) else "ok",
            "seconds": seconds[name],
            "together_seconds": together,
        }
        for name, value in values.items()
    ]


def _number(where: str, proxy: str, entry: Any, field: str) -> float:
    value = entry.get(field) if isinstance(entry, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LabelError(f"{where}, {proxy}: {field} is {str(value)[:40]!r}, expected a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _architecture(where: str, space: str, key: str) -> Architecture:
    try:
        if len(key) > _LONGEST_KEY:
            raise ValueError(f"has {len(key)} characters")
        # The tuples hold nothing but integers, so they are JSON but for their brackets.
        return SPACES[space](json.loads(key.replace("(", "[").replace(")", "]")))
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise LabelError(f"{where}: names no architecture of {space} ({error})") from error


def _integers(values: Any, count: int, below: int) -> list[int]:
    """Return ``count`` integers in [0, below); raises ValueError for anything else."""
    if not isinstance(values, list) or len(values) != count:
        raise ValueError(f"expected {count} numbers")
    if not all(type(value) is int and 0 <= value < below for value in values):
        raise ValueError(f"expected integers from 0 to {below - 1}")
    return values


def _nasbench101(values: Any) -> Architecture:
    """Matrix row by row, then an operation a vertex."""
    count = len(values) if isinstance(values, list) else 0
    vertices = (math.isqrt(1 + 4 * count) - 1) // 2
    if vertices < 2 or vertices**2 + vertices != count:
        raise ValueError(f"{count} numbers are no matrix with operations")
    matrix = _integers(values[: vertices**2], vertices**2, 2)
    names = [_SUITE101[i] for i in _integers(values[vertices**2 :], vertices, len(_SUITE101))]
    if names[0] != "input" or names[-1] != "output" or {"input", "output"} & set(names[1:-1]):
        raise ValueError("operations must begin with the input and end with the output")
    edges = [divmod(place, vertices) for place, digit in enumerate(matrix) if digit]
    if any(x >= y for x, y in edges):
        raise ValueError("an edge leads to an earlier vertex")
    bits = sum(1 << edge_bit(x, y) for x, y in edges)
    operations = tuple(NASBENCH101_OPERATIONS.index(name) for name in names[1:-1])
    return NASBench101().parse(write((bits, operations)))


def _nasbench201(values: Any) -> Architecture:
    """An operation an edge, edges by their source."""
    operations = [_SUITE201[i] for i in _integers(values, len(_SUITE_EDGES), len(_SUITE201))]
    by_edge = dict(zip(_SUITE_EDGES, operations, strict=True))
    return NASBench201().from_genotype(tuple(by_edge[edge] for edge in EDGES))


def _darts(values: Any) -> Architecture:
    """Normal and reduction cell, eight pairs of source and operation each."""
    if not isinstance(values, list) or len(values) != 2:
        raise ValueError("expected two cells")
    cells: list[Cell] = []
    for cell in values:
        if not isinstance(cell, list):
            raise ValueError("a cell is no list of pairs")
        pairs = [_integers(pair, 2, len(DARTS_OPERATIONS)) for pair in cell]
        cells.append(tuple((DARTS_OPERATIONS[op], source) for source, op in pairs))
    return DARTS().from_genotype(Genotype(*cells))


def _transnas_micro(values: Any) -> Architecture:
    """The digits of the benchmark's string, in its order."""
    a, b, c, d, e, f = _integers(values, len(EDGES), 4)
    return TransNASMicro().parse(f"64-41414-{a}_{b}{c}_{d}{e}{f}")


def _transnas_macro(values: Any) -> Architecture:
    """The digits of the modules, zeros behind them."""
    count = len(values) if isinstance(values, list) else 0
    digits = "".join(str(value) for value in _integers(values, count, 5))
    return TransNASMacro().parse(f"64-{digits.rstrip('0')}-basic")


SPACES: Mapping[str, Callable[[Any], Architecture]] = {
    "nasbench101": _nasbench101,
    "nasbench201": _nasbench201,
    "darts": _darts,
    "transnas_micro": _transnas_micro,
    "transnas_macro": _transnas_macro,
}
"""The spaces that there are scores of, and how their tuples are read."""
