"""NATS-Bench's topology space: the archive ``NATS-tss-v1_0-3ffb9-simple``.

A folder or tar of one compressed pickle a cell, ``000000.pickle.pbz2`` to ``015624.pickle.pbz2``,
and ``meta.pickle.pbz2``, which is not needed. A pickle holds for each schedule (12 and 200 epochs)
the cell's string and its trainings.

Source: Dong et al. 2021, "NATS-Bench: Benchmarking NAS Algorithms for Architecture Topology and
Size", section 3; the names are those of the published API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from nascast.labels.official.rows import labels_frame, mean_row
from nascast.labels.official.trials import check_seeds, trial_values
from nascast.labels.schema import LabelError, identity
from nascast.spaces.base import Architecture
from nascast.spaces.nasbench201 import NASBench201

SCHEDULES = (12, 200)
_MEMBER = re.compile(r"(?:.*/)?(\d{1,6})\.pickle\.pbz2")
_CELLS_A_FRAME = 512


def is_member(name: str) -> bool:
    """Tell whether a file of the archive holds a cell."""
    return _MEMBER.fullmatch(name) is not None


def read_nats(
    members: Iterable[tuple[str, Any]],
    file: str,
    epochs: int = 200,
    runs: bool = False,
    complete: bool = True,
) -> Iterator[pd.DataFrame]:
    """Read the trainings with one schedule.

    Args:
        members: name and unpickled content of each cell's file (:func:`is_member`), in any order.
        file: name of the archive, for messages and as the labels' source.
        epochs: 12 or 200.
        runs: whether to give each training its own row, under the benchmark's seed (777, 888,
            999), instead of the mean over them.
        complete: whether to ask for all 15,625 cells.

    Yields:
        Labels frames of 512 cells each, with the image sets ``cifar10-valid``, ``cifar10``,
        ``cifar100`` and ``imagenet16-120`` (:data:`nascast.labels.official.trials.SPLITS`).

    Raises:
        LabelError: naming the file of the archive and what is wrong with it.
    """
    space, seen = NASBench201(), set[str]()
    rows: list[dict[str, Any]] = []
    for name, content in members:
        where = f"{file}, {name}"
        arch, results = cell_results(where, space, content, epochs)
        if arch.spec in seen:
            raise LabelError(f"{where}: the cell {arch.spec} stands in another file as well")
        seen.add(arch.spec)
        values = {
            (dataset, seed): trial_values(f"{where}, {dataset}, seed {seed}", dataset, state)
            for (dataset, seed), state in results.items()
        }
        rows += cell_rows(where, arch, values, file, runs)
        if len(seen) % _CELLS_A_FRAME == 0:
            yield labels_frame(rows)
            rows = []
    if rows:
        yield labels_frame(rows)
    if complete and len(seen) != space.size:
        raise LabelError(
            f"{file}: {len(seen)} cells, expected all {space.size}; it is truncated or another one"
        )


def cell_results(
    where: str, space: NASBench201, content: Any, epochs: int
) -> tuple[Architecture, Mapping[Any, Any]]:
    """Return the cell of one file and its trainings with a schedule, by data set and seed."""
    if not isinstance(content, Mapping):
        raise LabelError(f"{where}: holds a {type(content).__name__}, expected a dictionary")
    if str(epochs) not in content:
        found = ", ".join(sorted(str(key)[:20] for key in content)) or "nothing"
        hint = ""
        if "90" in content:
            hint = "; this is the archive of the size space, that of the topology space is needed"
        raise LabelError(f"{where}: has no schedule of {epochs} epochs, it has {found}{hint}")
    state = content[str(epochs)]
    if not isinstance(state, Mapping) or not isinstance(state.get("arch_str"), str):
        raise LabelError(f"{where}: has no string of its cell")
    try:
        arch = space.parse(state["arch_str"].strip())
    except ValueError as error:
        raise LabelError(f"{where}: {error}") from error
    trials = state.get("all_results")
    check_seeds(where, trials)
    return arch, trials if isinstance(trials, Mapping) else {}


def cell_rows(
    where: str,
    arch: Architecture,
    trials: Mapping[tuple[str, int], Mapping[str, Any]],
    source: str,
    runs: bool,
) -> list[dict[str, Any]]:
    """Return the label rows of a cell's trainings, or their means a data set.

    Args:
        where: names file and cell in messages.
        arch: the cell.
        trials: label columns (:func:`trial_values`) by data set and seed.
        source: name of the file.
        runs: whether each training has its own row.

    Raises:
        LabelError: trainings of one data set have different lengths.
    """
    by_images: dict[str, list[dict[str, Any]]] = {}
    for (_, seed), values in sorted(trials.items(), key=lambda item: item[0]):
        row = {**identity(arch), "seed": seed, "source": source, **values}
        by_images.setdefault(row["images"], []).append(row)
    for images, rows in by_images.items():
        if len({row["epochs"] for row in rows}) > 1:
            raise LabelError(f"{where}: trainings on {images} have different numbers of epochs")
    if runs:
        return [row for rows in by_images.values() for row in rows]
    return [mean_row(rows) for rows in by_images.values()]
