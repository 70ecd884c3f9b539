"""A Bayesian neural network whose weights are sampled by Hamiltonian Monte Carlo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.predictors.batched_mlp import TANH, BatchedMLP, Reals, fan_in_uniform
from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes
from nascast.predictors.sghmc import AdaptiveSGHMC
from nascast.seeds import derive_seed

# Where the logarithm of the noise's variance starts, and its normal prior's mean and variance.
_START = np.log(1e-3)
_PRIOR_MEAN, _PRIOR_VARIANCE = np.log(1e-6), 0.01


@dataclass(frozen=True, slots=True)
class BOHAMIANNSettings:
    """How the network is built and sampled.

    Attributes:
        layers: hidden layers of tanh units (published: 2).
        width: units in each of them (published: 50).
        steps: steps of the sampler, the burn-in included (published: 100).
        burn_in: steps that adapt the sampler and give no sample (published: 10).
        keep_every: every so many steps behind the burn-in give one (published: 5).
        learning_rate: the sampler's step size (published: 0.01).
        friction: share of the velocity that is lost in a step (published: 0.05).
        batch_size: networks in a batch (published: 20).
    """

    layers: int = 2
    width: int = 50
    steps: int = 100
    burn_in: int = 10
    keep_every: int = 5
    learning_rate: float = 0.01
    friction: float = 0.05
    batch_size: int = 20


PUBLISHED = BOHAMIANNSettings()


class BOHAMIANN(EncodingRegression):
    """The mean over samples of a network from the posterior of its weights.

    Labels have a normal noise whose variance is sampled with the weights; these have a standard
    normal prior.

    Args:
        seed: decides the start, the batches and the sampler's noise.
        settings: changes of ``PUBLISHED``, by name.

    Attributes:
        samples: the parameters of every sampled network, in the order of the steps.

    Raises:
        ValueError: the settings give no sample.
    """

    name: ClassVar[str] = "BOHAMIANN"
    needs: ClassVar[frozenset[str]] = frozenset({"adjacency"})
    reference: ClassVar[str] = (
        "Springenberg et al. 2016, Bayesian Optimization with Robust Bayesian Neural Networks"
    )

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        self.seed = seed
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        if self.settings.steps < self.settings.burn_in + self.settings.keep_every:
            raise ValueError(
                f"{self.name} keeps no sample of {self.settings.steps} steps; make it at least "
                f"burn_in + keep_every = {self.settings.burn_in + self.settings.keep_every}"
            )
        self._network: BatchedMLP | None = None
        self.samples: list[Reals] = []

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Sample networks; a batch's gradient stands for that of all training networks."""
        settings = self.settings
        rng = np.random.default_rng(derive_seed(self.name, self.seed))
        sizes = [vectors.shape[1], *[settings.width] * settings.layers, 1]
        network = self._network = BatchedMLP(sizes, TANH, dtype=np.float64)
        fan_in_uniform(network, [rng])
        log_variance = np.array([_START])
        samplers = [
            AdaptiveSGHMC(
                parameters,
                rate=settings.learning_rate,
                burn_in=settings.burn_in,
                friction=settings.friction,
                rng=rng,
            )
            for parameters in (network.parameters, log_variance)
        ]
        self.samples = []
        batches = _endless_batches(len(vectors), settings.batch_size, rng)
        for step in range(1, settings.steps + 1):
            rows = next(batches)
            gradients = potential_gradients(
                network, log_variance, vectors[rows], labels[rows], len(vectors) / len(rows)
            )
            for sampler, gradient in zip(samplers, gradients, strict=True):
                sampler.step(gradient)
            if step > settings.burn_in and (step - settings.burn_in) % settings.keep_every == 0:
                self.samples.append(network.parameters.copy())

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the mean over the sampled networks."""
        assert self._network is not None
        total = np.zeros(len(vectors))
        for sample in self.samples:
            self._network.parameters[:] = sample
            total += self._network.forward(vectors)[-1][0, :, 0]
        return total / len(self.samples)


def _endless_batches(count: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield rows of batches, in a new order with every pass; the last of a pass may be smaller."""
    while True:
        order = rng.permutation(count)
        for start in range(0, count, size):
            yield order[start : start + size]


def potential_gradients(
    network: BatchedMLP, log_variance: Floats, vectors: Floats, labels: Floats, scale: float
) -> tuple[Reals, Floats]:
    """Return the gradients of minus the log posterior for the weights and the log variance.

    Args:
        network: gives the labels' mean.
        log_variance: logarithm of the noise's variance, ``(1,)``.
        vectors: a batch, ``(rows, columns)``.
        labels: of the batch, ``(rows,)``.
        scale: training networks for one of the batch.
    """
    layers = network.forward(vectors[None])
    errors = layers[-1] - labels[None, :, None]
    precision = np.exp(-log_variance)
    network.backward(layers, scale * precision * errors)
    of_variance = scale * 0.5 * (errors.size - precision * np.sum(errors**2))
    of_variance = of_variance + (log_variance - _PRIOR_MEAN) / _PRIOR_VARIANCE
    return network.gradient + network.parameters, of_variance
