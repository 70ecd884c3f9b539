"""Training of networks that are computed at once: Adam on mini-batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from nascast.predictors.batched_mlp import BatchedMLP, Reals
from nascast.predictors.regression import Floats

# Added to both moments: a unit that is dead for good would leave them to shrink into denormal
# numbers, which a processor multiplies a hundred times slower. Far below Adam's own 1e-8.
_FLOOR = 1e-30

Gradient = Callable[[Reals, Reals], Reals]


def absolute_error(outputs: Reals, targets: Reals) -> Reals:
    """Return the gradient of the mean absolute error over the batch, for each network."""
    return np.sign(outputs - targets) / np.asarray(outputs.shape[1], outputs.dtype)


def squared_error(outputs: Reals, targets: Reals) -> Reals:
    """Return the gradient of the mean squared error over the batch, for each network."""
    return (outputs - targets) * np.asarray(2 / outputs.shape[1], outputs.dtype)


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1) on one vector of parameters, in place.

    Args:
        parameters: the vector that is changed.
        rate: the learning rate.
        betas: decay of the first and of the second moment.

    Attributes:
        first, second: the moments, not corrected for their start at zero.
    """

    def __init__(
        self, parameters: Reals, rate: float, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self._parameters = parameters
        self._rate, self._betas, self._steps = rate, betas, 0
        self.first, self.second = np.zeros_like(parameters), np.zeros_like(parameters)
        self._work = np.zeros_like(parameters)

    def step(self, gradient: Reals) -> None:
        """Make one step against a gradient."""
        self._steps += 1
        first, second, work = self.first, self.second, self._work
        decay, square_decay = self._betas
        np.multiply(gradient, 1 - decay, out=work)
        first *= decay
        first += work
        first += _FLOOR
        np.multiply(gradient, gradient, out=work)
        work *= 1 - square_decay
        second *= square_decay
        second += work
        second += _FLOOR
        np.sqrt(second, out=work)
        work *= 1 / math.sqrt(1 - square_decay**self._steps)
        work += 1e-8
        np.divide(first, work, out=work)
        work *= self._rate / (1 - decay**self._steps)
        self._parameters -= work


def train(
    networks: BatchedMLP,
    vectors: Floats,
    labels: Floats,
    rngs: Sequence[np.random.Generator],
    *,
    optimiser: Adam,
    loss: Gradient,
    epochs: int,
    batch_size: int,
    drop_last: bool = False,
    output_penalty: float = 0.0,
) -> None:
    """Train every network on the same rows, each in an order of its own.

    Args:
        networks: with one output each; changed in place.
        vectors: ``(n, inputs)``.
        labels: ``(n,)``.
        rngs: one for each network, which decides its orders.
        optimiser: of the networks' parameters.
        loss: returns the loss's gradient with respect to the outputs.
        epochs: passes over the rows.
        batch_size: rows in a batch; all of them if there are fewer.
        drop_last: whether an epoch leaves out the rows that make no whole batch.
        output_penalty: factor of the absolute sum of the output weights in the loss.
    """
    dtype = networks.parameters.dtype
    vectors, targets = vectors.astype(dtype), labels.astype(dtype)[:, None]
    size = min(batch_size, len(vectors))
    end = len(vectors) // size * size if drop_last else len(vectors)
    for _ in range(epochs):
        order = np.stack([rng.permutation(len(vectors)) for rng in rngs])
        inputs, wanted = vectors[order], targets[order]
        for start in range(0, end, size):
            layers = networks.forward(inputs[:, start : start + size])
            networks.backward(layers, loss(layers[-1], wanted[:, start : start + size]))
            if output_penalty:
                networks.weight_gradients[-1] += output_penalty * np.sign(networks.weights[-1])
            optimiser.step(networks.gradient)
