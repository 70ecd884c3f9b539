"""LCE: the short variant of learning-curve extrapolation in White et al. 2021.

Source: NASLib's ``lce``, after Domhan et al. 2015. Four families are fitted to the curve by maximum
likelihood; those that fall or do not end as an accuracy are left out. A Metropolis chain walks from
there over the parameters of the others, their weights (equal at first) and the variance of the
noise; the prediction is the mean over the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.predictors.curve_families import PARAMETERS, Bools, Floats, combined
from nascast.predictors.curve_fitting import fit_all, free_coordinates
from nascast.predictors.extrapolation import Extrapolation
from nascast.predictors.settings import with_changes

_SMALLEST_VARIANCE = 1e-10  # of a curve that is met exactly


@dataclass(frozen=True, slots=True)
class LCESettings:
    """How the chain walks.

    Attributes:
        samples: steps of the chain (published: 300 for NAS-Bench-201, 1,000 elsewhere).
        step: deviation of a step in every coordinate.
    """

    samples: int = 300
    step: float = 1e-4


PUBLISHED = LCESettings()


class LCE(Extrapolation):
    """Mean over a short Metropolis chain around maximum-likelihood fits of four families."""

    name: ClassVar[str] = "LCE"
    reference: ClassVar[str] = "Domhan et al. 2015, as shortened by White et al. 2021"

    def __init__(
        self, horizon: float, seed: int = 0, settings: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(horizon, seed)
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)

    def extrapolate(
        self,
        curves: Floats,
        log_epochs: Floats,
        log_horizon: Floats,
        generators: Sequence[np.random.Generator],
    ) -> Floats:
        """Return the mean accuracy at the horizon over the chain, ``(n,)``.

        NaN where no family is plausible.
        """
        steps = self.settings.samples
        parameters, plausible = fit_all(curves, log_epochs, log_horizon)
        state = _most_likely(parameters, plausible, curves, log_epochs)
        free = np.append(free_coordinates(plausible), np.ones((len(curves), 1), bool), axis=1)
        log_likelihood = _log_likelihood(state, curves, log_epochs)
        moves = np.stack([rng.standard_normal((steps, state.shape[1])) for rng in generators])
        moves *= np.where(free, self.settings.step, 0.0)[:, None]
        chances = np.stack([rng.random(steps) for rng in generators])
        total = np.zeros(len(curves))
        with np.errstate(all="ignore"):
            for step in range(steps):
                total += _curve(state, log_horizon)[:, 0]
                proposed = state + moves[:, step]
                proposed_likelihood = _log_likelihood(proposed, curves, log_epochs)
                accepted = np.log(chances[:, step]) < proposed_likelihood - log_likelihood
                accepted &= _rises(proposed, len(log_epochs))
                state[accepted] = proposed[accepted]
                log_likelihood[accepted] = proposed_likelihood[accepted]
        return total / steps


def _most_likely(
    parameters: Floats, plausible: Bools, curves: Floats, log_epochs: Floats
) -> Floats:
    """Return where the chain begins: parameters, weights and variance, ``(n, coordinates)``."""
    with np.errstate(invalid="ignore"):
        weights = plausible / plausible.sum(axis=1, keepdims=True)
    errors = combined(parameters, weights, log_epochs) - curves
    variance = np.maximum((errors**2).mean(axis=1), _SMALLEST_VARIANCE)
    return np.concatenate([parameters, weights, variance[:, None]], axis=1)


def _curve(state: Floats, log_epochs: Floats) -> Floats:
    return combined(state[:, :PARAMETERS], state[:, PARAMETERS:-1], log_epochs)


def _log_likelihood(state: Floats, curves: Floats, log_epochs: Floats) -> Floats:
    """Return the log likelihood up to a constant, ``(n,)``; NaN where there is none."""
    variance = state[:, -1]
    squares = ((_curve(state, log_epochs) - curves) ** 2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        likelihood: Floats = -(len(log_epochs) * np.log(variance) + squares / variance) / 2
    return likelihood


def _rises(state: Floats, points: int) -> Bools:
    """Tell which curves are higher one point ahead than at the first one, ``(n,)``."""
    ends = _curve(state, np.log([1.0, points + 1]))
    return ends[:, 1] > ends[:, 0]
