"""Flow of ones in which no single gradient can drown the others."""

from __future__ import annotations

from typing import ClassVar

import torch

from nascast.proxies.base import Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.synflow import synaptic_flow


class LogSynflow(Proxy):
    """``sum of |W| * log(1 + dR/d|W|)``, with ``R`` as in synflow.

    The weights of convolutions and linear layers, positive weights, no batch norms, double
    precision, one image of ones. It reads no image. Cost: a forward and a backward pass of one
    image.
    """

    name: ClassVar[str] = "logsynflow"
    reference: ClassVar[str] = "Cavagnero et al. 2022, 'FreeREA', and its public code"

    def score(self, seen: SharedPass) -> float:
        """Return the sum over all weights; NaN where a gradient is below -1."""
        terms = [
            (weight * gradient.log1p()).sum()
            for weight, gradient in zip(*synaptic_flow(seen), strict=True)
        ]
        return float(torch.stack(terms).sum())
