"""Dropout that equal nodes share, so that they stay equal and need to be computed only once."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SharedDropout(nn.Module):
    """Drops each number of a group of rows with some probability, in training only.

    Args:
        share: of the numbers that is dropped, below 1; the others are scaled up.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: Tensor, group: Tensor, groups: int) -> Tensor:
        """Return the values, ``(n, width)``.

        Args:
            values: one row a node.
            group: of each row, int64, ``(n,)``; here the kind of the node.
            groups: how many there are.
        """
        if not self.training or self.share == 0:
            return values
        ones = torch.ones(groups, values.shape[1], dtype=values.dtype)
        mask: Tensor = nn.functional.dropout(ones, self.share)
        return values * mask.index_select(0, group)
