"""GENNAPE's encoder: a computation graph of any network becomes 64 + 64 numbers.

Source: Mills et al. 2023, "GENNAPE", section 'Embeddings from Contrastive Learning' and supplement
'Contrastive Learning Graph Encoder': a k-GNN of four layers and one transformer layer with two
heads, side by side; a head that projects for the contrastive loss, another that predicts FLOPs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nascast.predictors.gennape.graph_networks import GraphLayers
from nascast.predictors.gennape.node_embedding import EMBEDDING_SIZE, NodeEmbedding
from nascast.predictors.gennape.node_transformer import NodeTransformer
from nascast.predictors.gennape.packed import GraphBatch

HALF = 64
CODE_SIZE = 2 * HALF
LAYERS = 4
DROPOUT = 0.1
PROJECTION = 64


class EncoderNetwork(nn.Module):
    """The encoder with its two heads."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = NodeEmbedding()
        self.dropout = nn.Dropout(DROPOUT)
        self.graph = GraphLayers("k-gnn", EMBEDDING_SIZE, HALF, LAYERS, DROPOUT)
        self.transformer = NodeTransformer(EMBEDDING_SIZE, HALF, DROPOUT)
        self.projection = _head(PROJECTION)
        self.flops = _head(1)

    def forward(self, batch: GraphBatch) -> Tensor:
        """Return the embeddings of graphs, ``(graphs, 128)``."""
        return self.pool(self.embedding(batch), batch)

    def pool(self, kinds: Tensor, batch: GraphBatch) -> Tensor:
        """Return the embeddings of graphs whose kinds of nodes are embedded."""
        kinds = self.dropout(kinds)
        graph = self.graph(kinds.index_select(0, batch.node_kinds), batch)
        attended = self.transformer(kinds, batch)
        return torch.cat([batch.mean_of_nodes(graph), batch.mean_of_kinds(attended)], dim=1)


def _head(outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(CODE_SIZE, CODE_SIZE), nn.ReLU(), nn.Linear(CODE_SIZE, outputs))
