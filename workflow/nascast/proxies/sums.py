"""Sums over the layers of a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


def sum_of(terms: Iterable[Tensor]) -> float:
    """Return the sum of scalars in double precision, read from the device once."""
    listed = list(terms)
    return float(torch.stack(listed).double().sum()) if listed else 0.0


def sum_of_products(left: Sequence[Tensor], right: Sequence[Tensor]) -> float:
    """Return the sum of all entrywise products of tensors that go in pairs."""
    return sum_of((a.detach() * b).sum() for a, b in zip(left, right, strict=True))
