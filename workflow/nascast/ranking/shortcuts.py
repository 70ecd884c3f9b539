"""Rankings by nothing but size: instant, and what every other ranking has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nascast.ranking.base import Context, Network, Outcome, Ranker, Scored


class Shortcut(Ranker):
    """Ranks by one number that is known of every network; the larger the better."""

    reference: str = "size baseline; Abdelfattah et al. 2021, NAS-Bench-Suite-Zero 2022"
    unit: ClassVar[str]

    def size(self, network: Network) -> int:
        """Return the number."""
        raise NotImplementedError

    def score(self, networks: Sequence[Network], context: Context) -> Scored:
        """Return the sizes; the same for every initialisation, so without uncertainty."""
        outcomes = [Outcome(float(self.size(n)), reason=f"{self.unit}, counted") for n in networks]
        return Scored(outcomes, self.name, f"larger networks first, by {self.unit}")


class Params(Shortcut):
    """Parameters."""

    name: str = "params"
    unit: ClassVar[str] = "parameters"

    def size(self, network: Network) -> int:
        """Return all parameters."""
        return network.params


class Macs(Shortcut):
    """Multiply-accumulates."""

    name: str = "macs"
    unit: ClassVar[str] = "multiply-accumulates"

    def size(self, network: Network) -> int:
        """Return those of one input."""
        return network.macs


class Flops(Shortcut):
    """Floating-point operations: twice the multiply-accumulates."""

    name: str = "flops"
    unit: ClassVar[str] = "floating-point operations"

    def size(self, network: Network) -> int:
        """Return those of one input."""
        return 2 * network.macs
