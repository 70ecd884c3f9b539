"""Small fully connected networks of one shape that are computed and trained at once.

The networks of this method family are so small (20 layers of 20 units, batches of 32) that a
framework spends its time on calls, not on arithmetic: with NumPy and a gradient written by hand one
step of one network takes a fifth of the time that torch's takes, and one of three networks a third.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.floating]


class Activation(Enum):
    """A function between layers."""

    RELU = "relu"
    TANH = "tanh"

    def apply(self, sums: Reals) -> None:
        """Replace a layer's sums by the function's values, in place."""
        if self is Activation.RELU:
            np.maximum(sums, 0, out=sums)
        else:
            np.tanh(sums, out=sums)

    def chain(self, gradient: Reals, values: Reals) -> None:
        """Multiply a gradient by the derivative, given the function's values, in place."""
        # A ReLU's values are at least zero.
        slope = np.sign(values) if self is Activation.RELU else 1 - values * values
        np.multiply(gradient, slope, out=gradient)


RELU, TANH = Activation


class BatchedMLP:
    """Fully connected networks of one shape, each with its own weights; the last layer is linear.

    Args:
        sizes: units of every layer, from the inputs to the outputs.
        activation: the function behind every layer but the last.
        count: number of networks.
        dtype: of the parameters.

    Attributes:
        parameters: all parameters of all networks in one vector.
        weights, biases: views of it for every layer, ``(count, inputs, outputs)`` and
            ``(count, 1, outputs)``.
        gradient: what :meth:`backward` wrote last, in the order of ``parameters``.
        weight_gradients, bias_gradients: views of it.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation,
        count: int = 1,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self.count = count
        self._sizes, self._activation = tuple(sizes), activation
        shapes = [
            shape
            for inputs, outputs in pairwise(sizes)
            for shape in ((count, inputs, outputs), (count, 1, outputs))
        ]
        total = sum(math.prod(shape) for shape in shapes)
        self.parameters: Reals = np.zeros(total, dtype)
        self.gradient: Reals = np.zeros(total, dtype)
        self.weights, self.biases = _views(self.parameters, shapes)
        self.weight_gradients, self.bias_gradients = _views(self.gradient, shapes)

    def __getstate__(self) -> dict[str, Any]:
        # Views would come back as copies: what is set in the vector would not reach the layers. The
        # activation goes by its name, since early releases of Python 3.11 pickle the member of an
        # enumeration as a call of getattr, which a saved predictor may not have.
        return {
            "sizes": self._sizes,
            "activation": self._activation.value,
            "count": self.count,
            "parameters": self.parameters,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        parameters = state["parameters"]
        BatchedMLP.__init__(
            self,
            state["sizes"],
            Activation(state["activation"]),
            state["count"],
            parameters.dtype.type,
        )
        self.parameters[:] = parameters

    def forward(self, inputs: Reals) -> list[Reals]:
        """Return the inputs, the values of every layer and, last, the outputs.

        Args:
            inputs: ``(count, n, inputs)``, or ``(n, inputs)`` for the same to all networks. In
                double precision everything is computed so.
        """
        layers = [inputs]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if len(layers) > 1:
                self._activation.apply(layers[-1])
            layers.append(np.matmul(layers[-1], weight))
            layers[-1] += bias
        return layers

    def backward(self, layers: Sequence[Reals], gradient: Reals) -> Reals:
        """Write the gradient of a number with respect to all parameters into ``gradient``.

        Args:
            layers: what :meth:`forward` returned for ``(count, n, inputs)``.
            gradient: that of the number with respect to the outputs, ``(count, n, outputs)``.

        Returns:
            The gradient with respect to the first layer's sums, ``(count, n, units)``; that with
            respect to the inputs is its product with the first weights.
        """
        # A product with ones is several times faster than a sum over the middle axis.
        ones = np.ones((1, gradient.shape[1]), gradient.dtype)
        # One input makes an outer product, which a library of matrix products is slow at.
        product = np.multiply if gradient.shape[1] == 1 else np.matmul
        for k in range(len(self.weights) - 1, -1, -1):
            product(layers[k].transpose(0, 2, 1), gradient, out=self.weight_gradients[k])
            np.matmul(ones, gradient, out=self.bias_gradients[k])
            if k > 0:
                gradient = np.matmul(gradient, self.weights[k].transpose(0, 2, 1))
                self._activation.chain(gradient, layers[k])
        return gradient


def _views(vector: Reals, shapes: Sequence[tuple[int, ...]]) -> tuple[list[Reals], list[Reals]]:
    """Return the parts of a vector in the given shapes: every other one a weight, a bias."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    parts = np.split(vector, ends[:-1])
    views = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    return views[::2], views[1::2]


def glorot_uniform(networks: BatchedMLP, rngs: Sequence[np.random.Generator]) -> None:
    """Draw weights uniformly within ``sqrt(6 / (inputs + outputs))``; biases are zero.

    The start of Keras (Glorot and Bengio 2010, equation 16).
    """
    for member, rng in enumerate(rngs):
        for weight, bias in zip(networks.weights, networks.biases, strict=True):
            bound = np.sqrt(6 / sum(weight.shape[1:]))
            weight[member] = rng.uniform(-bound, bound, weight.shape[1:])
            bias[member] = 0


def fan_in_uniform(networks: BatchedMLP, rngs: Sequence[np.random.Generator]) -> None:
    """Draw weights and biases uniformly within ``1 / sqrt(inputs)``, the start of PyTorch."""
    for member, rng in enumerate(rngs):
        for weight, bias in zip(networks.weights, networks.biases, strict=True):
            bound = 1 / np.sqrt(weight.shape[1])
            weight[member] = rng.uniform(-bound, bound, weight.shape[1:])
            bias[member] = rng.uniform(-bound, bound, bias.shape[1:])
