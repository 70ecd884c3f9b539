"""How well activation patterns tell images apart."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass


class Nwot(Proxy):
    """``log |det K|``; K(i, j) counts the ReLU units that are equally on or off for two images.

    Minus infinity if two images switch all units alike. Cost: a forward pass.
    """

    name: ClassVar[str] = "nwot"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CODES})
    reference: ClassVar[str] = "Mellor et al. 2021, 'Neural Architecture Search without Training'"

    def score(self, seen: SharedPass) -> float:
        """Return the logarithm of the determinant."""
        return float(np.linalg.slogdet(seen.codes.cpu().numpy()).logabsdet)
