"""Networks as the heads see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.regression import Floats


@dataclass(frozen=True)
class LabelledNetworks:
    """Networks to learn from.

    Attributes:
        embeddings: the encoder's output, float32 ``(n, width)``.
        gflops: operations of a forward pass in units of 1e9, two a multiply-add, ``(n,)``.
        accuracies: ``(n,)``, in [0, 1].
    """

    embeddings: NDArray[np.float32]
    gflops: Floats
    accuracies: Floats

    def __post_init__(self) -> None:
        shapes = (self.embeddings.shape, self.gflops.shape, self.accuracies.shape)
        if self.embeddings.ndim != 2 or shapes[1:] != ((len(self.embeddings),),) * 2:
            raise ValueError(
                "networks need embeddings (n, width) and n FLOPs and accuracies; got shapes "
                f"{', '.join(map(str, shapes))}"
            )
        arrays = (self.embeddings, self.gflops, self.accuracies)
        if not all(np.isfinite(array).all() for array in arrays):
            raise ValueError(
                "embeddings, FLOPs and accuracies must be finite: leave out the networks for which "
                "they are not"
            )

    def __len__(self) -> int:
        return len(self.embeddings)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> LabelledNetworks:
        """Return some of the networks, by number or by a mask."""
        return LabelledNetworks(self.embeddings[rows], self.gflops[rows], self.accuracies[rows])

    def at_least(self, accuracy: float) -> LabelledNetworks:
        """Return the networks of this accuracy or a better one."""
        return self.take(self.accuracies >= accuracy)
