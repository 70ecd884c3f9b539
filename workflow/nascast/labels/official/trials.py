"""One training as NAS-Bench-201 and NATS-Bench store it, brought into the columns of the labels.

A trial has training losses and accuracies an epoch and, for each held-out part, those that were
evaluated, at keys ``<part>@<epoch>``. CIFAR-10 was trained on twice: on half of the training images
(``cifar10-valid``, which has a validation part), and on all of them (``cifar10``).

Source: Dong et al. 2021, "NATS-Bench", section 3.3; the names are those of the published API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nascast.labels.official.rows import curve, fraction
from nascast.labels.schema import LabelError


@dataclass(frozen=True)
class Split:
    """Image set of the labels, and the parts that are validation and test."""

    images: str
    validation: str | None
    test: str


SPLITS = {
    "cifar10-valid": Split("cifar10-valid", "x-valid", "ori-test"),
    "cifar10": Split("cifar10", None, "ori-test"),
    "cifar100": Split("cifar100", "x-valid", "x-test"),
    "ImageNet16-120": Split("imagenet16-120", "x-valid", "x-test"),
}
"""The benchmark's own validation and test parts; ``ori-test`` of the last two is both together."""


def is_trial(state: Mapping[Any, Any]) -> bool:
    """Tell whether a dictionary is the state of a training."""
    return "train_losses" in state and "eval_acc1es" in state and "epochs" in state


def trial_values(where: str, dataset: str, state: Any) -> dict[str, Any]:
    """Return the label columns of one training.

    Args:
        where: names file, architecture and training in messages.
        dataset: a key of :data:`SPLITS`.
        state: the stored training.

    Returns:
        ``images``, ``epochs``, final values, curves and ``train_seconds``, where the trial has
        them; accuracies as fractions. Seconds are the benchmark's estimate of its own cost.

    Raises:
        LabelError: a part is missing or is no number.
    """
    if dataset not in SPLITS:
        raise LabelError(f"{where}: unknown data set {dataset!r}; there are {', '.join(SPLITS)}")
    if not isinstance(state, Mapping) or not is_trial(state):
        raise LabelError(f"{where}: is no training of NAS-Bench-201 or NATS-Bench")
    split, epochs = SPLITS[dataset], state["epochs"]
    if isinstance(epochs, bool) or not isinstance(epochs, int) or not 0 < epochs <= 1000:
        raise LabelError(f"{where}: has {str(epochs)[:40]!r} epochs")
    values: dict[str, Any] = {
        "images": split.images,
        "epochs": epochs,
        "train_loss_curve": _epochs(where, state, "train_losses", epochs),
        "train_acc_curve": _epochs(where, state, "train_acc1es", epochs, 0.01),
    }
    for role, part in (("val", split.validation), ("test", split.test)):
        if part is not None:
            values |= _evaluations(where, state, role, part, epochs)
    times = state.get("train_times")
    if isinstance(times, Mapping) and times:
        values["train_seconds"] = float(
            _epochs(where, state, "train_times", epochs).sum(dtype="float64")
        )
    return values


def _evaluations(
    where: str, state: Mapping[str, Any], role: str, part: str, epochs: int
) -> dict[str, Any]:
    """Return final accuracy and loss on one part; for validation also the curves, if whole."""
    accuracies, losses = (_mapping(where, state, key) for key in ("eval_acc1es", "eval_losses"))
    last = f"{part}@{epochs - 1}"
    if last not in accuracies:
        raise LabelError(f"{where}: has no accuracy {last}")
    values: dict[str, Any] = {f"{role}_acc": fraction(f"{where}, {last}", accuracies[last])}
    if last in losses:
        values[f"{role}_loss"] = float(curve(where, [losses[last]])[0])
    keys = [f"{part}@{epoch}" for epoch in range(epochs)]
    if role == "val" and all(key in accuracies and key in losses for key in keys):
        values["val_acc_curve"] = curve(where, [accuracies[key] for key in keys], 0.01)
        values["val_loss_curve"] = curve(where, [losses[key] for key in keys])
    return values


def _epochs(where: str, state: Mapping[str, Any], key: str, epochs: int, scale: float = 1.0) -> Any:
    values = _mapping(where, state, key)
    missing = [epoch for epoch in range(epochs) if epoch not in values]
    if missing:
        raise LabelError(f"{where}: {key} lacks epoch {missing[0]} of {epochs}")
    return curve(where, [values[epoch] for epoch in range(epochs)], scale)


def _mapping(where: str, state: Mapping[str, Any], key: str) -> Mapping[Any, Any]:
    value = state.get(key)
    if not isinstance(value, Mapping):
        raise LabelError(f"{where}: has no {key}")
    return value


def check_seeds(where: str, trials: Any) -> Sequence[tuple[str, int]]:
    """Return the (data set, seed) of each stored training; raises LabelError for other keys."""
    if not isinstance(trials, Mapping) or not trials:
        raise LabelError(f"{where}: has no trainings")
    for key in trials:
        if not (
            isinstance(key, tuple)
            and len(key) == 2
            and isinstance(key[0], str)
            and isinstance(key[1], int)
        ):
            raise LabelError(f"{where}: {str(key)[:60]} names no data set and seed")
    return list(trials)
