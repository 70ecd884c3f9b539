"""A whole NAP2 in one safetensors file: auto-encoders, the predictor on their codes, and a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from nascast.predictors.nap2 import NAP2
from nascast.predictors.store import CheckpointError, load_tensors, rebuilding, save_tensors
from nascast.predictors.trace_encoder import TraceEncoder

_ENCODER, _PREDICTOR = "encoder.", "predictor."


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
    save_tensors(tensors, {key: json.dumps(value) for key, value in values.items()}, path)


def load_checkpoint(path: Path) -> tuple[TraceEncoder, NAP2, dict[str, Any]]:
    """Read what :func:`save_checkpoint` wrote: encoder, predictor and card.

    Raises:
        CheckpointError: says what is wrong with the file.
    """
    tensors, metadata = load_tensors(path)
    missing = [key for key in ("encoder", "predictor", "card") if key not in metadata]
    if missing:
        raise CheckpointError(f"{path} is no NAP2 checkpoint: it lacks {', '.join(missing)}")
    with rebuilding(path):
        values = {key: json.loads(metadata[key]) for key in ("encoder", "predictor", "card")}
        encoder = TraceEncoder.from_state(_part(tensors, _ENCODER), values["encoder"])
        predictor = NAP2.from_state(_part(tensors, _PREDICTOR), values["predictor"])
        return encoder, predictor, values["card"]


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
