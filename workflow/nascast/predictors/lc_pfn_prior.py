"""The prior over learning curves from which LC-PFN learns.

Source: Adriaensen et al. 2023, "Efficient Bayesian Learning Curve Extrapolation using Prior-Data
Fitted Networks", section 3 and its public code: a weighted sum of three families of Domhan et al.
2015 whose parameters are drawn at random, if it ends higher than it begins and never leaves [0, 1],
with Gaussian noise whose deviation is drawn for each curve.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EPOCHS = 100
_CANDIDATES = 4096  # about a fifth of them are curves


def draw_curves(count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return curves without and with noise, ``(count, EPOCHS)`` each; noise may leave [0, 1]."""
    found: list[Floats] = []
    while sum(map(len, found)) < count:
        candidates = _power(rng) + _inverse_logarithm(rng) + _janoschek(rng)
        inside = ((candidates >= 0) & (candidates <= 1)).all(axis=1)
        found.append(candidates[inside & (candidates[:, -1] > candidates[:, 0])])
    curves = np.concatenate(found)[:count]
    deviations = rng.lognormal(-4, 1, (count, 1))
    return curves, curves + deviations * rng.standard_normal(curves.shape)


_AT = np.arange(1, EPOCHS + 1, dtype=np.float64)
_ONE_EACH = (_CANDIDATES, 1)


def _power(rng: np.random.Generator) -> Floats:
    """Return weighted curves ``c - a * epoch ** -alpha``."""
    weight, a = rng.uniform(0, 1, _ONE_EACH), rng.uniform(-0.6, 0.6, _ONE_EACH)
    c, alpha = rng.uniform(0, 1.25, _ONE_EACH), rng.lognormal(0, 2, _ONE_EACH)
    return weight * (c - a * np.exp(-alpha * np.log(_AT)))


def _inverse_logarithm(rng: np.random.Generator) -> Floats:
    """Return weighted curves ``c - a / log(epoch + 1)``."""
    weight, c = rng.uniform(0, 1, _ONE_EACH), rng.uniform(0, 1, _ONE_EACH)
    a = rng.uniform(-0.5, 0.5, _ONE_EACH)
    return weight * (c - a / np.log(_AT + 1))


def _janoschek(rng: np.random.Generator) -> Floats:
    """Return weighted curves ``a - (a - beta) * exp(-k * epoch ** delta)``."""
    weight, a = rng.uniform(0, 1, _ONE_EACH), rng.uniform(0, 1, _ONE_EACH)
    beta, k = rng.uniform(0, 2, _ONE_EACH), rng.lognormal(-2, 1, _ONE_EACH)
    delta = rng.lognormal(0, 0.5, _ONE_EACH)
    return weight * (a - (a - beta) * np.exp(-k * np.exp(delta * np.log(_AT))))
