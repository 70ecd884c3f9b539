"""Trained networks as safetensors files: plain numbers and plain settings, nothing to execute."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
    save_tensors(tensors, {"encoder": json.dumps(settings), "provenance": provenance}, path)


def load_encoder(path: Path) -> TraceEncoder:
    """Read what :func:`save_encoder` wrote; CheckpointError says what is wrong with the file."""
    tensors, metadata = load_tensors(path)
    if "encoder" not in metadata:
        raise CheckpointError(f"{path} holds no trace encoder; it has {sorted(metadata)}")
    with rebuilding(path):
        return TraceEncoder.from_state(tensors, json.loads(metadata["encoder"]))


@contextmanager
def rebuilding(path: Path) -> Iterator[None]:
    """Turn what a network of another make raises while it is rebuilt into a CheckpointError."""
    try:
        yield
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(
            f"{path} holds networks of another make ({error}); train them again"
        ) from error


def save_tensors(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    """Write tensors and text under a temporary name, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(tensors, temporary, metadata=metadata)
    temporary.replace(path)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read what :func:`save_tensors` wrote; CheckpointError says what is wrong with the file."""
    try:
        with safe_open(path, framework="pt") as content:
            names, metadata = content.offset_keys(), content.metadata()
            return {name: content.get_tensor(name) for name in names}, metadata or {}
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist; run the stage that trains it") from error
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error
