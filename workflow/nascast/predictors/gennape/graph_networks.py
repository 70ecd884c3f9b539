"""Graph networks on computation graphs: the baselines k-GNN, GCN (CG) and GIN.

Source: Mills et al. 2023, "GENNAPE", supplement 'Baseline GNNs': six layers of width 32, the mean
over all nodes, a head of four layers; layers of Morris et al. 2019, Welling and Kipf 2016 and Xu
et al. 2019. Head and activation as in the released k-GNN.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch_geometric.nn import GCNConv, GINConv, GraphConv

from nascast.predictors.gennape.node_embedding import EMBEDDING_SIZE, NodeEmbedding
from nascast.predictors.gennape.packed import GraphBatch
from nascast.predictors.gennape.shared_dropout import SharedDropout

Kind = Literal["k-gnn", "gcn", "gin"]
LAYERS = 6
WIDTH = 32


class GraphLayers(nn.Module):
    """Graph convolutions one behind another, each followed by a hyperbolic tangent.

    Edges pass messages the way the forward pass runs.

    Args:
        kind: of convolution.
        inputs: width of the nodes that come in.
        width: of every layer.
        layers: how many, at most :data:`nascast.predictors.gennape.merging.DEPTH`.
        dropout: share of the numbers of each layer that training drops, from nodes of a kind alike.
    """

    def __init__(
        self, kind: Kind, inputs: int, width: int, layers: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        widths = [inputs] + [width] * (layers - 1)
        self.layers = nn.ModuleList(_convolution(kind, before, width) for before in widths)
        self.dropout = SharedDropout(dropout)

    def forward(self, nodes: Tensor, batch: GraphBatch) -> Tensor:
        """Return the nodes behind the last layer, ``(nodes, width)``."""
        for layer in self.layers:
            nodes = torch.tanh(layer(nodes, batch.edge_index))
            nodes = self.dropout(nodes, batch.node_kinds, len(batch.types))
        return nodes


class GraphNetwork(nn.Module):
    """A baseline: embedded nodes, graph layers, mean, head.

    Args:
        kind: of convolution.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.embedding = NodeEmbedding()
        self.graph = GraphLayers(kind, EMBEDDING_SIZE, WIDTH, LAYERS)
        self.head = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.ReLU(),
            nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 1),
        )  # fmt: skip

    def forward(self, batch: GraphBatch) -> Tensor:
        """Return one number a graph, ``(graphs,)``."""
        nodes = self.graph(self.embedding(batch).index_select(0, batch.node_kinds), batch)
        output: Tensor = self.head(batch.mean_of_nodes(nodes))
        return output.squeeze(1)


def _convolution(kind: Kind, inputs: int, width: int) -> nn.Module:
    convolution: nn.Module
    if kind == "k-gnn":
        convolution = GraphConv(inputs, width)
    elif kind == "gcn":
        convolution = GCNConv(inputs, width)
    elif kind == "gin":
        parts = nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width)
        convolution = GINConv(nn.Sequential(*parts))
    else:
        raise ValueError(f"unknown kind of graph network {kind!r}; choose one of k-gnn, gcn, gin")
    return convolution
