"""The initial embedding of a node: 32 numbers of its operation, shapes, kernel and bias.

Source: Mills et al. 2023, "GENNAPE", section 'Computation Graph' and supplement 'Baseline GNNs',
with the sizes of the parts from the released k-GNN.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nascast.predictors.gennape.packed import GraphBatch

EMBEDDING_SIZE = 32
TYPES = 32
"""Size of the vocabulary: what is out of it, 26 operations, and 5 that are kept free."""
WEIGHTED = (3, 4, 8)
"""Numbers of the operations with a weight tensor: convolution, depthwise, matrix product."""
KERNELS = 8
"""Kernel sizes that are told apart: 0, where there is none, to 7; larger ones count as 7."""

_SPATIAL, _CHANNELS = 256, 512


class NodeEmbedding(nn.Module):
    """Embeds nodes: type 24 and shape 8; of those with weights 14, 8, kernel 4 + 4 and bias 2."""

    def __init__(self) -> None:
        super().__init__()
        self.regular_type = nn.Embedding(TYPES, 24)
        self.regular_shape = nn.Linear(6, 8)
        self.weighted_type = nn.Embedding(TYPES, 14)
        self.weighted_shape = nn.Linear(6, 8)
        self.kernel_height = nn.Embedding(KERNELS, 4)
        self.kernel_width = nn.Embedding(KERNELS, 4)
        self.bias = nn.Embedding(2, 2)

    def forward(self, batch: GraphBatch) -> Tensor:
        """Return the embedding of each kind of node, ``(kinds, 32)``."""
        shapes = normalised_shapes(batch.shapes)
        kernels = batch.kernels.clamp(max=KERNELS - 1)
        has_weights = torch.isin(batch.types, torch.tensor(WEIGHTED))
        own, others = has_weights.nonzero().squeeze(1), (~has_weights).nonzero().squeeze(1)
        weighted = torch.cat(
            [
                self.weighted_type(batch.types[own]),
                self.weighted_shape(shapes[own]),
                self.kernel_height(kernels[own, 0]),
                self.kernel_width(kernels[own, 1]),
                self.bias(batch.bias[own]),
            ],
            dim=1,
        )
        regular = torch.cat(
            [self.regular_type(batch.types[others]), self.regular_shape(shapes[others])], dim=1
        )
        place = torch.empty_like(batch.types)
        place[torch.cat([own, others])] = torch.arange(len(place))
        return torch.cat([weighted, regular])[place]


def normalised_shapes(shapes: Tensor) -> Tensor:
    """Return heights and widths over 256 and channels over 512, ``(n, 6)``."""
    units = [_SPATIAL, _SPATIAL, _CHANNELS]
    return shapes / torch.tensor([*units, *units], dtype=shapes.dtype)
