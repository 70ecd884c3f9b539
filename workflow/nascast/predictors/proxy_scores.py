"""Zero-cost predictors: a proxy, measured at initialisation, is the prediction.

The formulas are those of :mod:`nascast.proxies`; here a network is ranked by what they measured.
White et al. 2021 took them from Abdelfattah et al. 2021, "Zero-Cost Proxies for Lightweight NAS".
"""

from __future__ import annotations

from typing import ClassVar

from nascast.predictors.column_score import ColumnScore


class ProxyScore(ColumnScore):
    """Ranks architectures by one zero-cost proxy."""

    family: ClassVar[str] = "zero-cost"
    needs: ClassVar[frozenset[str]] = frozenset({"proxies"})
    feature: ClassVar[str] = "proxies"


class Fisher(ProxyScore):
    """Squared products of activations and their gradients, summed over channels."""

    name: ClassVar[str] = "Fisher"
    reference: ClassVar[str] = "Turner et al. 2020, 'BlockSwap', equation 3"
    column: ClassVar[str] = "fisher"


class GradNorm(ProxyScore):
    """Norm of the gradients of all weights."""

    name: ClassVar[str] = "Grad Norm"
    reference: ClassVar[str] = "Abdelfattah et al. 2021, section 3.2"
    column: ClassVar[str] = "grad_norm"


class Grasp(ProxyScore):
    """How much of the gradients' flow the weights preserve."""

    name: ClassVar[str] = "Grasp"
    reference: ClassVar[str] = "Wang et al. 2020, 'Picking Winning Tickets', equation 8"
    column: ClassVar[str] = "grasp"


class JacobianCovariance(ProxyScore):
    """Independence of the gradients that different images receive."""

    name: ClassVar[str] = "Jacob. Cov."
    reference: ClassVar[str] = "Mellor et al. 2020, first version, equation 4"
    column: ClassVar[str] = "jacov"


class Snip(ProxyScore):
    """Absolute products of weights and their gradients, summed."""

    name: ClassVar[str] = "SNIP"
    reference: ClassVar[str] = "Lee et al. 2019, 'SNIP', equation 5"
    column: ClassVar[str] = "snip"


class SynFlow(ProxyScore):
    """Products of weights along all paths, summed; no image is needed."""

    name: ClassVar[str] = "SynFlow"
    reference: ClassVar[str] = "Tanaka et al. 2020, equation 2"
    column: ClassVar[str] = "synflow"
