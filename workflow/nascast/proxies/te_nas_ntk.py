"""Trainability: how evenly a step of gradient descent reaches all images."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from nascast.proxies.base import Batch, Proxy
from nascast.proxies.gradients import gram_matrix
from nascast.proxies.shared_pass import SharedPass

_IMAGES = 16
_LOSS = 10
"""How much less exact than its numbers a gradient is that went through a deep network."""


class TeNasNtk(Proxy):
    """``largest / smallest eigenvalue`` of the neural tangent kernel; lower is better.

    Entry (i, j) of the kernel is the inner product of the gradients for images i and j, of the sum
    of all outputs for an image, for all weights: those of norms as well, but no biases. The images
    are the first of the mini-batch, at most ``images``, as the cost grows with their square. Cost:
    a forward pass of those images and one backward pass for each.
    """

    name: ClassVar[str] = "te_nas_ntk"
    reference: ClassVar[str] = "Chen et al. 2021, 'TE-NAS', and its public code"
    higher_is_better: ClassVar[bool] = False

    def __init__(self, images: int = _IMAGES) -> None:
        self._images = images

    def undefined(self, batch: Batch) -> str | None:
        """Return that one image has no kernel worth the name."""
        if min(len(batch), self._images) < 2:
            return "te_nas_ntk compares images, and the mini-batch has only one"
        return None

    def score(self, seen: SharedPass) -> float:
        """Return the condition number; NaN if no gradient arrives, infinity for a singular one."""
        inputs = seen.batch.inputs[: self._images]
        weights = [
            parameter
            for name, parameter in seen.model.named_parameters()
            if "weight" in name.rpartition(".")[2]
        ]
        kernel = gram_matrix(seen.model(inputs).flatten(1).sum(dim=1), weights)
        return condition_number(kernel, torch.finfo(inputs.dtype).eps)


def condition_number(kernel: Tensor, precision: float) -> float:
    """Return the quotient of a kernel's largest and smallest eigenvalue.

    Infinity where the smallest is below what the numbers that made the kernel can tell from zero:
    any finite value would be rounding's own.

    Args:
        kernel: symmetric, positive semi-definite, float64 ``(n, n)``.
        precision: relative, of the vectors whose inner products are the kernel.
    """
    if not kernel.isfinite().all():
        return math.nan
    values = torch.linalg.eigvalsh(kernel)
    smallest, largest = float(values[0]), float(values[-1])
    if largest <= 0:
        return math.nan
    count = len(kernel)
    # Eigenvalues are squares of the vectors' singular values.
    blur = max((count * _LOSS * precision) ** 2, count * torch.finfo(kernel.dtype).eps)
    return largest / smallest if smallest > blur * largest else math.inf
