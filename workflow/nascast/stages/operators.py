"""Operations as text, from the rooms that know sentences and models to tables of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.spaces import registry as spaces
from nascast.text.base import Encoder
from nascast.text.descriptions import LENGTHS, Descriptions, all_sentences, described_operations
from nascast.text.encoders import embed
from nascast.text.sentence_models import SentenceModel, cosine


def vector_rows(encoder: Encoder, sentences: Mapping[str, str]) -> pd.DataFrame:
    """Return ``operation``, ``sentence`` and ``vector`` (float32), a row an operation.

    Raises:
        TextError: the encoder cannot run here.
    """
    vectors = embed(encoder, sentences)
    return pd.DataFrame(
        {
            "operation": list(sentences),
            "sentence": list(sentences.values()),
            "vector": list(vectors),
        }
    )


def sentence_rows(descriptions: Descriptions) -> pd.DataFrame:
    """Return ``operation``, its three sentences and ``spaces``, whose names blanks separate.

    Raises:
        TextError: an operation of a registered space is not described.
    """
    found = {length: all_sentences(descriptions, length) for length in LENGTHS}
    members = {space: set(described_operations(space)) for space in spaces.names()}
    rows = [
        {"operation": operation}
        | {length: sentences[operation] for length, sentences in found.items()}
        | {"spaces": " ".join(space for space, own in members.items() if operation in own)}
        for operation in found["short"]
    ]
    return pd.DataFrame(rows)


def similarities(
    model: SentenceModel, pairs: Mapping[float | None, list[tuple[str, str]]]
) -> NDArray[np.float64]:
    """Return the cosine similarity of each pair of texts, group after group."""
    listed = [pair for found in pairs.values() for pair in found]
    texts = sorted({text for pair in listed for text in pair})
    vectors = model.encode(texts)
    place = {text: number for number, text in enumerate(texts)}
    first, second = ([place[pair[side]] for pair in listed] for side in (0, 1))
    return cosine(vectors[first], vectors[second])
