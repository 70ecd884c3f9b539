"""BONAS: a graph network that reads the whole graph at a global node.

Source: Shi et al. 2020, "Bridging the Gap between Sample-based and One-shot Neural Architecture
Search with BONAS", section 3.1, with the settings and the light tuning of White et al. 2021. The
Bayesian linear head on top, which only serves the search, is left out there and here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.graph_network import NodeNorm, graph_tensors, real_nodes, with_loops
from nascast.predictors.network_regression import (
    Schedule,
    TunedRegression,
    TunedSettings,
    minimise,
    squared_error,
)
from nascast.predictors.tuning import Draw, LogUniform, WholeNumber

LAYERS = 4
# Bound of the uniform distribution of the initial weights.
INITIAL = 0.05


@dataclass(frozen=True, slots=True)
class BONASSettings(TunedSettings):
    """How the network is built and trained.

    Attributes:
        width: of the graph layers (searched: 16 to 128).
        batch_size: networks in a batch (searched: 32 to 256).
        learning_rate: of Adam, at the start (searched: 1e-5 to 0.1).
        epochs: passes over the training networks.
    """

    width: int = 64
    batch_size: int = 128
    learning_rate: float = 1e-4
    epochs: int = 100


PUBLISHED = BONASSettings()


class BONAS(TunedRegression[BONASSettings]):
    """Graph convolutions with batch norm, read at a node that every other writes into."""

    name: ClassVar[str] = "BONAS"
    needs: ClassVar[frozenset[str]] = frozenset({"nodes", "edges"})
    reference: ClassVar[str] = "Shi et al. 2020, BONAS; settings of White et al. 2021"
    quick: ClassVar[Mapping[str, float]] = {"trials": 4}
    space: ClassVar[Mapping[str, Draw]] = {
        "width": WholeNumber(16, 128, log=True),
        "batch_size": WholeNumber(32, 256, log=True),
        "learning_rate": LogUniform(1e-5, 1e-1),
    }

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, PUBLISHED)

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return nodes and who reads whom, with the global node last, and which are real."""
        nodes, edges = graph_tensors(seen)
        real = nn.functional.pad(real_nodes(nodes), (0, 1), value=True)
        nodes = nn.functional.pad(nodes, (0, 1, 0, 1))
        nodes[:, -1, -1] = 1.0
        edges = nn.functional.pad(edges, (0, 1, 0, 1))
        edges[:, :-1, -1] = real[:, :-1].float()
        return nodes, with_loops(edges, real).mT.contiguous(), real

    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        """Return the untrained graph network."""
        return GlobalNodeNetwork(inputs[0].shape[2], self.settings.width)

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Minimise the squared error with Adam and a cosine."""
        settings = self.settings
        optimiser = torch.optim.Adam(network.parameters(), settings.learning_rate, fused=True)
        schedule = Schedule(settings.epochs, settings.batch_size)
        minimise(squared_error(network), (*inputs, targets), optimiser, schedule)


class GlobalNodeNetwork(nn.Module):
    """The network of :class:`BONAS`.

    Args:
        kinds: of nodes, the global one included.
        width: of the graph layers.
    """

    def __init__(self, kinds: int, width: int) -> None:
        super().__init__()
        widths = [kinds] + [width] * LAYERS
        # Without biases, which the norms behind them would take out again.
        self.weights = nn.ModuleList(nn.Linear(*pair, bias=False) for pair in pairwise(widths))
        self.norms = nn.ModuleList(NodeNorm(width) for _ in range(LAYERS))
        self.out = nn.Linear(width, 1)
        for linear in self.weights:
            nn.init.uniform_(linear.get_parameter("weight"), -INITIAL, INITIAL)

    def forward(self, nodes: Tensor, read: Tensor, real: Tensor) -> Tensor:
        """Return one number a graph, ``(n,)``.

        Args:
            nodes: ``(n, nodes, kinds)``, the global node last.
            read: ``(n, nodes, nodes)``, 1 where a node (second axis) reads another or itself.
            real: bool ``(n, nodes)``, false in the padding.
        """
        hidden = nodes
        for weight, norm in zip(self.weights, self.norms, strict=True):
            hidden = torch.relu(norm(read.bmm(weight(hidden)), real))
        output: Tensor = self.out(hidden[:, -1])
        return output.squeeze(1)
