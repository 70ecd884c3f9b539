"""Controls: vectors that tell operations apart and nothing else. Does the text do anything?

Operations with one sentence are one operation here too. Otherwise a control would not only lack the
meaning of the text, but also the knowledge that two spaces share an operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nascast.seeds import derive_seed
from nascast.text.base import Encoder
from nascast.text.minilm import MiniLM
from nascast.text.sentence_models import Vectors

RANDOM_WIDTH: Final = 384
"""As many numbers as MiniLM has."""


class OneHot(Encoder):
    """A place of its own for every sentence."""

    name = "one_hot"
    reference = "the encodings that SNAP argues against, section 3.2"
    reads_text = False

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return the identity matrix."""
        return np.eye(len(sentences), dtype=np.float32)


class RandomVectors(Encoder):
    """One fixed random direction a sentence, 384 numbers of length 1."""

    name = "random"
    reference = "ours"
    reads_text = False

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return vectors that depend on the seed and on which sentence it is, not on the others."""
        drawn = np.stack(
            [
                np.random.default_rng(
                    derive_seed("text", self.name, self.seed, sentence)
                ).standard_normal(RANDOM_WIDTH)
                for sentence in sentences
            ]
        )
        lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
        return np.asarray(drawn / lengths, dtype=np.float32)


class Shuffled(MiniLM):
    """MiniLM's vectors, each given to another operation: the right geometry of the wrong things."""

    name = "shuffled"
    reference = "ours"
    reads_text = False

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return the vectors of other sentences; no sentence keeps its own."""
        vectors = super().encode(sentences)
        rng = np.random.default_rng(derive_seed("text", self.name, self.seed))
        circle = rng.permutation(len(sentences))
        shuffled = np.empty_like(vectors)
        shuffled[circle] = vectors[np.roll(circle, 1)]
        return shuffled
