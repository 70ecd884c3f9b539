"""LCE-m: Bayesian extrapolation of learning curves by a weighted combination of families.

Source: Domhan et al. 2015, section 3, with the settings and the four families of White et al. 2021.
The posterior over the parameters of all families, their weights and the deviation of the noise is
sampled by an ensemble of walkers that begin around the most likely parameters of each family alone.
The prior is flat where every family rises and ends as an accuracy, and weights and deviation are
positive. Families whose most likely parameters it excludes are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.predictors.curve_families import (
    PARAMETERS,
    Bools,
    Floats,
    combined,
    split,
)
from nascast.predictors.curve_fitting import fit_all, free_coordinates
from nascast.predictors.extrapolation import Extrapolation
from nascast.predictors.settings import with_changes
from nascast.predictors.stretch_move import walk

_FIRST_WEIGHT = 10.0  # of each family; only their ratios count
_BALL = 1e-6  # deviation of the first positions in every coordinate
_SMALLEST_NOISE = 1e-5  # of a curve that is met exactly
_VALUES_AT_ONCE = 50_000  # accuracies of half the walkers that fit a processor's cache


@dataclass(frozen=True, slots=True)
class LCEMSettings:
    """How the posterior is sampled.

    Attributes:
        walkers: size of the ensemble, even and at least twice the 17 coordinates.
        samples: steps of every walker.
        burn_in: first steps, which do not count.
    """

    walkers: int = 50
    samples: int = 800
    burn_in: int = 500


PUBLISHED = LCEMSettings()


class LCEM(Extrapolation):
    """Posterior mean at the horizon of a weighted combination of curve families."""

    name: ClassVar[str] = "LCE-m"
    reference: ClassVar[str] = "Domhan et al. 2015, section 3"
    quick: ClassVar[Mapping[str, float]] = {"samples": 200, "burn_in": 100}

    def __init__(
        self, horizon: float, seed: int = 0, settings: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(horizon, seed)
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        if not 0 <= self.settings.burn_in < self.settings.samples:
            raise ValueError(
                f"{self.name} keeps nothing: burn_in is {self.settings.burn_in} of "
                f"{self.settings.samples} samples"
            )

    def extrapolate(
        self,
        curves: Floats,
        log_epochs: Floats,
        log_horizon: Floats,
        generators: Sequence[np.random.Generator],
    ) -> Floats:
        """Return the posterior mean at the horizon, ``(n,)``; NaN where no family is possible."""
        together = max(1, 2 * _VALUES_AT_ONCE // (self.settings.walkers * len(log_epochs)))
        ends = np.empty(len(curves))
        for first in range(0, len(curves), together):
            part = slice(first, first + together)
            ends[part] = self._mean_end(curves[part], log_epochs, log_horizon, generators[part])
        return ends

    def _mean_end(
        self,
        curves: Floats,
        log_epochs: Floats,
        log_horizon: Floats,
        generators: Sequence[np.random.Generator],
    ) -> Floats:
        parameters, plausible = fit_all(curves, log_epochs, log_horizon)
        free = np.append(free_coordinates(plausible), np.ones((len(curves), 1), bool), axis=1)
        centre = _most_likely(parameters, plausible, curves, log_epochs)
        shape = (self.settings.walkers, centre.shape[1])
        ball = np.stack([rng.standard_normal(shape) for rng in generators])
        start = centre[:, None] + _BALL * ball * free[:, None]

        def log_density(positions: Floats) -> Floats:
            prior = _log_prior(positions, log_horizon)
            return prior + _log_likelihood(positions, curves, log_epochs)

        total = np.zeros(len(curves))
        with np.errstate(all="ignore"):
            for step, positions in enumerate(
                walk(log_density, start, free.sum(axis=1), self.settings.samples, generators)
            ):
                if step >= self.settings.burn_in:
                    total += _curve(positions, log_horizon)[:, :, 0].mean(axis=1)
        mean = total / (self.settings.samples - self.settings.burn_in)
        return np.where(plausible.any(axis=1), mean, np.nan)


def _most_likely(
    parameters: Floats, plausible: Bools, curves: Floats, log_epochs: Floats
) -> Floats:
    """Return parameters, weights and deviation around which walkers begin, ``(n, coordinates)``."""
    weights = _FIRST_WEIGHT * plausible
    start = np.concatenate([parameters, weights, np.ones((len(curves), 1))], axis=1)
    with np.errstate(invalid="ignore"):
        start[:, -1] = np.fmax((curves - _curve(start, log_epochs)).std(axis=1), _SMALLEST_NOISE)
    return start


def _curve(positions: Floats, log_epochs: Floats) -> Floats:
    weights = positions[..., PARAMETERS:-1]
    shares = weights / weights.sum(axis=-1, keepdims=True)
    return combined(positions[..., :PARAMETERS], shares, log_epochs)


def _log_prior(positions: Floats, log_horizon: Floats) -> Floats:
    """Return the log prior, ``(n, walkers)``: flat in what we have logarithms of as well."""
    inside = (positions[..., PARAMETERS:] >= 0).all(axis=-1) & (positions[..., -1] > 0)
    volume = np.zeros(inside.shape)
    for family, own in split(positions[..., :PARAMETERS]):
        inside &= family.plausible(own, log_horizon)
        if family.rate is not None:
            volume += own[..., family.rate]
    return np.where(inside, volume, -np.inf)


def _log_likelihood(positions: Floats, curves: Floats, log_epochs: Floats) -> Floats:
    """Return the log likelihood up to a constant, ``(n, walkers)``."""
    noise = positions[..., -1]
    errors = _curve(positions, log_epochs) - curves[:, None]
    squares: Floats = (errors**2).sum(axis=-1)
    return -len(log_epochs) * np.log(noise) - squares / (2 * noise**2)
