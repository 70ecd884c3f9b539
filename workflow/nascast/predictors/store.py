"""Trained networks as safetensors files: plain numbers and plain settings, nothing to execute."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nascast.errors import NascastError
from nascast.predictors.nap2 import NAP2
from nascast.predictors.trace_encoder import TraceEncoder

_ENCODER, _PREDICTOR = "encoder.", "predictor."


class CheckpointError(NascastError):
    """A checkpoint is missing, damaged, or of something else."""


def save_encoder(encoder: TraceEncoder, path: Path, provenance: str) -> None:
    """Write a fitted encoder, its settings and its provenance (JSON)."""
    tensors, settings = encoder.state()
    _save(tensors, {"encoder": json.dumps(settings), "provenance": provenance}, path)


def load_encoder(path: Path) -> TraceEncoder:
    """Read what :func:`save_encoder` wrote; CheckpointError says what is wrong with the file."""
    tensors, metadata = _load(path)
    if "encoder" not in metadata:
        raise CheckpointError(f"{path} holds no trace encoder; it has {sorted(metadata)}")
    with _rebuilding(path):
        return TraceEncoder.from_state(tensors, json.loads(metadata["encoder"]))


def save_checkpoint(
    encoder: TraceEncoder, predictor: NAP2, card: Mapping[str, Any], path: Path
) -> None:
    """Write an encoder and the predictor on its codes as one file, with a card (JSON).

    Args:
        encoder: fitted auto-encoders.
        predictor: fitted on their codes.
        card: what a user must know: spaces seen, networks, seeds, rank correlation, protocol.
        path: where to write.
    """
    encoder_tensors, encoder_values = encoder.state()
    predictor_tensors, predictor_values = predictor.state()
    tensors = {f"{_ENCODER}{key}": value for key, value in encoder_tensors.items()}
    tensors |= {f"{_PREDICTOR}{key}": value for key, value in predictor_tensors.items()}
    values = {"encoder": encoder_values, "predictor": predictor_values, "card": dict(card)}
    _save(tensors, {key: json.dumps(value) for key, value in values.items()}, path)


def load_checkpoint(path: Path) -> tuple[TraceEncoder, NAP2, dict[str, Any]]:
    """Read what :func:`save_checkpoint` wrote: encoder, predictor and card.

    Raises:
        CheckpointError: says what is wrong with the file.
    """
    tensors, metadata = _load(path)
    missing = [key for key in ("encoder", "predictor", "card") if key not in metadata]
    if missing:
        raise CheckpointError(f"{path} is no NAP2 checkpoint: it lacks {', '.join(missing)}")
    with _rebuilding(path):
        values = {key: json.loads(metadata[key]) for key in ("encoder", "predictor", "card")}
        encoder = TraceEncoder.from_state(_part(tensors, _ENCODER), values["encoder"])
        predictor = NAP2.from_state(_part(tensors, _PREDICTOR), values["predictor"])
        return encoder, predictor, values["card"]


@contextmanager
def _rebuilding(path: Path) -> Iterator[None]:
    """Turn what a network of another make raises while it is rebuilt into a CheckpointError."""
    try:
        yield
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(
            f"{path} holds networks of another make ({error}); train them again"
        ) from error


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _save(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(tensors, temporary, metadata=metadata)
    temporary.replace(path)


def _load(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as content:
            names, metadata = content.offset_keys(), content.metadata()
            return {name: content.get_tensor(name) for name in names}, metadata or {}
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist; run the stage that trains it") from error
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error
