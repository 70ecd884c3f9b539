"""Fitted predictors as files, whatever library they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nascast.predictors.base import Predictor
from nascast.predictors.objects import ModelFileError, load_object, save_object

# Whose classes a predictor is made of.
_PACKAGES = (
    "nascast.predictors", "sklearn", "xgboost", "lightgbm", "ngboost", "gpytorch",
    "linear_operator", "torch.nn", "scipy.stats",
)  # fmt: skip


def save_predictor(predictor: Predictor, path: Path, card: Mapping[str, str]) -> None:
    """Write a fitted predictor and what a user must know of it: spaces seen, networks, seeds.

    Raises:
        ModelFileError: a part of the predictor cannot be written.
    """
    save_object(predictor, path, {**card, "predictor": predictor.name})


def load_predictor(path: Path) -> tuple[Predictor, dict[str, str]]:
    """Read what :func:`save_predictor` wrote: the predictor, ready to predict, and its card.

    Raises:
        ModelFileError: the file is missing or damaged, or holds no predictor.
    """
    found, card = load_object(path, _PACKAGES)
    if not isinstance(found, Predictor):
        raise ModelFileError(f"{path} holds a {type(found).__name__}, no predictor")
    return found, card
