"""Training of SNAP's network: all graphs in memory, and nothing between them and the batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor

from nascast.predictors.snap.arrays import Batch
from nascast.predictors.snap.network import SnapNetwork
from nascast.predictors.snap.settings import Loss, SnapSettings

Floats = NDArray[np.float64]
# So many graphs are scored at once, which only bounds the memory.
_QUERY_BATCH = 2048


def targets(labels: Floats, settings: SnapSettings) -> Floats:
    """Return what the network learns: the labels, or their mid-quantiles, even over (0, 1)."""
    if settings.target == "accuracy":
        return labels
    quantiles: Floats = (rankdata(labels) - 0.5) / len(labels)
    return quantiles


def train(
    network: SnapNetwork,
    graphs: Batch,
    vectors: Tensor,
    wanted: Tensor,
    settings: SnapSettings,
    generator: torch.Generator,
    after_epoch: Callable[[int], None] | None = None,
) -> None:
    """Train a network in place.

    Args:
        network: as made for the settings.
        graphs: the training cells.
        vectors: of the kinds of their nodes.
        wanted: float32 ``(n,)``, from :func:`targets`.
        settings: batches, epochs, loss and optimiser.
        generator: decides the batches.
        after_epoch: called with the number of each epoch, from 1, with the network in evaluation.
    """
    optimiser = torch.optim.AdamW(
        network.parameters(),
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, settings.decay_every, settings.decay)
    loss = _LOSSES[settings.loss]
    for epoch in range(1, settings.epochs + 1):
        network.train()
        order = torch.randperm(len(graphs), generator=generator)
        for rows in order.split(settings.batch_size):
            optimiser.zero_grad()
            scores = network(graphs.take(rows), vectors)
            loss(scores, wanted.index_select(0, rows)).backward()
            optimiser.step()
        schedule.step()
        network.eval()
        if after_epoch is not None:
            after_epoch(epoch)


def pairwise_loss(scores: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean log loss of the order of all pairs of a batch that are no ties.

    Source: Burges et al. 2005, "Learning to Rank using Gradient Descent", section 3.
    """
    better = wanted.unsqueeze(1) > wanted.unsqueeze(0)
    margins = scores.unsqueeze(1) - scores.unsqueeze(0)
    losses = torch.nn.functional.softplus(-margins) * better
    return losses.sum() / better.sum().clamp(min=1)


@torch.no_grad()
def scores(network: SnapNetwork, graphs: Batch, vectors: Tensor) -> Floats:
    """Return what a network in evaluation says, float64 ``(n,)``."""
    parts = [
        network(graphs.take(rows), vectors)
        for rows in torch.arange(len(graphs)).split(_QUERY_BATCH)
    ]
    return torch.cat(parts).double().numpy()


_LOSSES: Mapping[Loss, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": torch.nn.functional.mse_loss,
    "pairwise": pairwise_loss,
}
