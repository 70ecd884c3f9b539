"""NPN: the graph isomorphism network of NPENAS.

Source: Wei et al. 2022, "NPENAS: Neural Predictor Guided Evolution for Neural Architecture Search",
section III-C, the predictor without uncertainty, with the settings of the released code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.graph_network import (
    NodeNorm,
    graph_tensors,
    mean_over,
    real_nodes,
    with_loops,
)
from nascast.predictors.network_regression import (
    Floats,
    NetworkRegression,
    Schedule,
    minimise,
    squared_error,
)

LAYERS = 3
WIDTH = 32
HEAD_WIDTH = 16
DROPOUT = 0.1
WEIGHT_DECAY = 1e-4
# Of Adam: no momentum.
BETAS = (0.0, 0.9)
# Up to so many networks make one batch.
ONE_BATCH = 10


@dataclass(frozen=True, slots=True)
class NPNSettings:
    """How the network is trained.

    Attributes:
        batch_size: networks in a batch, where there are more than ``ONE_BATCH``.
        learning_rate: of Adam, at the start; biases learn at twice the rate.
        epochs: passes over the training networks.
        rate: largest error in percent that the network can express.
    """

    batch_size: int = 16
    learning_rate: float = 5e-3
    epochs: int = 300
    rate: float = 100.0


PUBLISHED = NPNSettings()


class NPN(NetworkRegression[NPNSettings]):
    """Three graph isomorphism layers and a sigmoid that stands for the error in percent."""

    name: ClassVar[str] = "NPN"
    needs: ClassVar[frozenset[str]] = frozenset({"nodes", "edges"})
    reference: ClassVar[str] = "Wei et al. 2022, NPENAS, section III-C"
    quick: ClassVar[Mapping[str, float]] = {"epochs": 100}

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, PUBLISHED)

    def targets(self, labels: Floats) -> Floats:
        """Return errors in percent of labels in [0, 1]."""
        return 100 * (1 - labels)

    def labels(self, outputs: Floats) -> Floats:
        """Return labels in [0, 1] of errors in percent."""
        return 1 - outputs / 100

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return nodes, who reads whom along the edges, and which nodes are real."""
        nodes, edges = graph_tensors(seen)
        real = real_nodes(nodes)
        return nodes, with_loops(edges, real).mT.contiguous(), real

    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        """Return the untrained graph network."""
        return IsomorphismNetwork(inputs[0].shape[2], self.settings.rate)

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Minimise the squared error with Adam and a cosine; biases do not decay."""
        biases = [weight for name, weight in network.named_parameters() if name.endswith("bias")]
        others = [w for name, w in network.named_parameters() if not name.endswith("bias")]
        rate = self.settings.learning_rate
        optimiser = torch.optim.Adam(
            [
                {"params": others, "lr": rate, "weight_decay": WEIGHT_DECAY},
                {"params": biases, "lr": 2 * rate},
            ],
            betas=BETAS,
            fused=True,
        )
        count = len(targets)
        batch_size = self.settings.batch_size if count > ONE_BATCH else count
        schedule = Schedule(self.settings.epochs, batch_size)
        minimise(squared_error(network), (*inputs, targets), optimiser, schedule)


class IsomorphismNetwork(nn.Module):
    """The network of :class:`NPN`.

    Args:
        kinds: of nodes.
        rate: the largest output; the smallest is 0.
    """

    def __init__(self, kinds: int, rate: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Linear(WIDTH if layer else kinds, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)
            )
            for layer in range(LAYERS)
        )
        self.norms = nn.ModuleList(NodeNorm(WIDTH) for _ in range(LAYERS))
        self.hidden = nn.Linear(WIDTH, HEAD_WIDTH)
        self.dropout = nn.Dropout(DROPOUT)
        self.out = nn.Linear(HEAD_WIDTH, 1)
        self.rate = rate
        for linear in (self.hidden, self.out):
            nn.init.kaiming_uniform_(linear.weight, a=1)
            nn.init.zeros_(linear.bias)

    def forward(self, nodes: Tensor, read: Tensor, real: Tensor) -> Tensor:
        """Return one number in [0, ``rate``] a graph, ``(n,)``.

        Args:
            nodes: ``(n, nodes, kinds)``.
            read: ``(n, nodes, nodes)``, 1 where a node (second axis) reads another or itself.
            real: bool ``(n, nodes)``, false in the padding.
        """
        hidden = nodes
        for layer, norm in zip(self.layers, self.norms, strict=True):
            hidden = norm(torch.relu(layer(read.bmm(hidden))), real)
        hidden = self.dropout(torch.relu(self.hidden(mean_over(hidden, real))))
        return self.rate * torch.sigmoid(self.out(hidden)).squeeze(1)
