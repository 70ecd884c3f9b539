"""GCN: the graph network of the Neural Predictor, as White et al. ran it.

Source: Wen et al. 2020, "Neural Predictor for Neural Architecture Search", section 3.2, with the
settings and the light tuning of White et al. 2021, "How Powerful are Performance Predictors in
Neural Architecture Search?".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.graph_network import (
    graph_tensors,
    mean_over,
    real_nodes,
    rows_to_one,
    with_loops,
)
from nascast.predictors.network_regression import (
    Schedule,
    TunedRegression,
    TunedSettings,
    minimise,
    squared_error,
)
from nascast.predictors.tuning import Draw, LogUniform, WholeNumber

LAYERS = 4
HEAD_WIDTH = 128
DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class GCNSettings(TunedSettings):
    """How the network is built and trained.

    Attributes:
        width: of the graph layers (searched: 64 to 200).
        batch_size: networks in a batch (searched: 5 to 32).
        learning_rate: of Adam, at the start (searched: 1e-5 to 0.1).
        weight_decay: of Adam (searched: 1e-5 to 0.1).
        epochs: passes over the training networks.
    """

    width: int = 144
    batch_size: int = 7
    learning_rate: float = 1e-4
    weight_decay: float = 3e-4
    epochs: int = 300


PUBLISHED = GCNSettings()


class GCN(TunedRegression[GCNSettings]):
    """Directed graph convolutions, along the edges and against them, and a mean over the nodes."""

    name: ClassVar[str] = "GCN (White)"
    needs: ClassVar[frozenset[str]] = frozenset({"nodes", "edges"})
    reference: ClassVar[str] = "Wen et al. 2020, Neural Predictor; settings of White et al. 2021"
    quick: ClassVar[Mapping[str, float]] = {"trials": 1, "epochs": 150}
    space: ClassVar[Mapping[str, Draw]] = {
        "width": WholeNumber(64, 200, log=True),
        "batch_size": WholeNumber(5, 32, log=True),
        "learning_rate": LogUniform(1e-5, 1e-1),
        "weight_decay": LogUniform(1e-5, 1e-1),
    }

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, PUBLISHED)

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return nodes, who reads whom along and against the edges, and which nodes are real."""
        nodes, edges = graph_tensors(seen)
        real = real_nodes(nodes)
        against = rows_to_one(with_loops(edges, real))
        return nodes, rows_to_one(against.mT).contiguous(), against, real

    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        """Return the untrained graph network."""
        return DirectedGraphNetwork(inputs[0].shape[2], self.settings.width)

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


class DirectedGraphNetwork(nn.Module):
    """The network of :class:`GCN`.

    Args:
        kinds: of nodes.
        width: of the graph layers.
    """

    def __init__(self, kinds: int, width: int) -> None:
        super().__init__()
        widths = [kinds] + [width] * LAYERS
        self.layers = nn.ModuleList(DirectedConvolution(*pair) for pair in pairwise(widths))
        self.dropout = nn.Dropout(DROPOUT)
        # The published head has no non-linearity between its layers.
        self.hidden = nn.Linear(width, HEAD_WIDTH, bias=False)
        self.out = nn.Linear(HEAD_WIDTH, 1, bias=False)

    def forward(self, nodes: Tensor, along: Tensor, against: Tensor, real: Tensor) -> Tensor:
        """Return one number a graph, ``(n,)``.

        Args:
            nodes: ``(n, nodes, kinds)``.
            along: weights with which each node (second axis) reads the others along the edges.
            against: the same against the edges.
            real: bool ``(n, nodes)``, false in the padding.
        """
        hidden = nodes
        for layer in self.layers:
            hidden = self.dropout(layer(hidden, along, against))
        pooled = mean_over(hidden, real)
        output: Tensor = self.out(self.dropout(self.hidden(pooled)))
        return output.squeeze(1)


class DirectedConvolution(nn.Module):
    """``(relu(against X W1) + relu(along X W2)) / 2``, with one product for both weights."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.both = nn.Linear(inputs, 2 * outputs, bias=False)
        for weight in self.both.weight.data.chunk(2):
            nn.init.xavier_uniform_(weight)

    def forward(self, hidden: Tensor, along: Tensor, against: Tensor) -> Tensor:
        """Return ``(n, nodes, outputs)`` of ``(n, nodes, inputs)``."""
        first, second = self.both(hidden).chunk(2, dim=2)
        return 0.5 * (torch.relu(against.bmm(first)) + torch.relu(along.bmm(second)))
