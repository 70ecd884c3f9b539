"""One transformer layer over the nodes of each graph.

Source: Vaswani et al. 2017, encoder layer; two heads and width 64 as in Mills et al. 2023.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nascast.predictors.gennape.packed import GraphBatch

HEADS = 2
_CHUNK = 32
"""Graphs that are padded to one size together."""


class NodeTransformer(nn.Module):
    """Self-attention among all nodes of a graph, then a feed-forward layer.

    Nodes have no position, so that those of a kind have equal values and are computed once. A kind
    is attended to as often as it has nodes: the logarithm of their number is added to its scores.

    Args:
        inputs: width of what comes in.
        width: of the layer; the feed-forward one is twice as wide.
        dropout: share of the numbers that training drops from what both parts add.
    """

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, kinds: Tensor, batch: GraphBatch) -> Tensor:
        """Return the value of each kind of node, ``(kinds, width)``."""
        kinds = self.enter(kinds)
        attended = self.leave(_attend(self.query_key_value(kinds), batch))
        kinds = self.attention_norm(kinds + self.dropout(attended))
        wide = self.dropout(torch.relu(self.widen(kinds)))
        result: Tensor = self.feed_forward_norm(kinds + self.dropout(self.narrow(wide)))
        return result


def _attend(joint: Tensor, batch: GraphBatch) -> Tensor:
    """Return what each kind reads from all of its graph; queries, keys and values lie side by side.

    The closer neighbours in the batch are in their number of kinds, the less is padded.
    """
    counts = batch.kind_counts.tolist()
    parts, sizes = joint.split(counts), batch.kind_sizes.log().split(counts)
    chunks = [slice(start, start + _CHUNK) for start in range(0, len(counts), _CHUNK)]
    return torch.cat([_attend_together(parts[chunk], sizes[chunk]) for chunk in chunks])


def _attend_together(graphs: tuple[Tensor, ...], log_sizes: tuple[Tensor, ...]) -> Tensor:
    pad = nn.utils.rnn.pad_sequence
    padded, bias = pad(list(graphs), True), pad(list(log_sizes), True, -torch.inf)
    count, longest, width = padded.shape
    heads = padded.view(count, longest, 3, HEADS, width // (3 * HEADS))
    query, key, value = heads.permute(2, 0, 3, 1, 4)
    read = nn.functional.scaled_dot_product_attention(query, key, value, bias[:, None, None, :])
    return read.transpose(1, 2).reshape(count, longest, -1)[bias > -torch.inf]
