"""How steady the gradients of single weights are from batch to batch."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from nascast.proxies.base import Batch, Proxy
from nascast.proxies.gradients import gradients_or_zeros
from nascast.proxies.shared_pass import SharedPass

_PARTS = 2
_SMALLEST_PART = 2


class Zico(Proxy):
    """``sum over layers of log(sum over weights of mean |g| / deviation of |g|)``.

    ``g`` are a weight's gradients of the loss on several batches, here the two halves of the
    mini-batch, each of which a network sees by itself. Weights whose ``|g|`` does not vary, and
    layers without other weights, are left out, as in the public code. Cost: a forward and a
    backward pass.
    """

    name: ClassVar[str] = "zico"
    reference: ClassVar[str] = (
        "Li et al. 2023, 'ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients'"
    )

    def undefined(self, batch: Batch) -> str | None:
        """Return that the batch is too small to be halved, where it is."""
        if len(batch) < _PARTS * _SMALLEST_PART:
            return (
                f"zico halves the mini-batch and needs {_PARTS * _SMALLEST_PART} images, "
                f"not {len(batch)}"
            )
        return None

    def score(self, seen: SharedPass) -> float:
        """Return the sum over the layers; NaN if no gradient varies."""
        batch = seen.batch
        halves = zip(batch.inputs.chunk(_PARTS), batch.targets.chunk(_PARTS), strict=True)
        gradients = [
            gradients_or_zeros(batch.loss(seen.model(inputs), targets), seen.weights)
            for inputs, targets in halves
        ]
        layers = [_steadiness(torch.stack(parts)) for parts in zip(*gradients, strict=True)]
        terms = [layer for layer in layers if layer is not None]
        return sum(terms) if terms else math.nan


def _steadiness(gradients: Tensor) -> float | None:
    sizes = gradients.double().abs().flatten(1)
    deviations = sizes.std(dim=0, correction=0)
    varies = deviations != 0  # NaN varies, so that the score is NaN, too
    if not varies.any():
        return None
    return float((sizes.mean(dim=0)[varies] / deviations[varies]).sum().log())
