"""Every encoder of operations by its name, and the one function that runs it.

Another distribution adds an encoder through the entry-point group ``nascast.encoders``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from nascast.registry import Registry
from nascast.text.errors import TextError

if TYPE_CHECKING:
    from torch import Tensor

    from nascast.text.base import Encoder
    from nascast.text.sentence_models import Vectors

BUILT_IN = {
    "minilm": "nascast.text.minilm:MiniLM",
    "mpnet": "nascast.text.minilm:MPNet",
    "minilm64": "nascast.text.minilm:ReducedMiniLM",
    "minilm-tuned": "nascast.text.minilm:TunedMiniLM",
    "one_hot": "nascast.text.controls:OneHot",
    "random": "nascast.text.controls:RandomVectors",
    "shuffled": "nascast.text.controls:Shuffled",
}

REGISTRY = Registry("text encoder", "nascast.encoders", BUILT_IN, TextError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def create(name: str, seed: int = 0, weights: Mapping[str, Tensor] | None = None) -> Encoder:
    """Return the encoder registered under ``name``.

    Raises:
        TextError: as :meth:`nascast.registry.Registry.load`, or what is registered is no encoder.
    """
    from nascast.text.base import Encoder

    kind = REGISTRY.load(name)
    if not (isinstance(kind, type) and issubclass(kind, Encoder)):
        raise TextError(f"text encoder {name!r} does not fulfil nascast.text.base.Encoder")
    return kind(seed, weights)


def embed(encoder: Encoder, sentences: Mapping[str, str]) -> Vectors:
    """Return a vector an operation, float32 ``(operations, width)``, in their order.

    Operations with one sentence have one vector.

    Args:
        encoder: of :func:`create`.
        sentences: by operation.

    Raises:
        TextError: the encoder cannot run here, or gives vectors that are none.
    """
    skips, reason = encoder.skip()
    if skips:
        raise TextError(f"text encoder {encoder.name!r} cannot run: {reason}")
    distinct = sorted(set(sentences.values()))
    vectors = np.asarray(encoder.encode(distinct), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(distinct) or not np.isfinite(vectors).all():
        raise TextError(
            f"text encoder {encoder.name!r} must give a finite vector for each of "
            f"{len(distinct)} sentences; got an array of shape {vectors.shape}"
        )
    place = {sentence: number for number, sentence in enumerate(distinct)}
    return vectors[[place[sentence] for sentence in sentences.values()]]
