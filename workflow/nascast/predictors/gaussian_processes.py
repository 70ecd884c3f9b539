"""Gaussian processes on the one-hot adjacency encoding: exact, sparse, and sparse variational.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?",
with the settings of its public code. All have mean zero, one squared-exponential kernel over all
columns and Gaussian noise, and their parameters are fitted by Adam on logarithms. Nothing is drawn
at random.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import gpytorch
import torch
from gpytorch.constraints import Positive
from gpytorch.distributions import MultivariateNormal
from gpytorch.kernels import InducingPointKernel, RBFKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.mlls import ExactMarginalLogLikelihood, VariationalELBO
from gpytorch.models import ApproximateGP, ExactGP
from gpytorch.priors import LogNormalPrior
from gpytorch.variational import CholeskyVariationalDistribution, VariationalStrategy
from torch import Tensor, nn

from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes

# So many networks are scored at once, which only bounds the memory.
_QUERY_BATCH = 1024
_WHITE = "White et al. 2021, How Powerful are Performance Predictors in NAS?"


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """How a process starts and how it is fitted.

    Attributes:
        steps: steps of Adam, each on all training networks.
        learning_rate: of Adam.
        variance: of the kernel at the start; labels have variance 1.
        length: length scale of the kernel at the start, in columns' units.
        noise: variance of the noise at the start.
        points: inducing points, for the sparse processes.
        spacing: step from one inducing point to the next in every column at the start; the first
            is at zero.
        jitter: added to the variance of the inducing points.
    """

    steps: int = 200
    learning_rate: float = 0.01
    variance: float = 5.0
    length: float = 10.0
    noise: float = 1.0
    points: int = 10
    spacing: float = 0.5
    jitter: float = 1e-5


class GaussianProcess(EncodingRegression):
    """A regression by a Gaussian process, whose posterior mean is the score.

    Args:
        settings: changes of the published settings, by name.

    Raises:
        ValueError: a setting is unknown or should be a whole number.
    """

    published: ClassVar[ProcessSettings] = ProcessSettings()

    def __init__(self, settings: Mapping[str, float] | None = None) -> None:
        self.settings = with_changes(self.published, settings or {}, self.name)
        self._mean_function: _KernelExpansion

    @abstractmethod
    def make(self, vectors: Tensor, labels: Tensor, likelihood: Any) -> tuple[Any, Any]:
        """Return a new process and what is maximised to fit it, a function of output and labels."""

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Fit a new process: the kernel, the noise and, if it has them, its inducing points."""
        inputs, targets = torch.from_numpy(vectors), torch.from_numpy(labels)
        likelihood = GaussianLikelihood(noise_constraint=_positive())
        likelihood.noise = self.settings.noise
        process, objective = self.make(inputs, targets, likelihood)
        objective.double().train()
        optimiser = torch.optim.Adam(objective.parameters(), lr=self.settings.learning_rate)
        # GPyTorch draws noise for the start of a variational process, if only of deviation zero.
        with torch.random.fork_rng(), _exact():
            for _ in range(self.settings.steps):
                optimiser.zero_grad()
                loss: Tensor = -objective(process(inputs), targets)
                loss.backward()
                optimiser.step()
        objective.eval()
        with torch.no_grad(), _exact():
            self._mean_function = process.mean_function()

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the posterior mean, ``(n,)``."""
        parts = torch.from_numpy(vectors).split(_QUERY_BATCH)
        return torch.cat([self._mean_function(part) for part in parts]).numpy()

    def kernel(self, prior: bool = False) -> Any:
        """Return the kernel at its start, with a log-normal prior of its parameters if asked for.

        The prior of variance and length scale has median 1 and deviation 1 of the logarithm.
        """
        priors = [LogNormalPrior(0.0, 1.0) if prior else None for _ in range(2)]
        shape = RBFKernel(lengthscale_constraint=_positive(), lengthscale_prior=priors[0])
        kernel = ScaleKernel(
            shape, outputscale_constraint=_positive(), outputscale_prior=priors[1]
        ).double()
        shape.lengthscale, kernel.outputscale = self.settings.length, self.settings.variance
        return kernel

    def inducing_points(self, vectors: Tensor) -> Tensor:
        """Return where the inducing points start, ``(points, columns)``."""
        places = self.settings.spacing * torch.arange(self.settings.points, dtype=vectors.dtype)
        return places.unsqueeze(1).repeat(1, vectors.shape[1])


class ExactProcess(GaussianProcess):
    """The exact process with the most probable parameters under log-normal priors."""

    name: ClassVar[str] = "GP"
    reference: ClassVar[str] = f"{_WHITE}; Rasmussen & Williams 2006"

    def make(self, vectors: Tensor, labels: Tensor, likelihood: Any) -> tuple[Any, Any]:
        """Return the process and its logarithmic posterior density."""
        process = _ExactModel(vectors, labels, likelihood, self.kernel(prior=True))
        return process, ExactMarginalLogLikelihood(likelihood, process)


class SparseProcess(GaussianProcess):
    """The sparse process whose inducing points maximise the variational bound of its evidence."""

    name: ClassVar[str] = "Sparse GP"
    reference: ClassVar[str] = f"{_WHITE}; Titsias 2009"

    def make(self, vectors: Tensor, labels: Tensor, likelihood: Any) -> tuple[Any, Any]:
        """Return the process and the bound, which has the best distribution at the points."""
        kernel = _JitteredInducingPoints(self.kernel(), self.inducing_points(vectors), likelihood)
        kernel.jitter = self.settings.jitter
        process = _ExactModel(vectors, labels, likelihood, kernel)
        return process, ExactMarginalLogLikelihood(likelihood, process)


class VariationalProcess(GaussianProcess):
    """The sparse process whose distribution at the inducing points is fitted too, whitened."""

    name: ClassVar[str] = "Var. Sparse GP"
    reference: ClassVar[str] = f"{_WHITE}; Hensman et al. 2015"
    published: ClassVar[ProcessSettings] = ProcessSettings(jitter=1e-6)

    def make(self, vectors: Tensor, labels: Tensor, likelihood: Any) -> tuple[Any, Any]:
        """Return the process and the bound of its evidence."""
        points = self.inducing_points(vectors)
        process = _VariationalModel(points, self.kernel(), self.settings.jitter)
        return process, VariationalELBO(likelihood, process, num_data=len(labels))


@dataclass(frozen=True)
class _KernelExpansion:
    """What the posterior mean of any of the processes is: a weighted sum of kernels.

    It is all that a fitted process is needed for, and unlike GPyTorch's models plain numbers.

    Attributes:
        centres: ``(m, columns)``.
        weights: ``(m,)``.
        length: length scale of the kernel.
        variance: of the kernel.
    """

    centres: Tensor
    weights: Tensor
    length: float
    variance: float

    @classmethod
    def of(cls, kernel: Any, centres: Tensor, weights: Tensor) -> _KernelExpansion:
        """Return the expansion with a scaled squared-exponential kernel."""
        length, variance = kernel.base_kernel.lengthscale, kernel.outputscale
        return cls(centres.detach().clone(), weights.detach(), float(length), float(variance))

    def __call__(self, vectors: Tensor) -> Tensor:
        """Return the mean at vectors, ``(n,)``."""
        distances = torch.cdist(
            vectors / self.length,
            self.centres / self.length,
            compute_mode="donot_use_mm_for_euclid_dist",  # exact where two networks are the same
        )
        mean: Tensor = self.variance * torch.exp(-(distances**2) / 2) @ self.weights
        return mean


class _ExactModel(ExactGP):  # type: ignore[misc] # GPyTorch has no type hints
    """What GPyTorch wants for an exact process, and for a sparse one by way of its kernel."""

    def __init__(self, vectors: Tensor, labels: Tensor, likelihood: Any, kernel: Any) -> None:
        super().__init__(vectors, labels, likelihood)
        self.covariance = kernel

    def forward(self, vectors: Tensor) -> Any:
        return MultivariateNormal(vectors.new_zeros(len(vectors)), self.covariance(vectors))

    def mean_function(self) -> _KernelExpansion:
        """Return the posterior mean; only called after the fit."""
        covered = self.likelihood(self.forward(*self.train_inputs)).lazy_covariance_matrix
        weights: Tensor = covered.solve(self.train_targets)
        if not isinstance(self.covariance, _JitteredInducingPoints):
            return _KernelExpansion.of(self.covariance, self.train_inputs[0], weights)
        kernel, points = self.covariance.base_kernel, self.covariance.inducing_points
        across = kernel(points, *self.train_inputs).to_dense()
        at_points = torch.linalg.solve(self.covariance._inducing_mat, across @ weights)
        return _KernelExpansion.of(kernel, points, at_points)


class _VariationalModel(ApproximateGP):  # type: ignore[misc] # GPyTorch has no type hints
    """What GPyTorch wants for a variational process."""

    def __init__(self, points: Tensor, kernel: Any, jitter: float) -> None:
        # Without the noise that it adds at the start by default.
        distribution = CholeskyVariationalDistribution(len(points), mean_init_std=0.0)
        super().__init__(VariationalStrategy(self, points, distribution, jitter_val=jitter))
        self.covariance = kernel

    def forward(self, vectors: Tensor) -> Any:
        return MultivariateNormal(vectors.new_zeros(len(vectors)), self.covariance(vectors))

    def mean_function(self) -> _KernelExpansion:
        """Return the posterior mean; only called after the fit."""
        strategy = self.variational_strategy
        points = strategy.inducing_points
        among = self.covariance(points).to_dense()
        among = among + strategy.jitter_val * torch.eye(len(among), dtype=among.dtype)
        whitened = strategy._variational_distribution.variational_mean
        root = torch.linalg.cholesky(among)
        weights = torch.linalg.solve_triangular(root.T, whitened.unsqueeze(1), upper=True)
        return _KernelExpansion.of(self.covariance, points, weights.squeeze(1))


class _JitteredInducingPoints(InducingPointKernel):  # type: ignore[misc] # no type hints
    """Inducing points that always have the jitter, not just where a factorisation fails."""

    jitter: float

    @property
    def _inducing_mat(self) -> Tensor:
        covariance: Tensor = super()._inducing_mat
        return covariance + self.jitter * torch.eye(len(covariance), dtype=covariance.dtype)


def _positive() -> nn.Module:
    """Return the constraint of a positive number whose logarithm is fitted."""
    constraint: nn.Module = Positive(transform=torch.exp, inv_transform=torch.log)
    return constraint


@contextmanager
def _exact() -> Iterator[None]:
    """Let GPyTorch factorise matrices of every size, and keep to the bound that was fitted.

    By default it approximates large matrices with random numbers, and after the fit it corrects the
    variances of sparse processes, which changes their mean.
    """
    with (
        gpytorch.settings.max_cholesky_size(2**31),
        gpytorch.settings.sgpr_diagonal_correction(False),
    ):
        yield
