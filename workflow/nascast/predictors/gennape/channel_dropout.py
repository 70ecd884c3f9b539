"""Dropout of whole channels of a graph.

A mean over two hundred nodes averages away what is dropped from each node on its own: two views of
a graph would hardly differ. So a channel is dropped from all nodes of a graph at once, as Tompson
et al. 2015 do in images; equal nodes stay equal, and far fewer random numbers are drawn.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelDropout(nn.Module):
    """Drops each channel of each graph with some probability, in training only.

    Args:
        share: of the channels that is dropped, below 1; the others are scaled up.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: Tensor, graph: Tensor, graphs: int) -> Tensor:
        """Return the values, ``(n, width)``.

        Args:
            values: one row a node, or a kind of node.
            graph: graph of each row, int64, ``(n,)``.
            graphs: how many there are.
        """
        if not self.training or self.share == 0:
            return values
        ones = torch.ones(graphs, values.shape[1], dtype=values.dtype)
        mask: Tensor = nn.functional.dropout(ones, self.share)
        return values * mask.index_select(0, graph)
