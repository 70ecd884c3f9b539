"""Stochastic gradient Hamiltonian Monte Carlo that adapts its own scales during a burn-in."""

from __future__ import annotations

import numpy as np

from nascast.predictors.batched_mlp import Reals

# Least estimate of a squared gradient: without it a parameter that no gradient reaches would get
# endless noise.
_LEAST_SQUARE = 1e-16


class AdaptiveSGHMC:
    """Samples parameters from the density ``exp(-U)``, given noisy gradients of ``U``.

    Source: Springenberg et al. 2016, section 4: equations 8 and 9 estimate, in the burn-in, the
    scale ``V`` of each parameter's gradient over a window ``tau`` that adapts as well; equation 10
    is the step, in which the friction ``epsilon V^(-1/2) C`` is one number for all parameters and
    the noise of the gradients is subtracted from that of the sampler.

    Args:
        parameters: changed in place.
        rate: the step size epsilon.
        burn_in: steps that adapt the scales.
        friction: share of the velocity that is lost in a step.
        rng: draws the noise.
    """

    def __init__(
        self,
        parameters: Reals,
        *,
        rate: float,
        burn_in: int,
        friction: float,
        rng: np.random.Generator,
    ) -> None:
        self._parameters, self._rng = parameters, rng
        self._rate, self._burn_in, self._friction = rate, burn_in, friction
        self._velocity = np.zeros_like(parameters)
        self._window, self._average, self._square = (np.ones_like(parameters) for _ in range(3))
        self._steps = 0

    def step(self, gradient: Reals) -> None:
        """Make one step, given a gradient of ``U`` at the parameters."""
        self._steps += 1
        if self._steps <= self._burn_in:
            self._adapt(gradient)
        scale = 1 / np.sqrt(self._square)
        variance = 2 * self._rate**2 * self._friction * scale - self._rate**4
        noise = self._rng.standard_normal(len(gradient)) * np.sqrt(np.maximum(variance, 0))
        self._velocity += noise - self._rate**2 * scale * gradient - self._friction * self._velocity
        self._parameters += self._velocity

    def _adapt(self, gradient: Reals) -> None:
        """Move the averages of the gradient and of its square, then their window."""
        share = 1 / (self._window + 1)
        self._window += 1 - self._window * self._average**2 / self._square
        self._average += share * (gradient - self._average)
        self._square += share * (gradient**2 - self._square)
        np.maximum(self._square, _LEAST_SQUARE, out=self._square)
