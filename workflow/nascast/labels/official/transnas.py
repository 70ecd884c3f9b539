"""TransNAS-Bench-101's ``transnas-bench_v10141024.pth``: two spaces, seven tasks.

The file is a dictionary: ``data``, then ``micro`` or ``macro``, then an architecture's string, then
a task lead to ``total_epochs`` and ``metrics``, lists with one number an epoch. Each architecture
was trained once a task.

Source: Duan et al. 2021, "TransNAS-Bench-101", section 3 and its supplement; the names are those of
the published API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nascast.labels.official.rows import Curve, curve, fraction, labels_frame
from nascast.labels.schema import LabelError, identity
from nascast.spaces.base import Architecture
from nascast.spaces.transnas_macro import TransNASMacro
from nascast.spaces.transnas_micro import TransNASMicro

_ROWS = 4096
_KEYS = ("metrics_dict", "task_list", "data")


@dataclass(frozen=True)
class Measure:
    """What a task is judged by: our metric, its name in the file, the loss's name in the file."""

    metric: str
    name: str
    loss: str


ACCURACY = "accuracy"
MEASURES = {
    "class_object": Measure(ACCURACY, "top1", "loss"),
    "class_scene": Measure(ACCURACY, "top1", "loss"),
    "jigsaw": Measure(ACCURACY, "top1", "loss"),
    "room_layout": Measure("negative_l2", "neg_loss", "loss"),
    "segmentsemantic": Measure("miou", "mIoU", "loss"),
    "normal": Measure("ssim", "ssim", "l1_loss"),
    "autoencoder": Measure("ssim", "ssim", "l1_loss"),
}
_SPACES: Mapping[str, type[TransNASMicro] | type[TransNASMacro]] = {
    "transnas_micro": TransNASMicro,
    "transnas_macro": TransNASMacro,
}
_READ = {f"{part}_{name}" for part in ("train", "valid", "test")
         for measure in MEASURES.values() for name in (measure.name, measure.loss)}  # fmt: skip


def shrink(filled: dict[Any, Any]) -> None:
    """Reduce a task's result that has just been filled to arrays of what is read.

    Raises:
        LabelError: a metric holds something else than numbers.
    """
    if "total_epochs" in filled and isinstance(filled.get("metrics"), dict):
        metrics = filled["metrics"]
        kept = {
            name: curve(f"metric {name}", values) if isinstance(values, list) else values
            for name, values in metrics.items()
            if name in _READ
        }
        metrics.clear()
        metrics.update(kept)
        filled.pop("model_info", None)


def read_transnas(
    content: Any, file: str, space: str, complete: bool = True
) -> Iterator[pd.DataFrame]:
    """Read all trainings of one space.

    Args:
        content: the file, read with :func:`shrink`.
        file: its name, for messages and as the labels' source.
        space: ``transnas_micro`` or ``transnas_macro``.
        complete: whether to ask for all architectures of the space.

    Yields:
        Labels frames of up to 4,096 rows: ``images`` is the task, ``seed`` 0. Accuracies are
        fractions; the metric of the other tasks has its own columns, higher is better. Values are
        those of the last epoch.

    Raises:
        LabelError: naming the architecture and task that is wrong.
    """
    archs = _architectures(content, file, space)
    if complete and len(archs) != _SPACES[space].size:
        raise LabelError(
            f"{file}: {len(archs)} architectures of {space}, expected all {_SPACES[space].size}"
        )
    scale = _miou_scale(archs)
    rows: list[dict[str, Any]] = []
    for arch, tasks in archs:
        where = f"{file}, {arch.spec}"
        missing = [task for task in MEASURES if task not in tasks]
        if missing:
            raise LabelError(f"{where}: lacks the task {missing[0]}")
        for task, measure in MEASURES.items():
            values = _task_values(f"{where}, {task}", tasks[task], measure, scale)
            rows.append({**identity(arch), "images": task, "seed": 0, "source": file, **values})
        if len(rows) > _ROWS - len(MEASURES):
            yield labels_frame(rows)
            rows = []
    if rows:
        yield labels_frame(rows)


