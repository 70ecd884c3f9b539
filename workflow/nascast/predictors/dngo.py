"""Deep networks for global optimisation: a Bayesian linear regression on learned features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import emcee
import numpy as np

from nascast.predictors.batched_mlp import TANH, BatchedMLP, fan_in_uniform
from nascast.predictors.batched_training import Adam, squared_error, train
from nascast.predictors.bayesian_linear import BayesianLinear
from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes
from nascast.seeds import derive_seed

# The walkers start around these logarithms of the weights' precision and of the noise's variance.
_START = (0.0, -3.0)
# The prior is flat within these bounds of both logarithms.
_BOUND = 10.0


@dataclass(frozen=True, slots=True)
class DNGOSettings:
    """How the network is trained and the hyper-parameters are sampled.

    Attributes:
        layers: hidden layers (published: 3).
        width: units in each of them (published: 50).
        learning_rate: Adam's (published: 0.01).
        epochs: passes over the training networks (published: 500).
        batch_size: networks in a batch; an epoch leaves out those that fill none (published: 10).
        hyper_samples: walkers, each of which gives one sample (published: 20).
        burn_in, chain: steps of each walker before and after the burn-in's end (published: 2000
            and 2000). The sample is the last step, so only their sum counts.
    """

    layers: int = 3
    width: int = 50
    learning_rate: float = 0.01
    epochs: int = 500
    batch_size: int = 10
    hyper_samples: int = 20
    burn_in: int = 2000
    chain: int = 2000


PUBLISHED = DNGOSettings()


class DNGO(EncodingRegression):
    """A tanh network is trained; a Bayesian linear regression then replaces its last layer.

    The precisions of the regression are marginalised: the prediction is the mean over samples of
    them from their posterior.

    Args:
        seed: decides the start, the batches and the walks.
        settings: changes of ``PUBLISHED``, by name.
    """

    name: ClassVar[str] = "DNGO"
    needs: ClassVar[frozenset[str]] = frozenset({"adjacency"})
    reference: ClassVar[str] = "Snoek et al. 2015, Scalable Bayesian Optimization Using DNNs"
    quick: ClassVar[Mapping[str, float]] = {"burn_in": 100, "chain": 100}

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        self.seed = seed
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        self._network: BatchedMLP | None = None
        self._weights: Floats = np.zeros(0)

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Train the network, then fit the regression on what its last hidden layer says."""
        settings = self.settings
        rngs = [np.random.default_rng(derive_seed(self.name, self.seed))]
        sizes = [vectors.shape[1], *[settings.width] * settings.layers, 1]
        self._network = BatchedMLP(sizes, TANH)
        fan_in_uniform(self._network, rngs)
        train(
            self._network,
            vectors,
            labels,
            rngs,
            optimiser=Adam(self._network.parameters, settings.learning_rate),
            loss=squared_error,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            drop_last=True,
        )
        head = BayesianLinear(self._features(vectors), labels)
        alpha, beta = sample_precisions(
            head,
            walkers=settings.hyper_samples,
            steps=settings.burn_in + settings.chain,
            seed=derive_seed(self.name, "walkers", self.seed),
        )
        self._weights = head.mean_weights(alpha, beta).mean(axis=0)

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the mean prediction over the sampled precisions."""
        return self._features(vectors) @ self._weights

    def _features(self, vectors: Floats) -> Floats:
        """Return the values of the last hidden layer in double precision, ``(n, width)``."""
        assert self._network is not None
        return np.asarray(self._network.forward(vectors)[-2][0], dtype=np.float64)


def sample_precisions(
    head: BayesianLinear, *, walkers: int, steps: int, seed: int
) -> tuple[Floats, Floats]:
    """Return samples of ``alpha`` and ``beta`` from their posterior, ``(walkers,)`` each.

    Args:
        head: knows the evidence.
        walkers: of the affine-invariant ensemble; an even number, at least 4.
        steps: of every walker; the last is the sample.
        seed: decides start and walk.
    """
    rng = np.random.RandomState(seed % 2**32)  # emcee knows no other generator

    def log_posterior(points: Floats) -> Floats:
        inside = (np.abs(points) <= _BOUND).all(axis=1)
        clipped = points.clip(-_BOUND, _BOUND)
        evidence = head.log_evidence(np.exp(clipped[:, 0]), np.exp(-clipped[:, 1]))
        return np.where(inside, evidence, -np.inf)

    sampler = emcee.EnsembleSampler(walkers, 2, log_posterior, vectorize=True)
    start = emcee.State(rng.normal(_START, 1, (walkers, 2)), random_state=rng.get_state())
    last = sampler.run_mcmc(start, steps, store=False).coords
    return np.exp(last[:, 0]), np.exp(-last[:, 1])
