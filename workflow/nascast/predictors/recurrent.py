"""Recurrent networks over a sequence of trace codes: the BiGRU of NAP2 and its older LSTM."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BiGRURegressor(nn.Module):
    """Two bidirectional GRU layers, two ways to a summary, one accuracy.

    Source: NAP2, stage 2. Path (a) takes the last hidden state of both directions, path (b) pools
    the outputs over time with a learned attention that ignores all-zero (padded) steps.

    Shapes: ``(n, snapshots, inputs)`` to ``(n,)`` in (0, 1).
    """

    def __init__(self, inputs: int, hidden: int = 128, dense: int = 128) -> None:
        super().__init__()
        self.recurrent = nn.GRU(
            inputs, hidden, num_layers=2, dropout=0.1, bidirectional=True, batch_first=True
        )
        self.attention = nn.Linear(2 * hidden, 1)
        self.head = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(4 * hidden, dense), nn.ReLU(), nn.Linear(dense, 1)
        )

    def forward(self, codes: Tensor) -> Tensor:
        """Return the accuracies of sequences of codes."""
        outputs, last = self.recurrent(codes)
        padded = (codes == 0).all(dim=2)
        # A sequence that is padding throughout would leave nothing to attend to.
        padded = padded & ~padded.all(dim=1, keepdim=True)
        scores = self.attention(outputs).squeeze(2).masked_fill(padded, -torch.inf)
        pooled = (scores.softmax(dim=1).unsqueeze(2) * outputs).sum(dim=1)
        summary = torch.cat([last[-2], last[-1], pooled], dim=1)
        return torch.sigmoid(self.head(summary)).squeeze(1)


class LSTMRegressor(nn.Module):
    """One LSTM layer whose last step goes through a dense layer: NAP2's older predictor.

    Shapes: ``(n, snapshots, inputs)`` to ``(n,)`` in (0, 1).
    """

    def __init__(self, inputs: int, hidden: int = 2048, dense: int = 64) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(inputs, hidden, batch_first=True)
        self.head = nn.Sequential(nn.Linear(hidden, dense), nn.ReLU(), nn.Linear(dense, 1))

    def forward(self, codes: Tensor) -> Tensor:
        """Return the accuracies of sequences of codes."""
        outputs, _ = self.recurrent(codes)
        return torch.sigmoid(self.head(outputs[:, -1])).squeeze(1)
