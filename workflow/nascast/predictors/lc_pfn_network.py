"""The transformer of LC-PFN: some points of a curve in, the distribution of others out.

Source: Adriaensen et al. 2023, section 3; Müller et al. 2022, "Transformers Can Do Bayesian
Inference". A seen point is the sum of two linear maps, of its epoch and its accuracy; a point that
is asked for has the first only. All attend to the seen points, asked ones to themselves as well.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from nascast.predictors.lc_pfn_prior import EPOCHS

_HALF_OF_HALF_NORMAL = 0.6744897501960817  # its median in deviations
_UNIFORM_DEVIATION = math.sqrt(1 / 12)


class CurveTransformer(nn.Module):
    """A prior-data fitted network on learning curves.

    Its output is a piecewise constant density between borders; the mass of the two outermost pieces
    is half-normal, so that it extends to infinity.

    Args:
        borders: rising borders of the pieces, ``(pieces + 1,)``.
        width: numbers a point is mapped to.
        layers: encoder layers, with twice the width inside.
        heads: attention heads.
        dropout: share of activations that is dropped in training.
    """

    def __init__(
        self, borders: Tensor, width: int, layers: int, heads: int, dropout: float
    ) -> None:
        super().__init__()
        self.register_buffer("borders", borders)
        self.borders: Tensor
        self.from_epoch, self.from_accuracy = nn.Linear(1, width), nn.Linear(1, width)
        layer = nn.TransformerEncoderLayer(
            width, heads, 2 * width, dropout, activation="gelu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, len(borders) - 1)
        )
        for own in self.encoder.layers:  # each layer begins as the identity
            assert isinstance(own, nn.TransformerEncoderLayer)
            for linear in (own.linear2, own.self_attn.out_proj):
                nn.init.zeros_(linear.weight)
                nn.init.zeros_(linear.bias)

    def forward(self, seen_at: Tensor, seen: Tensor, asked_at: Tensor) -> Tensor:
        """Return logits of the pieces, ``(n, asked, pieces)``.

        Args:
            seen_at: epochs of seen points, from 1 to ``EPOCHS``, ``(n, points)``.
            seen: their accuracies, ``(n, points)``.
            asked_at: epochs that are asked for, ``(n, asked)``.
        """
        points, total = seen.shape[1], seen.shape[1] + asked_at.shape[1]
        at = torch.cat([seen_at, asked_at], dim=1) / (EPOCHS + 1)
        tokens = self.from_epoch(_standardised(at))
        known = self.from_accuracy(_standardised(seen))
        tokens = tokens + nn.functional.pad(known, (0, 0, 0, total - points))
        hidden = torch.arange(total, device=seen.device).expand(total, total) >= points
        hidden = hidden & ~torch.eye(total, dtype=torch.bool, device=seen.device)
        encoded: Tensor = self.encoder(tokens, mask=hidden)
        logits: Tensor = self.head(encoded[:, points:])
        return logits

    def log_density(self, logits: Tensor, accuracies: Tensor) -> Tensor:
        """Return the log densities of accuracies, ``(n, asked)``."""
        last = logits.shape[-1] - 1
        place = (torch.searchsorted(self.borders, accuracies) - 1).clamp(0, last)
        mass = logits.log_softmax(dim=-1).gather(-1, place.unsqueeze(-1)).squeeze(-1)
        density = mass - self.borders.diff().log()[place]
        low, high = self._tails()
        below = mass + _log_half_normal(self.borders[1] - accuracies, low)
        above = mass + _log_half_normal(accuracies - self.borders[-2], high)
        return torch.where(place == 0, below, torch.where(place == last, above, density))

    def mean(self, logits: Tensor) -> Tensor:
        """Return expected accuracies, ``(n, asked)``."""
        centres = (self.borders[1:] + self.borders[:-1]) / 2
        low, high = self._tails()
        centres[0] = self.borders[1] - low * math.sqrt(2 / math.pi)
        centres[-1] = self.borders[-2] + high * math.sqrt(2 / math.pi)
        return logits.softmax(dim=-1) @ centres

    def _tails(self) -> tuple[Tensor, Tensor]:
        """Return the deviations of the half-normals, half of whose mass lies within the piece."""
        widths = self.borders.diff()
        return widths[0] / _HALF_OF_HALF_NORMAL, widths[-1] / _HALF_OF_HALF_NORMAL


def _log_half_normal(outward: Tensor, deviation: Tensor) -> Tensor:
    return math.log(2 / math.sqrt(2 * math.pi)) - deviation.log() - (outward / deviation) ** 2 / 2


def _standardised(values: Tensor) -> Tensor:
    """Return numbers between 0 and 1 with mean 0 and deviation 1, and a last axis of 1."""
    return ((values - 0.5) / _UNIFORM_DEVIATION).unsqueeze(-1)
