"""Gradients that single proxies need beside those of the shared pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from nascast.proxies.curvature import gradients_of

MOST_NUMBERS = 2**26
"""Gradients that are held at a time: 256 MiB in single precision."""


def gradients_or_zeros(
    value: Tensor, weights: Sequence[Tensor], keep: bool = False
) -> list[Tensor]:
    """Return the gradient of a scalar for each weight; zeros where it does not depend on one.

    Args:
        value: a scalar.
        weights: what to differentiate for.
        keep: whether the graph is walked again.
    """
    found = gradients_of(value, weights, keep)
    return [
        torch.zeros_like(weight) if gradient is None else gradient
        for weight, gradient in zip(weights, found, strict=True)
    ]


def gram_matrix(
    values: Tensor, weights: Sequence[Tensor], most_numbers: int = MOST_NUMBERS
) -> Tensor:
    """Return the inner products of the gradients of several scalars, float64 ``(n, n)``.

    Batch norms couple the images, so that there is one backward pass for each scalar; vectorising
    them saves nothing. Where the gradients of all weights would take too much room, groups of
    weights take turns, at the price of more passes.

    Args:
        values: scalars ``(n,)`` of one graph.
        weights: what to differentiate for.
        most_numbers: gradients that are held at a time, unless one weight alone has more.
    """
    count = len(values)
    gram = torch.zeros(count, count, dtype=torch.float64, device=values.device)
    for group in _groups(weights, most_numbers // count):
        rows = [gradients_or_zeros(value, group, keep=True) for value in values]
        for gradients in zip(*rows, strict=True):
            # Products in double precision: a condition number is the square of the gradients'.
            flat = torch.stack(gradients).flatten(1).double()
            gram += flat @ flat.T
    return gram


def _groups(weights: Sequence[Tensor], most_numbers: int) -> Iterator[list[Tensor]]:
    group: list[Tensor] = []
    numbers = 0
    for weight in weights:
        if group and numbers + weight.numel() > most_numbers:
            yield group
            group, numbers = [], 0
        group.append(weight)
        numbers += weight.numel()
    if group:
        yield group
