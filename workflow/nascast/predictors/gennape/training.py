"""Trains the graph encoder on unlabelled graphs, and embeds any graphs with it.

Source: Mills et al. 2023, "GENNAPE", supplement 'Contrastive Learning Graph Encoder': batches of
128 graphs, temperature 0.05, and the FLOPs of a graph as a second target. What is left open stands
in docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.gennape.contrastive import contrastive_loss, view_weights
from nascast.predictors.gennape.encoder import CODE_SIZE, EncoderNetwork
from nascast.predictors.gennape.packed import PackedGraphs
from nascast.predictors.gennape.spectral import spectral_distances
from nascast.predictors.settings import with_changes
from nascast.seeds import derive_seed

_EMBEDDED_TOGETHER = 128


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How the encoder is trained.

    Attributes:
        epochs: passes over all graphs.
        batch_size: graphs in a batch (published: 128).
        learning_rate: Adam's, at the start of a cosine.
        spectral_scale: spectral distance that makes a graph's weight e times smaller.
        flops_weight: of the squared error of the FLOPs, beside the contrastive loss.
    """

    epochs: int = 20
    batch_size: int = 128
    learning_rate: float = 1e-3
    spectral_scale: float = 0.05
    flops_weight: float = 1.0


PUBLISHED = EncoderSettings()
QUICK: Mapping[str, float] = {"epochs": 4}
"""Changes of the published settings that make training cheap."""


def encoder_settings(changes: Mapping[str, float]) -> EncoderSettings:
    """Return the published settings with some of them changed.

    Raises:
        ValueError: for a name that is no setting, or a fraction where a whole number is needed.
    """
    return with_changes(PUBLISHED, changes, "GENNAPE encoder")


class GraphEncoder:
    """The encoder, trained once on graphs of a source space, without labels.

    Args:
        settings: how it is trained.
        seed: of the weights, the batches and the dropout.

    Attributes:
        losses: of each epoch, contrastive (nats a view, the entropy of the target subtracted, so
            that 0 is perfect) and FLOPs (squared error in variances of the training graphs).
    """

    def __init__(self, settings: EncoderSettings, seed: int) -> None:
        self.settings = settings
        self.seed = seed
        self.losses: list[tuple[float, float]] = []
        self._network: EncoderNetwork | None = None

    def fit(self, graphs: PackedGraphs, spectra: NDArray[np.float64]) -> None:
        """Train on some graphs; their order does not matter.

        Args:
            graphs: at least one batch of them.
            spectra: smallest eigenvalues of each, ``(n, q)``.

        Raises:
            ValueError: there are fewer graphs than a batch has, or spectra of other graphs.
        """
        size = self.settings.batch_size
        if len(graphs) < size:
            raise ValueError(
                f"the GENNAPE encoder needs a batch of {size} graphs to train, got {len(graphs)}"
            )
        if len(spectra) != len(graphs):
            raise ValueError(f"{len(spectra)} spectra were given for {len(graphs)} graphs")
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed("gennape-encoder", self.seed))
            network = EncoderNetwork()
            self.losses = self._train(network, graphs, spectra)
        self._network = network.eval()

    def _train(
        self, network: EncoderNetwork, graphs: PackedGraphs, spectra: NDArray[np.float64]
    ) -> list[tuple[float, float]]:
        settings = self.settings
        flops = _standardised_flops(graphs.gflops)
        optimiser = torch.optim.Adam(network.parameters(), settings.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs)
        rng = np.random.default_rng(derive_seed("gennape-batches", self.seed))
        order, losses = graphs.by_size(), []
        for _ in range(settings.epochs):
            sums = np.zeros(2)
            # The last graphs of an epoch that make no whole batch wait for the next one.
            whole = len(graphs) // settings.batch_size
            places = rng.permutation(len(graphs))[: whole * settings.batch_size]
            for batch in places.reshape(whole, -1):
                # Graphs of one size beside each other are the cheapest to attend in.
                chosen = order[np.sort(batch)]
                parts = self._losses(network, graphs, chosen, spectra[chosen], flops[chosen])
                optimiser.zero_grad()
                (parts[0] + settings.flops_weight * parts[1]).backward()
                optimiser.step()
                sums += [part.item() for part in parts]
            schedule.step()
            losses.append((float(sums[0] / whole), float(sums[1] / whole)))
        return losses

    def _losses(
        self,
        network: EncoderNetwork,
        graphs: PackedGraphs,
        chosen: NDArray[np.int64],
        spectra: NDArray[np.float64],
        flops: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return the contrastive loss of two views of a batch, and the error of their FLOPs."""
        batch = graphs.batch(chosen)
        nodes = network.embedding(batch)
        views = torch.cat([network.pool(nodes, batch) for _ in range(2)])
        distances = torch.from_numpy(spectral_distances(spectra)).to(views.dtype)
        weights = view_weights(distances, self.settings.spectral_scale)
        contrast = contrastive_loss(network.projection(views), weights)
        entropy = torch.special.entr(weights).sum(dim=1).mean()
        error = nn.functional.mse_loss(network.flops(views).squeeze(1), flops.repeat(2))
        return contrast - entropy, error

    @torch.no_grad()
    def encode(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        """Return the embeddings of graphs, ``(n, 128)``; ValueError before ``fit``."""
        network = self._require_network()
        codes = np.empty((len(graphs), CODE_SIZE), dtype=np.float32)
        for numbers, batch in graphs.batches(_EMBEDDED_TOGETHER):
            codes[numbers] = network(batch).numpy()
        return codes

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the plain settings that :meth:`from_state` needs.

        Raises:
            ValueError: before ``fit``.
        """
        tensors = {
            key: value.contiguous() for key, value in self._require_network().state_dict().items()
        }
        return tensors, asdict(self.settings) | {"seed": self.seed, "losses": self.losses}

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> GraphEncoder:
        """Rebuild an encoder from :meth:`state`."""
        own = {field.name: settings[field.name] for field in fields(EncoderSettings)}
        encoder = cls(EncoderSettings(**own), int(settings["seed"]))
        encoder.losses = [(float(first), float(second)) for first, second in settings["losses"]]
        network = EncoderNetwork()
        network.load_state_dict(tensors)
        encoder._network = network.eval()
        return encoder

    def _require_network(self) -> EncoderNetwork:
        if self._network is None:
            raise ValueError("the GENNAPE encoder has not been fitted or loaded")
        return self._network


def _standardised_flops(gflops: NDArray[np.float64]) -> Tensor:
    """Return ``log10(gflops + 1)``, the size that Equation 5 divides by, with variance 1."""
    logs = np.log10(gflops + 1)
    spread = logs.std()
    return torch.from_numpy(
        ((logs - logs.mean()) / (spread if spread > 0 else 1)).astype(np.float32)
    )
