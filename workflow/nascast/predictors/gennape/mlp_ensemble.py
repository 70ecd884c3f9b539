"""An ensemble of networks, each for a region of the embedding space.

Source: GENNAPE, "Soft-Clustering Ensemble": ``y_i = sum_j U_ij f_j(h_i)`` with the memberships U.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.batched_mlp import RELU, BatchedMLP, Reals, fan_in_uniform
from nascast.seeds import derive_seed

_ROWS = 1024
HIDDEN_LAYERS = 4


class MLPEnsemble:
    """Networks of four hidden layers whose outputs are summed by membership.

    Args:
        networks: one a cluster, with ReLU between the layers.
    """

    def __init__(self, networks: BatchedMLP) -> None:
        self.networks = networks

    @classmethod
    def draw(
        cls, inputs: int, width: int, outputs: int, count: int, *identity: str | int
    ) -> MLPEnsemble:
        """Return untrained networks, with the start that an identity decides."""
        networks = BatchedMLP((inputs, *[width] * HIDDEN_LAYERS, outputs), RELU, count)
        rngs = [np.random.default_rng(derive_seed(*identity, i)) for i in range(count)]
        fan_in_uniform(networks, rngs)
        return cls(networks)

    def forward(self, inputs: Reals, memberships: Reals) -> tuple[Reals, list[Reals]]:
        """Return the weighted outputs ``(n, outputs)`` and the layers for :meth:`backward`.

        Args:
            inputs: ``(n, inputs)``.
            memberships: ``(n, count)``, in the precision of the inputs.
        """
        shared = np.broadcast_to(inputs, (self.networks.count, *inputs.shape))
        layers = self.networks.forward(shared)
        return np.einsum("nc,cno->no", memberships, layers[-1]), layers

    def backward(self, layers: Sequence[Reals], memberships: Reals, gradient: Reals) -> None:
        """Write the gradient of all parameters, given that of the weighted outputs."""
        self.networks.backward(layers, memberships.T[:, :, None] * gradient)

    def evaluate(self, inputs: Reals, memberships: Reals) -> NDArray[np.float64]:
        """Return the weighted outputs ``(n, outputs)``, a part of the rows after another."""
        parts = [
            self.forward(inputs[start : start + _ROWS], memberships[start : start + _ROWS])[0]
            for start in range(0, len(inputs), _ROWS)
        ]
        outputs = self.networks.weights[-1].shape[-1]
        return np.concatenate([np.empty((0, outputs)), *parts])
