"""Fits the baselines k-GNN, GCN (CG) and GIN to the accuracy of networks, and fine-tunes them.

Source: Mills et al. 2023, "GENNAPE", supplement 'Baseline GNNs', and the released k-GNN: Adam at
1e-4, batches of 32, 40 epochs, the epoch of the smallest mean absolute percentage error on
held-out networks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.gennape.graph_networks import GraphNetwork, Kind
from nascast.predictors.gennape.packed import PackedGraphs
from nascast.predictors.settings import with_changes
from nascast.seeds import derive_seed

_PREDICTED_TOGETHER = 128


@dataclass(frozen=True, slots=True)
class RegressionSettings:
    """How a baseline is trained.

    Attributes:
        epochs: passes over the training networks (published: 40).
        batch_size: networks in a batch (published: 32).
        learning_rate: Adam's (published: 1e-4).
        clip: largest norm of the gradient.
        tuning_epochs: passes over the networks of a new family, one at a time (published: 100).
    """

    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 1e-4
    clip: float = 5.0
    tuning_epochs: int = 100


PUBLISHED = RegressionSettings()
QUICK: Mapping[str, float] = {"epochs": 10, "tuning_epochs": 30}
"""Changes of the published settings that make training cheap."""


def regression_settings(changes: Mapping[str, float]) -> RegressionSettings:
    """Return the published settings with some of them changed.

    Raises:
        ValueError: for a name that is no setting, or a fraction where a whole number is needed.
    """
    return with_changes(PUBLISHED, changes, "graph network")


class GraphRegression:
    """A graph network, trained end to end on computation graphs.

    Args:
        kind: of graph convolution.
        settings: how it is trained.
        seed: of the weights and the batches.
    """

    def __init__(self, kind: Kind, settings: RegressionSettings, seed: int) -> None:
        self.kind: Kind = kind
        self.settings = settings
        self.seed = seed
        self._network: GraphNetwork | None = None

    def fit(
        self,
        graphs: PackedGraphs,
        accuracies: NDArray[np.float64],
        held_out: NDArray[np.bool_],
    ) -> None:
        """Train anew; the order of the networks does not matter.

        Args:
            graphs: labelled networks.
            accuracies: in (0, 1], ``(n,)``.
            held_out: ``(n,)``, networks that only choose the epoch; none keeps the last one.

        Raises:
            ValueError: no network is left to train on.
        """
        if held_out.all():
            raise ValueError("every labelled network is held out; none is left to train on")
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed("gennape-regression", self.kind, self.seed))
            self._network = GraphNetwork(self.kind)
        choosing = graphs.take(np.flatnonzero(held_out))
        best, lowest = self._network.state_dict(), np.inf
        train = np.flatnonzero(~held_out)
        for _ in self._epochs(graphs, accuracies, train, self.settings.batch_size, "fit"):
            errors = np.abs(self.predict(choosing) / accuracies[held_out] - 1)
            if not len(errors) or errors.mean() < lowest:
                lowest = errors.mean() if len(errors) else np.inf
                best = {key: value.clone() for key, value in self._network.state_dict().items()}
        self._network.load_state_dict(best)

    def fine_tune(self, graphs: PackedGraphs, accuracies: NDArray[np.float64]) -> None:
        """Go on training all weights on a few networks of another family, one at a time.

        Raises:
            ValueError: before ``fit``.
        """
        every = np.arange(len(graphs))
        for _ in self._epochs(graphs, accuracies, every, 1, "fine-tune"):
            pass

    @torch.no_grad()
    def predict(self, graphs: PackedGraphs) -> NDArray[np.float64]:
        """Return the predicted accuracies, ``(n,)``; ValueError before ``fit``."""
        network = self._require_network()
        predictions = np.empty(len(graphs))
        for numbers, batch in graphs.batches(_PREDICTED_TOGETHER):
            predictions[numbers] = network(batch).numpy()
        return predictions

    def _epochs(
        self,
        graphs: PackedGraphs,
        accuracies: NDArray[np.float64],
        rows: NDArray[np.int64],
        size: int,
        what: str,
    ) -> Iterator[int]:
        """Train on some of the graphs; yield the number of every epoch that is over."""
        network, settings = self._require_network(), self.settings
        optimiser = torch.optim.Adam(network.parameters(), settings.learning_rate)
        rng = np.random.default_rng(derive_seed("gennape-regression", what, self.kind, self.seed))
        order = rows[np.argsort(np.array(graphs.arch_ids)[rows], kind="stable")]
        epochs = settings.epochs if what == "fit" else settings.tuning_epochs
        for epoch in range(epochs):
            shuffled = rng.permutation(order)
            for start in range(0, len(shuffled), size):
                chosen = shuffled[start : start + size]
                targets = torch.from_numpy(accuracies[chosen].astype(np.float32))
                loss = nn.functional.mse_loss(network(graphs.batch(chosen)), targets)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
                optimiser.step()
            yield epoch

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the plain settings that :meth:`from_state` needs.

        Raises:
            ValueError: before ``fit``.
        """
        settings = asdict(self.settings) | {"kind": self.kind, "seed": self.seed}
        return dict(self._require_network().state_dict()), settings

    @classmethod
    def from_state(
        cls, tensors: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> GraphRegression:
        """Rebuild a baseline from :meth:`state`."""
        own = {field.name: settings[field.name] for field in fields(RegressionSettings)}
        model = cls(settings["kind"], RegressionSettings(**own), int(settings["seed"]))
        model._network = GraphNetwork(model.kind)
        model._network.load_state_dict(tensors)
        return model

    def _require_network(self) -> GraphNetwork:
        if self._network is None:
            raise ValueError("the graph network has not been fitted or loaded")
        return self._network
