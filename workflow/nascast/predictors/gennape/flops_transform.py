"""What a regressor learns: accuracies, or accuracies with the share of FLOPs taken out.

Source: GENNAPE, Equation 5: ``y = Z(A / (log10(F + 1) + 1))`` with accuracy A, F in GFLOPs and Z
the z-score by the training networks of the source, which also serves every other family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nascast.predictors.regression import Floats


@dataclass(frozen=True)
class Target:
    """A map from accuracies to what is learned, and back.

    Attributes:
        by_flops: whether accuracies are divided by ``log10(F + 1) + 1``.
        mean, deviation: of the training networks' (divided) accuracies.
    """

    by_flops: bool
    mean: float
    deviation: float

    def transform(self, accuracies: Floats, gflops: Floats) -> Floats:
        """Return what is learned for accuracies and GFLOPs, both ``(n,)``."""
        return (accuracies / flops_divisor(gflops, self.by_flops) - self.mean) / self.deviation

    def invert(self, outputs: Floats, gflops: Floats) -> Floats:
        """Return the accuracies of what was learned, ``(n,)``; they may leave [0, 1]."""
        return (outputs * self.deviation + self.mean) * flops_divisor(gflops, self.by_flops)


def fit_target(accuracies: Floats, gflops: Floats, by_flops: bool) -> Target:
    """Return the target of training networks.

    Without Equation 5 accuracies are z-scored too, or the variants with and without it would
    differ in the size of their steps as well.

    Args:
        accuracies: ``(n,)`` in [0, 1].
        gflops: ``(n,)``, at least 0.
        by_flops: whether Equation 5 divides.

    Raises:
        ValueError: all networks have the same target, or FLOPs are negative.
    """
    divided = accuracies / flops_divisor(gflops, by_flops)
    if not len(divided) or divided.max() == divided.min():
        raise ValueError(f"nothing can be learned from {len(divided)} networks with one target")
    return Target(by_flops, float(np.mean(divided)), float(np.std(divided)))


def flops_divisor(gflops: Floats, by_flops: bool = True) -> Floats:
    """Return ``log10(F + 1) + 1``, or ones, ``(n,)``.

    Raises:
        ValueError: FLOPs are negative or not finite.
    """
    gflops = np.asarray(gflops, dtype=np.float64)
    if not (np.isfinite(gflops).all() and (gflops >= 0).all()):
        raise ValueError("FLOPs must be finite and at least 0, in units of 1e9")
    return np.log10(gflops + 1) + 1 if by_flops else np.ones_like(gflops)
