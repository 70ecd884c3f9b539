"""GENNAPE's encoder as a safetensors file with a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nascast.predictors.gennape.training import GraphEncoder
from nascast.predictors.store import CheckpointError, load_tensors, rebuilding, save_tensors

_ENCODER = "gennape_encoder"


def save_graph_encoder(encoder: GraphEncoder, card: Mapping[str, Any], path: Path) -> None:
    """Write a fitted encoder.

    Args:
        encoder: what is written.
        card: what a user must know: spaces seen, networks, their size, seeds; JSON.
        path: where to write.
    """
    tensors, settings = encoder.state()
    metadata = {_ENCODER: json.dumps(settings), "card": json.dumps(dict(card))}
    save_tensors(tensors, metadata, path)


def load_graph_encoder(path: Path) -> tuple[GraphEncoder, dict[str, Any]]:
    """Read what :func:`save_graph_encoder` wrote: the encoder and its card.

    Raises:
        CheckpointError: says what is wrong with the file.
    """
    tensors, metadata = load_tensors(path)
    missing = [key for key in (_ENCODER, "card") if key not in metadata]
    if missing:
        raise CheckpointError(f"{path} is no GENNAPE encoder: it lacks {', '.join(missing)}")
    with rebuilding(path):
        encoder = GraphEncoder.from_state(tensors, json.loads(metadata[_ENCODER]))
        return encoder, json.loads(metadata["card"])
