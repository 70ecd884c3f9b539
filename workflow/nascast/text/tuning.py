"""Fine-tuning of a sentence transformer on descriptions of operators (SNAP, section 3.2, app. F).

The paper gives the three similarities and the loss. Learning rate, epochs, batch and the number of
pairs are our choice (``docs/decisions.md``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, get_args

import numpy as np
import torch
from torch import Tensor, nn

from nascast.seeds import derive_seed
from nascast.text.corpus import Text
from nascast.text.errors import TextError
from nascast.text.pairs import Sampler
from nascast.text.sentence_models import Batch

Loss = Literal["cosine", "triplet"]
LOSSES: Final[tuple[Loss, ...]] = get_args(Loss)


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """How an encoder is fine-tuned.

    Attributes:
        loss: squared error of the cosine similarity, or Equation 1 on triplets.
        epochs: passes; each draws pairs of its own.
        pairs: pairs or triplets of an epoch.
        batch_size: pairs of a step.
        lr: highest learning rate of AdamW; it rises and falls linearly.
        warmup: share of the steps in which it rises.
        weight_decay: of AdamW.
        clip: largest norm of the gradient.
        margin: epsilon of Equation 1; 1 in the paper.
    """

    loss: Loss = "cosine"
    epochs: int = 4
    pairs: int = 1500
    batch_size: int = 32
    lr: float = 5e-5
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    margin: float = 1.0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise TextError(f"tuning.loss is one of {', '.join(LOSSES)}, not {self.loss!r}")


class Tunable(Protocol):
    """What is fine-tuned; :class:`nascast.text.sentence_models.SentenceModel` is one."""

    @property
    def network(self) -> nn.Module:
        """The network."""
        ...

    def trainable(self) -> Mapping[str, nn.Parameter]:
        """Return the parameters to train, by name."""
        ...

    def loss(self, batch: Batch, margin: float) -> Tensor:
        """Return the mean loss of a batch."""
        ...


def fine_tune(
    model: Tunable, texts: Sequence[Text], settings: TuningSettings, seed: int
) -> tuple[dict[str, Tensor], list[float]]:
    """Fine-tune a model in place; it is left in evaluation mode.

    Pairs and dropout follow the seed; torch's global generator is left as it was.

    Args:
        model: what is fine-tuned.
        texts: descriptions to draw pairs of, in any order.
        settings: how.
        seed: of the run.

    Returns:
        The trained parameters by name, on the CPU, and the mean loss of each epoch.

    Raises:
        TextError: a text belongs to an operator that is held out, the texts make no pairs, or the
            loss is no longer finite.
    """
    if forbidden := sorted({text.operator for text in texts if text.is_held_out}):
        raise TextError(f"fine-tuning must not see the held-out {', '.join(forbidden)}")
    sampler, parameters = Sampler(texts), model.trainable()
    optimiser = torch.optim.AdamW(
        parameters.values(), lr=settings.lr, weight_decay=settings.weight_decay
    )
    steps = settings.epochs * -(-settings.pairs // settings.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: _share_of_lr(step, steps, settings.warmup)
    )
    losses = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed("text", "dropout", seed))
        model.network.train()
        for epoch in range(settings.epochs):
            rng = np.random.default_rng(derive_seed("text", "pairs", seed, epoch))
            total = 0.0
            for batch in _batches(sampler, settings, rng):
                optimiser.zero_grad()
                loss = model.loss(batch, settings.margin)
                loss.backward()
                nn.utils.clip_grad_norm_(parameters.values(), settings.clip)
                optimiser.step()
                schedule.step()
                total += loss.item() * len(batch)
            losses.append(total / settings.pairs)
    model.network.eval()
    if not np.isfinite(losses).all():
        raise TextError(f"fine-tuning diverged, its losses are {losses}; lower tuning.lr")
    trained = {name: tensor.detach().cpu().clone() for name, tensor in parameters.items()}
    return trained, losses


def _batches(sampler: Sampler, settings: TuningSettings, rng: np.random.Generator) -> list[Batch]:
    """Return an epoch in batches."""
    drawn: Batch = (
        sampler.pairs(settings.pairs, rng)
        if settings.loss == "cosine"
        else sampler.triplets(settings.pairs, rng)
    )
    size = settings.batch_size
    return [drawn[start : start + size] for start in range(0, len(drawn), size)]


def _share_of_lr(step: int, steps: int, warmup: float) -> float:
    """Return the share of the highest learning rate: it rises in the warm-up, then falls to 0."""
    rising = max(1, round(warmup * steps))
    return min((step + 1) / rising, (steps - step) / max(1, steps - rising), 1.0)
