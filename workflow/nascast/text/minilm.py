"""Encoders of text: all-MiniLM-L6-v2 as it is, reduced, and fine-tuned, and all-mpnet-base-v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np
from sklearn.decomposition import PCA

from nascast.text.base import Encoder
from nascast.text.corpus import corpus
from nascast.text.errors import TextError
from nascast.text.sentence_models import (
    MINILM,
    MPNET,
    Pretrained,
    SentenceModel,
    Vectors,
    load,
    why_not,
)

REDUCED_WIDTH: Final = 64


class MiniLM(Encoder):
    """all-MiniLM-L6-v2 as published: 384 numbers of length 1."""

    name = "minilm"
    reference = "Reimers & Gurevych 2019; SNAP, Table 2"
    pretrained: ClassVar[Pretrained] = MINILM

    def skip(self) -> tuple[bool, str]:
        """Skip where library or weights are not installed."""
        reason = why_not(self.pretrained)
        return bool(reason), reason

    def model(self) -> SentenceModel:
        """Load the model; TextError if it is not to be had."""
        return load(self.pretrained)

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return the model's vectors."""
        return self.model().encode(sentences)


class MPNet(MiniLM):
    """all-mpnet-base-v2 as published: 768 numbers of length 1, from the network."""

    name = "mpnet"
    pretrained = MPNET


class TunedMiniLM(MiniLM):
    """all-MiniLM-L6-v2, fine-tuned on descriptions of operators."""

    name = "minilm-tuned"
    reference = "SNAP, section 3.2 and appendix F"
    needs_weights = True

    def model(self) -> SentenceModel:
        """Load the model and its fine-tuned weights; TextError if there are none."""
        if self.weights is None:
            raise TextError("minilm-tuned needs the weights of a fine-tuned model: make them first")
        model = super().model()
        model.restore(self.weights)
        return model


class ReducedMiniLM(MiniLM):
    """all-MiniLM-L6-v2 reduced to 64 numbers by the principal axes of the operator corpus.

    As in the public code, the axes act as a linear layer without bias, so nothing is centred. There
    they are those of sentences of AllNLI, which are not at hand offline.
    """

    name = "minilm64"

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return the reduced vectors, float32 ``(sentences, 64)``; they are not of length 1."""
        model = self.model()
        axes = principal_axes(model.encode([text.text for text in corpus()]), REDUCED_WIDTH)
        return model.encode(sentences) @ axes.T


def principal_axes(vectors: Vectors, count: int) -> Vectors:
    """Return the first principal axes of some vectors, float32 ``(count, width)``."""
    analysis: Any = PCA(n_components=count, svd_solver="full")
    return np.asarray(analysis.fit(vectors.astype(np.float64)).components_, dtype=np.float32)
