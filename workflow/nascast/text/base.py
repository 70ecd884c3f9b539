"""What every encoder of operations offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from torch import Tensor

from nascast.text.sentence_models import Vectors


class Encoder(ABC):
    """Turns sentences into vectors.

    Args:
        seed: of what is drawn at random; encoders of text have no use for it.
        weights: fine-tuned parameters, for an encoder that ``needs_weights``.

    Attributes:
        name: registered name.
        reference: where it comes from.
        needs_weights: whether it is made of the weights of a fine-tuned model.
        reads_text: whether its vectors depend on what the sentences say; those of a control only
            depend on which of them are equal.
    """

    name: ClassVar[str]
    reference: ClassVar[str]
    needs_weights: ClassVar[bool] = False
    reads_text: ClassVar[bool] = True

    def __init__(self, seed: int = 0, weights: Mapping[str, Tensor] | None = None) -> None:
        self.seed = seed
        self.weights = weights

    def skip(self) -> tuple[bool, str]:
        """Return whether the encoder cannot run here, and why."""
        return False, ""

    @abstractmethod
    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return a vector a sentence, float32 ``(sentences, width)``.

        Args:
            sentences: different from each other, in sorted order.

        Raises:
            TextError: what the encoder needs is not there.
        """
        ...
