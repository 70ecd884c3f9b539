"""TNASP: a transformer over the nodes of a cell, placed by the graph's Laplacian.

Source: Lu et al. 2021, "TNASP: A Transformer-based NAS Predictor with a Self-evolution Framework".
Widths and training are those that its first author released for its successor (Lu et al. 2023,
PINAT), which puts graph attention beside the same transformer. This is the published predictor
without its self-evolution, which needs somebody who scores guesses on networks with secret labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.graph_network import graph_tensors, mean_over, real_nodes
from nascast.predictors.network_regression import (
    NetworkRegression,
    Schedule,
    minimise,
    squared_error,
)

LAYERS = 3
WIDTH = 80
HEADS = 4
HEAD_DIMENSION = 64
INNER_WIDTH = 512
REGRESSOR_WIDTH = 96
DROPOUT = 0.1
EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class TNASPSettings:
    """How the network is trained.

    Attributes:
        batch_size: networks in a batch.
        learning_rate: of Adam, at the start.
        weight_decay: of Adam.
        epochs: passes over the training networks.
    """

    batch_size: int = 10
    learning_rate: float = 1e-4
    weight_decay: float = 1e-3
    epochs: int = 300


PUBLISHED = TNASPSettings()


class TNASP(NetworkRegression[TNASPSettings]):
    """Self-attention among nodes that know their operation and their row of the Laplacian."""

    name: ClassVar[str] = "TNASP"
    needs: ClassVar[frozenset[str]] = frozenset({"nodes", "edges"})
    reference: ClassVar[str] = "Lu et al. 2021, TNASP, without self-evolution"
    quick: ClassVar[Mapping[str, float]] = {"epochs": 60}

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, PUBLISHED)

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return nodes, the Laplacian and which nodes are real."""
        nodes, edges = graph_tensors(seen)
        return nodes, laplacian(edges), real_nodes(nodes)

    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        """Return the untrained transformer."""
        return GraphTransformer(*inputs[0].shape[1:])

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Minimise the squared error with Adam and a cosine."""
        settings = self.settings
        optimiser = torch.optim.Adam(
            network.parameters(),
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        schedule = Schedule(settings.epochs, settings.batch_size)
        minimise(squared_error(network), (*inputs, targets), optimiser, schedule)


def laplacian(edges: Tensor) -> Tensor:
    """Return the directed Laplacian, out-degrees minus edges, ``(n, nodes, nodes)``."""
    return torch.diag_embed(edges.sum(dim=2)) - edges


class GraphTransformer(nn.Module):
    """The network of :class:`TNASP`.

    Args:
        size: nodes of a graph, padding included.
        kinds: of nodes.
    """

    def __init__(self, size: int, kinds: int) -> None:
        super().__init__()
        # Of one-hot nodes: the table of an embedding, drawn as one.
        self.operation = nn.Linear(kinds, WIDTH, bias=False)
        nn.init.normal_(self.operation.weight)
        self.position = nn.Linear(size, WIDTH)
        self.dropout = nn.Dropout(DROPOUT)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(LAYERS))
        self.hidden = nn.Linear(WIDTH, REGRESSOR_WIDTH, bias=False)
        self.out = nn.Linear(REGRESSOR_WIDTH, 1, bias=False)

    def forward(self, nodes: Tensor, positions: Tensor, real: Tensor) -> Tensor:
        """Return one number a graph, ``(n,)``.

        Args:
            nodes: ``(n, nodes, kinds)``, one-hot.
            positions: ``(n, nodes, nodes)``, a row for each node.
            real: bool ``(n, nodes)``, false in the padding.
        """
        hidden = self.norm(self.dropout(self.operation(nodes) + self.position(positions)))
        attended = real[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, attended)
        pooled = mean_over(hidden, real)
        output: Tensor = self.out(self.dropout(self.hidden(pooled)))
        return output.squeeze(1)


class EncoderLayer(nn.Module):
    """A transformer layer with its norms behind the sums and heads wider than their share."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Linear(WIDTH, 3 * HEADS * HEAD_DIMENSION, bias=False)
        self.merge = nn.Linear(HEADS * HEAD_DIMENSION, WIDTH, bias=False)
        self.attention_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.feed_forward = nn.Sequential(
            nn.Linear(WIDTH, INNER_WIDTH), nn.ReLU(), nn.Linear(INNER_WIDTH, WIDTH)
        )
        self.feed_forward_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, attended: Tensor) -> Tensor:
        """Return ``(n, nodes, width)``; only ``attended`` nodes, ``(n, 1, 1, nodes)``, are read."""
        heads = self.projection(hidden).unflatten(2, (3, HEADS, HEAD_DIMENSION))
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(
            query, key, value, attended, DROPOUT if self.training else 0.0
        )
        merged = self.merge(mixed.transpose(1, 2).flatten(2))
        hidden = self.attention_norm(hidden + self.dropout(merged))
        output: Tensor = self.feed_forward_norm(hidden + self.dropout(self.feed_forward(hidden)))
        return output
