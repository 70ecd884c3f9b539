"""One transformer layer over the nodes of each graph.

Source: Vaswani et al. 2017, encoder layer; two heads and width 64 as in Mills et al. 2023.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

HEADS = 2
_CHUNK = 16
"""Graphs that are padded to one size together."""


class NodeTransformer(nn.Module):
    """Self-attention among all nodes of a graph, then a feed-forward layer.

    Dropout is applied to what both add, not to the attention itself, which would cost three times
    as much on a CPU.

    Args:
        inputs: width of the nodes that come in.
        width: of the layer; the feed-forward one is twice as wide.
        dropout: share of the numbers that training drops.
    """

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, 2 * width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(2 * width, width)
        )
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, nodes: Tensor, counts: Tensor) -> Tensor:
        """Return the nodes, ``(nodes, width)``.

        Args:
            nodes: of all graphs, one graph behind another.
            counts: nodes of each graph; the closer neighbours are in size, the faster.
        """
        nodes = self.enter(nodes)
        attended = self.leave(self._attend(self.query_key_value(nodes), counts))
        nodes = self.attention_norm(nodes + self.dropout(attended))
        result: Tensor = self.feed_forward_norm(nodes + self.dropout(self.feed_forward(nodes)))
        return result

    def _attend(self, joint: Tensor, counts: Tensor) -> Tensor:
        """Return what each node reads from the others of its graph."""
        parts = joint.split(counts.tolist())
        chunks = range(0, len(parts), _CHUNK)
        return torch.cat([_attention(parts[start : start + _CHUNK]) for start in chunks])


def _attention(graphs: tuple[Tensor, ...]) -> Tensor:
    """Attend within each of some graphs: queries, keys and values beside each other."""
    padded = nn.utils.rnn.pad_sequence(graphs, batch_first=True)
    sizes = torch.tensor([len(graph) for graph in graphs])
    count, longest, width = padded.shape
    real = torch.arange(longest) < sizes[:, None]
    heads = padded.view(count, longest, 3, HEADS, width // (3 * HEADS))
    query, key, value = heads.permute(2, 0, 3, 1, 4)
    mask = None if real.all() else real[:, None, None, :]
    read = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return read.transpose(1, 2).reshape(count, longest, -1)[real]
