"""Fisher information of channels."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of


class Fisher(Proxy):
    """``sum over channels of 1/2 mean over images of (sum over positions of a * dL/da)^2``.

    ``a`` are the outputs of convolutions and linear layers. Cost: a forward and a backward pass.
    """

    name: ClassVar[str] = "fisher"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CHANNEL_SALIENCY})
    reference: ClassVar[str] = (
        "Turner et al. 2020, 'BlockSwap', equation 3; Abdelfattah et al. 2021, section 3.2"
    )

    def score(self, seen: SharedPass) -> float:
        """Return the sum over all channels."""
        return sum_of(channels.sum() for channels in seen.channel_saliency)
