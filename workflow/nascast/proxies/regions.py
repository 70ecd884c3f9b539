"""How many linear pieces lie between two images."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from nascast.proxies.base import Batch, Proxy
from nascast.proxies.patterns import ActivationPatterns
from nascast.proxies.shared_pass import SharedPass

_SEGMENTS = 8
_POINTS = 17


class Regions(Proxy):
    """``1 + mean over segments of the units that switch between neighbouring points``.

    A segment joins an image of the mini-batch's first half to one of its second; there are up to
    8, with 17 points each. Where a unit switches, a linear piece of the network ends: the number
    is that of a segment's pieces, unless a unit switches twice between two points. Batch norms see
    all points together, so that one function is followed. From 1 to ``1 + 16 units``. Cost: a
    forward pass of 136 images.
    """

    name: ClassVar[str] = "regions"
    reference: ClassVar[str] = (
        "Hanin & Rolnick 2019, 'Complexity of Linear Regions in Deep Networks'"
    )

    def undefined(self, batch: Batch) -> str | None:
        """Return that there is nothing between less than two images."""
        if len(batch) < 2:
            return "regions are counted between two images, and the mini-batch has only one"
        return None

    @torch.no_grad()
    def score(self, seen: SharedPass) -> float:
        """Return the mean number of pieces; NaN if the outputs are not finite."""
        points = segments(seen.batch.inputs)
        switches: list[Tensor] = []

        def count(pattern: Tensor) -> None:
            along = pattern.reshape(-1, _POINTS, pattern.shape[1])
            switches.append((along[:, 1:] != along[:, :-1]).sum())

        with ActivationPatterns(len(points), count):
            outputs = seen.model(points)
        if not outputs.isfinite().all():
            return math.nan
        total = int(torch.stack(switches).sum()) if switches else 0
        return 1.0 + total * _POINTS / len(points)


def segments(images: Tensor) -> Tensor:
    """Return evenly spaced points of the segments between images, one segment after another."""
    half = len(images) // 2
    count = min(half, _SEGMENTS)
    starts, ends = images[:count, None], images[half : half + count, None]
    way = torch.linspace(0, 1, _POINTS, dtype=images.dtype, device=images.device)
    steps = way.reshape(1, -1, *(1,) * (images.dim() - 1))
    return (starts + steps * (ends - starts)).flatten(0, 1)