def _architectures(
    content: Any, file: str, space: str
) -> list[tuple[Architecture, Mapping[str, Any]]]:
    if space not in _SPACES:
        raise LabelError(f"{file}: has no space {space}; there are {', '.join(_SPACES)}")
    if not isinstance(content, Mapping) or any(key not in content for key in _KEYS):
        raise LabelError(f"{file}: needs {', '.join(_KEYS)}; it is no TransNAS-Bench-101 v1.0 file")
    found = content["data"].get(space.removeprefix("transnas_")) if isinstance(
        content["data"], Mapping) else None  # fmt: skip
    if not isinstance(found, Mapping) or not found:
        raise LabelError(f"{file}: has no architectures of {space}")
    kind = _SPACES[space]()
    archs = []
    for spec, tasks in found.items():
        if not isinstance(spec, str) or not isinstance(tasks, Mapping):
            raise LabelError(f"{file}: {str(spec)[:80]} leads to no tasks")
        try:
            archs.append((kind.parse(spec), tasks))
        except ValueError as error:
            raise LabelError(f"{file}: {error}") from error
    return archs


def _miou_scale(archs: Sequence[tuple[Architecture, Mapping[str, Any]]]) -> float:
    """Return what brings mIoU to [0, 1]: the whole file decides whether it is in percent."""
    name = MEASURES["segmentsemantic"].name
    largest = 0.0
    for _, tasks in archs:
        result = tasks.get("segmentsemantic")
        metrics = result.get("metrics") if isinstance(result, Mapping) else None
        values = metrics.get(f"valid_{name}") if isinstance(metrics, Mapping) else None
        if isinstance(values, np.ndarray) and values.size:
            largest = max(largest, float(np.nanmax(values)))
    return 0.01 if largest > 1 else 1.0


def _task_values(where: str, result: Any, measure: Measure, miou_scale: float) -> dict[str, Any]:
    metrics = result.get("metrics") if isinstance(result, Mapping) else None
    epochs = result.get("total_epochs") if isinstance(result, Mapping) else None
    if not isinstance(metrics, Mapping) or isinstance(epochs, bool) or not isinstance(epochs, int):
        raise LabelError(f"{where}: has no metrics")
    read = {
        (part, what): _curve(where, metrics, f"{part}_{name}", epochs)
        for part in ("train", "valid", "test")
        for what, name in (("value", measure.name), ("loss", measure.loss))
    }
    is_accuracy = measure.metric == ACCURACY
    kind = "acc" if is_accuracy else "metric"
    scale = {"accuracy": 0.01, "miou": miou_scale}.get(measure.metric, 1.0)
    values: dict[str, Any] = {
        "epochs": epochs,
        "metric": None if is_accuracy else measure.metric,
        f"train_{kind}_curve": read["train", "value"] * np.float32(scale),
        f"val_{kind}_curve": read["valid", "value"] * np.float32(scale),
        "train_loss_curve": read["train", "loss"],
        "val_loss_curve": read["valid", "loss"],
        "val_loss": float(read["valid", "loss"][-1]),
        "test_loss": float(read["test", "loss"][-1]),
    }
    for part, role in (("valid", "val"), ("test", "test")):
        final = float(read[part, "value"][-1])
        values[f"{role}_{kind}"] = fraction(where, final) if is_accuracy else final * scale
    return values


def _curve(where: str, metrics: Mapping[str, Any], name: str, epochs: int) -> Curve:
    values = metrics.get(name)
    if not isinstance(values, np.ndarray) or values.shape != (epochs,) or epochs < 1:
        raise LabelError(f"{where}: {name} needs one number for each of its {epochs} epochs")
    return values
