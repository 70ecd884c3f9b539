"""Parametric families of learning curves and their weighted combinations.

Source: Domhan et al. 2015, "Speeding up Automatic Hyperparameter Optimization of Deep Neural
Networks by Extrapolation of Learning Curves", table 1; of its eleven families the four that White
et al. 2021 kept. Accuracies are fractions, and epochs count from 1. Epochs and rates enter by their
logarithms, so that a value of three of the families costs one exponential.

Shapes: parameters ``(..., parameters)``, logarithms of epochs ``(epochs,)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class CurveFamily(ABC):
    """One parametric family.

    Class attributes:
        name: the family's name in Domhan et al. 2015.
        start: where fits begin, the parameters of a typical curve.
        rate: which parameter is the logarithm of one that is published as it is; None if none is.
    """

    name: ClassVar[str]
    start: ClassVar[tuple[float, ...]]
    rate: ClassVar[int | None] = None

    @abstractmethod
    def value(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return accuracies, ``(..., epochs)``; NaN where the family is not defined."""

    @abstractmethod
    def slopes(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return the derivatives by the parameters, ``(..., epochs, parameters)``."""

    @abstractmethod
    def rises(self, parameters: Floats) -> Bools:
        """Tell for which parameters the curve never falls, ``(...,)``."""

    def plausible(self, parameters: Floats, log_horizon: Floats) -> Bools:
        """Tell for which parameters the curve never falls and ends as an accuracy, ``(...,)``."""
        with np.errstate(all="ignore"):
            end = self.value(parameters, log_horizon)[..., 0]
        return self.rises(parameters) & (end >= 0) & (end <= 1)


class MMF(CurveFamily):
    """Morgan-Mercer-Flodin: ``upper - (upper - lower) / (1 + (rate * epoch) ** shape)``.

    Parameters: upper, lower, logarithm of the rate, shape.
    """

    name: ClassVar[str] = "MMF"
    start: ClassVar[tuple[float, ...]] = (0.7, 0.1, float(np.log(0.1)), 1.0)
    rate: ClassVar[int | None] = 2

    def value(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return accuracies."""
        upper, lower, log_rate, shape = _columns(parameters)
        return upper - (upper - lower) * _falling(shape * (log_rate + log_epochs))

    def slopes(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return the derivatives by the parameters."""
        upper, lower, log_rate, shape = _columns(parameters)
        missing = _falling(shape * (log_rate + log_epochs))
        growth = (upper - lower) * missing * (1 - missing)
        return _stack(1 - missing, missing, growth * shape, growth * (log_rate + log_epochs))

    def rises(self, parameters: Floats) -> Bools:
        """Tell for which parameters the curve never falls."""
        return (parameters[..., 0] - parameters[..., 1]) * parameters[..., 3] >= 0


class LogLogLinear(CurveFamily):
    """``log(slope * log(epoch) + offset)``. Parameters: slope, offset."""

    name: ClassVar[str] = "log log linear"
    start: ClassVar[tuple[float, ...]] = (1.0, 1.0)

    def value(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return accuracies."""
        slope, offset = _columns(parameters)
        return np.log(slope * log_epochs + offset)

    def slopes(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return the derivatives by the parameters."""
        slope, offset = _columns(parameters)
        inner = slope * log_epochs + offset
        return _stack(log_epochs / inner, 1 / inner)

    def rises(self, parameters: Floats) -> Bools:
        """Tell for which parameters the curve never falls."""
        return parameters[..., 0] >= 0


class Hill3(CurveFamily):
    """``upper * epoch ** shape / (half ** shape + epoch ** shape)``.

    Parameters: upper, shape, logarithm of the epoch at half of the upper value.
    """

    name: ClassVar[str] = "Hill3"
    start: ClassVar[tuple[float, ...]] = (0.77232, 0.586449, float(np.log(2.460843)))
    rate: ClassVar[int | None] = 2

    def value(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return accuracies."""
        upper, shape, log_half = _columns(parameters)
        return upper * _falling(shape * (log_half - log_epochs))

    def slopes(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return the derivatives by the parameters."""
        upper, shape, log_half = _columns(parameters)
        reached = _falling(shape * (log_half - log_epochs))
        fall = upper * reached * (1 - reached)
        return _stack(reached, fall * (log_epochs - log_half), -fall * shape)

    def rises(self, parameters: Floats) -> Bools:
        """Tell for which parameters the curve never falls."""
        return parameters[..., 0] * parameters[..., 1] >= 0


class LogPower(CurveFamily):
    """``upper / (1 + (epoch / exp(log_half)) ** shape)``. Parameters: upper, log_half, shape."""

    name: ClassVar[str] = "log power"
    start: ClassVar[tuple[float, ...]] = (0.77, 2.98, -0.51)

    def value(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return accuracies."""
        upper, log_half, shape = _columns(parameters)
        return upper * _falling(shape * (log_epochs - log_half))

    def slopes(self, parameters: Floats, log_epochs: Floats) -> Floats:
        """Return the derivatives by the parameters."""
        upper, log_half, shape = _columns(parameters)
        reached = _falling(shape * (log_epochs - log_half))
        fall = upper * reached * (1 - reached)
        return _stack(reached, fall * shape, fall * (log_half - log_epochs))

    def rises(self, parameters: Floats) -> Bools:
        """Tell for which parameters the curve never falls."""
        return parameters[..., 0] * parameters[..., 2] <= 0


def _columns(parameters: Floats) -> tuple[Floats, ...]:
    """Return each parameter with a last axis of 1, to be combined with epochs."""
    return tuple(parameters[..., place, None] for place in range(parameters.shape[-1]))


def _falling(exponent: Floats) -> Floats:
    """Return the logistic function that falls from 1 to 0, overwriting its argument."""
    with np.errstate(over="ignore"):  # infinity is right: the function is 0 there
        np.exp(exponent, out=exponent)
    exponent += 1
    return np.reciprocal(exponent, out=exponent)


def _stack(*slopes: Floats) -> Floats:
    """Return derivatives as a last axis."""
    return np.stack(np.broadcast_arrays(*slopes), axis=-1)


FAMILIES: tuple[CurveFamily, ...] = (MMF(), LogLogLinear(), Hill3(), LogPower())
PARAMETERS = sum(len(family.start) for family in FAMILIES)
_ENDS = np.cumsum([len(family.start) for family in FAMILIES])


def split(parameters: Floats) -> list[tuple[CurveFamily, Floats]]:
    """Return each family and its part of ``(..., PARAMETERS)``, a view without copy."""
    return list(zip(FAMILIES, np.split(parameters, _ENDS[:-1], axis=-1), strict=True))


def combined(parameters: Floats, weights: Floats, log_epochs: Floats) -> Floats:
    """Return the weighted sum of all families.

    Args:
        parameters: those of all families, ``(..., PARAMETERS)``.
        weights: of the families, ``(..., families)``.
        log_epochs: logarithms of epochs, ``(epochs,)``.

    Returns:
        accuracies, ``(..., epochs)``; NaN where a family is not defined.
    """
    total = np.zeros((*weights.shape[:-1], len(log_epochs)))
    for place, (family, own) in enumerate(split(parameters)):
        total += weights[..., place, None] * family.value(own, log_epochs)
    return total
