"""LC-PFN: a transformer that was taught to extrapolate learning curves by curves from a prior.

Source: Adriaensen et al. 2023, "Efficient Bayesian Learning Curve Extrapolation using Prior-Data
Fitted Networks". The network sees the points of a curve up to a random epoch and learns the
distribution of later ones, so that it approximates the Bayesian posterior of its prior. It never
sees a real curve, so nothing is fitted to labels.

The released weights come as a pickled program, which we do not load. Ours have the published prior,
architecture and loss, but are fewer and see fewer curves: 12 layers and 10 million curves take a
GPU. They are trained when they are first needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from nascast.predictors.curve_families import Floats
from nascast.predictors.extrapolation import Extrapolation
from nascast.predictors.lc_pfn_network import CurveTransformer
from nascast.predictors.lc_pfn_prior import EPOCHS, draw_curves
from nascast.predictors.settings import with_changes
from nascast.seeds import derive_seed

_FOR_BORDERS = 10_000  # curves whose accuracies decide where the density has its borders
_AT_ONCE = 4_000  # curves that are drawn together
_WARM_UP = 0.25  # share of the steps


@dataclass(frozen=True, slots=True)
class LCPFNSettings:
    """The network and its training.

    Attributes:
        layers: encoder layers (published: 12).
        width: numbers a point is mapped to (published: 512).
        heads: attention heads (published: 4).
        pieces: of the density (published: 1000).
        dropout: in training (published: 0.2).
        steps: mini-batches (published: 100,000).
        batch_size: curves in each, all cut at one epoch (published: 100).
        learning_rate: at its peak (published: 1e-3).
        seen: at most so many points of a curve are looked at (published: all of 100).
        asked: at most so many later points are asked for in training (published: all).
    """

    layers: int = 3
    width: int = 64
    heads: int = 2
    pieces: int = 100
    dropout: float = 0.0
    steps: int = 1000
    batch_size: int = 100
    learning_rate: float = 1e-3
    seen: int = 48
    asked: int = 8


SMALL = LCPFNSettings()


class LCPFN(Extrapolation):
    """Posterior mean at the horizon, from one pass of a transformer.

    Epochs are mapped from 1 and the horizon to 1 and ``EPOCHS`` of the prior.

    Args:
        horizon: the last epoch of a whole training, in the unit of the budget.
        seed: decides the prior's draws and the first weights.
        settings: changes of ours.
    """

    name: ClassVar[str] = "LC-PFN (small)"
    reference: ClassVar[str] = "Adriaensen et al. 2023; smaller than published"
    quick: ClassVar[Mapping[str, float]] = {"steps": 100}

    def __init__(
        self, horizon: float, seed: int = 0, settings: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(horizon, seed)
        self.settings = with_changes(SMALL, settings or {}, self.name)
        self._network: CurveTransformer | None = None

    @property
    def network(self) -> CurveTransformer:
        """The trained network; it is trained once for all predictors of a seed and settings."""
        if self._network is None:
            self._network = train(self.settings, derive_seed(self.name, self.seed))
        return self._network

    def extrapolate(
        self,
        curves: Floats,
        log_epochs: Floats,
        log_horizon: Floats,
        generators: Sequence[np.random.Generator],
    ) -> Floats:
        """Return expected accuracies at the horizon, ``(n,)``."""
        points = len(log_epochs)
        kept = np.unique(np.linspace(0, points - 1, min(points, self.settings.seen)).round())
        kept = kept.astype(np.int64)
        horizon = float(np.exp(log_horizon[0]))
        at = 1 + (np.exp(log_epochs[kept]) - 1) * (EPOCHS - 1) / (horizon - 1)
        network = self.network
        with torch.no_grad():
            logits = network(
                torch.from_numpy(at).float().expand(len(curves), -1),
                torch.from_numpy(curves[:, kept]).float(),
                torch.full((len(curves), 1), float(EPOCHS)),
            )
            return network.mean(logits)[:, 0].double().numpy()


@lru_cache(maxsize=8)
def train(settings: LCPFNSettings, seed: int) -> CurveTransformer:
    """Return a network that is trained on curves of the prior, in evaluation mode."""
    rng = np.random.default_rng(seed)
    _, noisy = draw_curves(_FOR_BORDERS, rng)
    borders = np.quantile(noisy, np.linspace(0, 1, settings.pieces + 1))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = _make(settings, torch.from_numpy(borders).float())
        optimiser = torch.optim.AdamW(
            network.parameters(), settings.learning_rate, weight_decay=0.0
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: _rate(step / settings.steps)
        )
        for seen_at, seen, asked_at, asked in _batches(settings, rng):
            loss = -network.log_density(network(seen_at, seen, asked_at), asked).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return network.eval()


def _make(settings: LCPFNSettings, borders: Tensor) -> CurveTransformer:
    return CurveTransformer(
        borders, settings.width, settings.layers, settings.heads, settings.dropout
    )


def _rate(progress: float) -> float:
    """Return the share of the peak learning rate: up in a line, down in a cosine."""
    if progress < _WARM_UP:
        return progress / _WARM_UP
    return (1 + math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP))) / 2


def _batches(
    settings: LCPFNSettings, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Yield epochs and accuracies of seen and of asked points, ``(batch, points)`` each.

    All curves of a mini-batch are cut behind the same random epoch.
    """
    size = settings.batch_size
    curves = np.zeros((0, EPOCHS))
    for _ in range(settings.steps):
        if len(curves) < size:
            curves = draw_curves(max(size, _AT_ONCE), rng)[1]
        batch, curves = torch.from_numpy(curves[:size]).float(), curves[size:]
        cut = int(rng.integers(1, EPOCHS))
        parts: list[Tensor] = []
        for first, end, most in ((0, cut, settings.seen), (cut, EPOCHS, settings.asked)):
            chosen = first + rng.permutation(end - first)[:most]
            at = torch.from_numpy(chosen + 1.0).float()
            parts += [at.expand(size, -1), batch[:, chosen]]
        yield parts[0], parts[1], parts[2], parts[3]
