"""NAS-Bench-301's training logs: one JSON file a training, ``<optimiser>/results_<n>.json``.

A log holds the network and its schedule as a flat configuration, the final accuracies, the learning
curves, and the seconds. The networks were found by a dozen optimisers, so they are no uniform
sample of the space.

Source: Zela et al. 2022, "Surrogate NAS Benchmarks: Going Beyond the Limited Search Spaces of
Tabular NAS Benchmarks", section 4; the keys are those of the published code's configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import pandas as pd

from nascast.labels.official.rows import curve, fraction, labels_frame
from nascast.labels.schema import LabelError, identity
from nascast.spaces.base import Architecture
from nascast.spaces.darts import DARTS
from nascast.spaces.darts_genotype import INPUTS, NODES, Cell, Edge, Genotype

_MEMBER = re.compile(r"(?:.*/)?results_\d+(?:_\w+)?\.json")
_NETWORK = "NetworkSelectorDatasetInfo:darts:"
_EPOCHS_KEY = "SimpleLearningrateSchedulerSelector:cosine_annealing:T_max"
_CURVES = {
    "train_loss_curve": ("Train/train_loss", 1.0),
    "train_acc_curve": ("Train/train_accuracy", 0.01),
    "val_loss_curve": ("Train/val_cross_entropy", 1.0),
    "val_acc_curve": ("Train/val_accuracy", 0.01),
}
_ROWS = 4096


@dataclass(frozen=True)
class Schedule:
    """Size and length of the trainings that the benchmark is about."""

    epochs: int = 100
    channels: int = 32
    layers: int = 8


_PUBLISHED = Schedule()


def is_member(name: str) -> bool:
    """Tell whether a file of the archive is a training log."""
    return _MEMBER.fullmatch(name) is not None


def read_nasbench301(
    members: Iterable[tuple[str, bytes]], file: str, schedule: Schedule = _PUBLISHED
) -> Iterator[pd.DataFrame]:
    """Read the trainings with one schedule; the logs have others, for comparison, as well.

    Args:
        members: name and content of each log (:func:`is_member`), in any order.
        file: name of the archive, for messages and as the labels' source.
        schedule: which trainings.

    Yields:
        Labels frames of up to 4,096 rows, by architecture; a network that was trained several times
        has the seeds 0, 1, ... in the order of the names of its logs.

    Raises:
        LabelError: naming the log and what is wrong with it.
    """
    rows: list[tuple[str, str, dict[str, Any]]] = []
    for name, content in members:
        where = f"{file}, {name}"
        log = _parse(where, content)
        config = _mapping(where, log, "optimized_hyperparamater_config")
        if _schedule(where, config) != schedule:
            continue
        arch = _architecture(where, config)
        rows.append((arch.arch_id, name, _row(where, arch, log, file, schedule.epochs)))
    if not rows:
        raise LabelError(
            f"{file} has no training log of {schedule.epochs} epochs with {schedule.channels} "
            f"channels and {schedule.layers} layers; it is another archive"
        )
    rows.sort(key=lambda row: row[:2])
    seed, before = 0, ""
    for arch_id, _, values in rows:
        seed = seed + 1 if arch_id == before else 0
        values["seed"], before = seed, arch_id
    for start in range(0, len(rows), _ROWS):
        yield labels_frame([values for _, _, values in rows[start : start + _ROWS]])


def refuse_surrogates(file: str) -> NoReturn:
    """Say why the surrogate models cannot be read, and what can read them.

    Raises:
        LabelError: always.
    """
    raise LabelError(
        f"{file} holds pickled models of the libraries of 2020 (torch 1.5.0, torch-geometric, "
        "scikit-learn 0.23.0, LightGBM 2.3, xgboost), which the pinned versions cannot load. What "
        "can: the package nasbench301 under Python 3.7 with the versions of its requirements.txt. "
        "Predict with it there and write the predictions to a table, or use nasbench301_logs, the "
        "trainings that the models learnt from"
    )


def _parse(where: str, content: bytes) -> Mapping[str, Any]:
    try:
        log = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"{where}: is no whole JSON file ({error})") from error
    if not isinstance(log, dict):
        raise LabelError(f"{where}: is no training log")
    return log


def _mapping(where: str, log: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = log.get(key)
    if not isinstance(value, dict):
        raise LabelError(f"{where}: has no {key}; it is no training log of NAS-Bench-301 v1.0")
    return value


def _schedule(where: str, config: Mapping[str, Any]) -> Schedule:
    keys = (_EPOCHS_KEY, f"{_NETWORK}init_channels", f"{_NETWORK}layers")
    values = [config.get(key) for key in keys]
    for key, value in zip(keys, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, int):
            raise LabelError(f"{where}: {key} is {str(value)[:40]!r}, expected an integer")
    return Schedule(*(int(str(value)) for value in values))


def _architecture(where: str, config: Mapping[str, Any]) -> Architecture:
    try:
        cells = Genotype(_cell(config, "normal"), _cell(config, "reduce"))
        return DARTS().from_genotype(cells)
    except ValueError as error:
        raise LabelError(f"{where}: {error}") from error


def _cell(config: Mapping[str, Any], kind: str) -> Cell:
    """Return a cell; edges are counted over all earlier nodes of each node."""
    edges: list[Edge] = []
    first = 0
    for node in NODES:
        found = [
            (str(config[key]), source)
            for source in range(node)
            if (key := f"{_NETWORK}edge_{kind}_{first + source}") in config
        ]
        if len(found) != INPUTS:
            raise ValueError(f"node {node} of the {kind} cell has {len(found)} edges, expected 2")
        edges += found
        first += node
    return tuple(edges)


def _row(
    where: str, arch: Architecture, log: Mapping[str, Any], source: str, epochs: int
) -> dict[str, Any]:
    info = log.get("info")
    if not isinstance(info, list) or not info or not isinstance(info[0], dict):
        raise LabelError(f"{where}: has no info")
    row: dict[str, Any] = {
        **identity(arch),
        "images": "cifar10",
        "epochs": epochs,
        "source": source,
        "val_acc": fraction(f"{where}, val_accuracy", info[0].get("val_accuracy")),
        "test_acc": fraction(f"{where}, test_accuracy", log.get("test_accuracy")),
    }
    if "val_cross_entropy" in info[0]:
        row["val_loss"] = float(curve(where, [info[0]["val_cross_entropy"]])[0])
    if "runtime" in log:
        row["train_seconds"] = float(curve(where, [log["runtime"]])[0])
    curves = log.get("learning_curves", {})
    if not isinstance(curves, dict):
        raise LabelError(f"{where}: learning_curves is no object")
    for column, (key, scale) in _CURVES.items():
        values = curves.get(key)
        # Of a few trainings that were resumed the logs lack epochs: no curve is better than a
        # shifted one.
        if isinstance(values, list) and len(values) == epochs:
            row[column] = curve(f"{where}, {key}", values, scale)
    return row
