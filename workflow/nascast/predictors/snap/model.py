"""SNAP: trained once on the cells of one space, applied to the graphs of any.

Source: "SNAP", sections 3.1 and 3.3. The text of operators comes as vectors; nothing of the target
space is seen but its graphs, one at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from nascast.predictors.snap.arrays import OperatorGraphs, Vectors, make_batch, operator_matrix
from nascast.predictors.snap.network import SnapNetwork
from nascast.predictors.snap.settings import SnapSettings
from nascast.predictors.snap.training import scores, targets, train
from nascast.predictors.store import CheckpointError, load_tensors, rebuilding, save_tensors
from nascast.seeds import derive_seed

Floats = NDArray[np.float64]
# So many graphs are made ready at once, which only bounds the memory.
_QUERY_PART = 50_000


class Snap:
    """A network on operator graphs.

    Args:
        settings: the recipe.
        seed: decides the initial weights and the batches.
    """

    def __init__(self, settings: SnapSettings, seed: int) -> None:
        self.settings, self.seed = settings, seed
        self.network: SnapNetwork | None = None

    def fit(
        self,
        graphs: OperatorGraphs,
        labels: Floats,
        vectors: Vectors,
        after_epoch: Callable[[int], None] | None = None,
    ) -> None:
        """Train a new network.

        Args:
            graphs: the training cells.
            labels: ``(n,)`` in [0, 1], higher is better.
            vectors: of every operation of the graphs.
            after_epoch: called with the number of each epoch, from 1, when it can predict.

        Raises:
            OperatorError: an operation has no vector.
        """
        known = operator_matrix(vectors, graphs.vocabulary, self.settings)
        wanted = torch.from_numpy(targets(labels, self.settings)).float()
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed("snap", "weights", self.seed))
            self.network = SnapNetwork(known.shape[1], self.settings)
        generator = torch.Generator().manual_seed(derive_seed("snap", "batches", self.seed))
        batch = make_batch(graphs, self.settings)
        train(self.network, batch, known, wanted, self.settings, generator, after_epoch)

    def predict(self, graphs: OperatorGraphs, vectors: Vectors) -> Floats:
        """Return a score for each graph, ``(n,)``; higher is better.

        Raises:
            ValueError: not fitted yet, or vectors of another length.
            OperatorError: an operation has no vector.
        """
        if self.network is None:
            raise ValueError("SNAP is not fitted: call fit before predict")
        known = operator_matrix(vectors, graphs.vocabulary, self.settings)
        features = self.network.weights[0].shape[1]
        if known.shape[1] != features:
            raise ValueError(
                f"SNAP was fitted on vectors of length {features}, these have {known.shape[1]}: "
                "use the same encoder"
            )
        parts = np.array_split(np.arange(len(graphs)), -(-len(graphs) // _QUERY_PART) or 1)
        return np.concatenate(
            [
                scores(self.network, make_batch(graphs.take(rows), self.settings), known)
                for rows in parts
            ]
        )

    def save(self, path: Path, card: Mapping[str, Any]) -> None:
        """Write weights and settings, with a card: spaces seen, encoder, seeds."""
        if self.network is None:
            raise ValueError("SNAP is not fitted: call fit before save")
        tensors = {name: value.contiguous() for name, value in self.network.state_dict().items()}
        values = {"settings": asdict(self.settings), "seed": self.seed, "card": dict(card)}
        save_tensors(tensors, {"snap": json.dumps(values, sort_keys=True)}, path)

    @classmethod
    def load(cls, path: Path) -> tuple[Self, dict[str, Any]]:
        """Read what :meth:`save` wrote: the fitted model and its card.

        Raises:
            CheckpointError: says what is wrong with the file.
        """
        tensors, metadata = load_tensors(path)
        if "snap" not in metadata:
            raise CheckpointError(f"{path} holds no SNAP network; it has {sorted(metadata)}")
        with rebuilding(path):
            values = json.loads(metadata["snap"])
            model = cls(SnapSettings(**values["settings"]), values["seed"])
            network = SnapNetwork(tensors["weights.0"].shape[1], model.settings)
            network.load_state_dict(tensors)
            model.network = network.eval()
            return model, values["card"]
