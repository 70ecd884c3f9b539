"""Maximum-likelihood fits of the curve families, of many curves at once.

With Gaussian noise of one deviation the most likely parameters are the least squares. They are
found by Levenberg-Marquardt with Marquardt's scaling, as in Domhan et al. 2015, of all curves in
lockstep: each curve has its own damping, so that no curve's fit depends on another's.
"""

from __future__ import annotations

import numpy as np

from nascast.predictors.curve_families import (
    FAMILIES,
    PARAMETERS,
    Bools,
    CurveFamily,
    Floats,
    split,
)

STEPS = 60
_FIRST_DAMPING = 1e-3
_EASE, _BRAKE = 1 / 3, 4.0  # of the damping, after a step that helped and one that did not
_DAMPING = 1e-12, 1e12
_SMALLEST_CURVATURE = 1e-12


def fit(family: CurveFamily, curves: Floats, log_epochs: Floats) -> Floats:
    """Return the least squares of each curve, ``(n, parameters)``.

    Args:
        family: what is fitted.
        curves: finite accuracies, ``(n, epochs)``; fewer epochs than parameters are no error.
        log_epochs: logarithms of the epochs, ``(epochs,)``.
    """
    found = np.tile(np.array(family.start), (len(curves), 1))
    damping = np.full(len(curves), _FIRST_DAMPING)
    with np.errstate(all="ignore"):
        errors = curves - family.value(found, log_epochs)
        squares = (errors**2).sum(axis=1)
        for _ in range(STEPS):
            slopes = family.slopes(found, log_epochs)
            curvature = np.einsum("nei,nej->nij", slopes, slopes)
            scale = np.maximum(np.einsum("nii->ni", curvature), _SMALLEST_CURVATURE)
            damped = curvature + (damping[:, None] * scale)[:, :, None] * np.eye(scale.shape[1])
            gradient = np.einsum("nei,ne->ni", slopes, errors)
            proposed = found + np.linalg.solve(damped, gradient[:, :, None])[:, :, 0]
            new_errors = curves - family.value(proposed, log_epochs)
            new_squares = (new_errors**2).sum(axis=1)
            helped = new_squares < squares  # never where it is not a number
            found[helped] = proposed[helped]
            errors[helped] = new_errors[helped]
            squares[helped] = new_squares[helped]
            damping = np.clip(damping * np.where(helped, _EASE, _BRAKE), *_DAMPING)
    return found


def fit_all(curves: Floats, log_epochs: Floats, log_horizon: Floats) -> tuple[Floats, Bools]:
    """Return the least squares of every family alone and which of them are plausible.

    Returns:
        parameters ``(n, PARAMETERS)``, the start's in place of what is not plausible at the
        horizon, and plausibility ``(n, families)``.
    """
    parameters = np.empty((len(curves), PARAMETERS))
    plausible = np.empty((len(curves), len(FAMILIES)), dtype=bool)
    for place, (family, own) in enumerate(split(parameters)):
        found = fit(family, curves, log_epochs)
        plausible[:, place] = family.plausible(found, log_horizon)
        own[:] = np.where(plausible[:, place, None], found, family.start)
    return parameters, plausible


def free_coordinates(plausible: Bools) -> Bools:
    """Return which parameters and weights belong to plausible families.

    Shapes: ``(n, families)`` to ``(n, PARAMETERS + families)``.
    """
    lengths = [len(family.start) for family in FAMILIES]
    return np.concatenate([np.repeat(plausible, lengths, axis=1), plausible], axis=1)
