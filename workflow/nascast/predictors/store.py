"""Trained networks as safetensors files: plain numbers and plain settings, nothing to execute."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nascast.errors import NascastError
from nascast.predictors.trace_encoder import TraceEncoder


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
    return TraceEncoder.from_state(tensors, json.loads(metadata["encoder"]))


def _save(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(tensors, temporary, metadata=metadata)
    temporary.replace(path)


def _load(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as content:  # type: ignore[no-untyped-call]
            return {key: content.get_tensor(key) for key in content.keys()}, content.metadata()
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist; run the stage that trains it") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error
