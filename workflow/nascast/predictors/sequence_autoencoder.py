"""The encoder, predictor and decoder of NAO: token sequences to a label and back to themselves.

Source: Luo et al. 2018, "Neural Architecture Optimization", section 3, in the form that Luo et al.
2020 use for cells and White et al. 2021 ran.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor, nn

HIDDEN = 64
PREDICTOR_WIDTH = 16
DROPOUT = 0.1
# What the decoder is given before the first token.
START = 0
# Two summed parts of equal variance keep it.
_HALF = sqrt(0.5)


class Encoder(nn.Module):
    """A bidirectional LSTM, whose mean state is the architecture, and the predictor on it.

    Args:
        kinds: of tokens.
    """

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(kinds, HIDDEN)
        self.recurrent = nn.LSTM(HIDDEN, HIDDEN, batch_first=True, bidirectional=True)
        self.merge = nn.Linear(2 * HIDDEN, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.predictor = nn.Sequential(
            nn.Linear(HIDDEN, PREDICTOR_WIDTH),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(PREDICTOR_WIDTH, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
        )
        self.regressor = nn.Linear(HIDDEN, 1)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return states, the architecture's code and the prediction.

        Shapes: int64 ``(n, length)`` to ``(n, length, HIDDEN)``, ``(n, HIDDEN)`` and ``(n,)``;
        states and codes have norm 1.
        """
        embedded = self.dropout(self.embedding(tokens))
        states = embedded + self.merge(self.recurrent(embedded)[0])
        states = nn.functional.normalize(states, dim=2)
        code = nn.functional.normalize(states.mean(dim=1), dim=1)
        prediction = self.regressor(_HALF * (code + self.predictor(code)))
        return states, code, prediction.squeeze(1)


class Decoder(nn.Module):
    """An LSTM that starts from the code and attends to the encoder's states.

    Args:
        kinds: of tokens.
    """

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(kinds, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.recurrent = nn.LSTM(HIDDEN, HIDDEN, batch_first=True)
        self.question = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.combine = nn.Linear(2 * HIDDEN, HIDDEN, bias=False)
        self.out = nn.Linear(HIDDEN, kinds)

    def forward(self, tokens: Tensor, states: Tensor, code: Tensor) -> Tensor:
        """Return logits of each token given those before it, ``(n, length, kinds)``."""
        before = nn.functional.pad(tokens[:, :-1], (1, 0), value=START)
        embedded = self.dropout(self.embedding(before))
        start = code.unsqueeze(0)
        hidden = _HALF * (embedded + self.recurrent(embedded, (start, start))[0])
        weights = torch.bmm(self.question(hidden), states.mT).softmax(dim=2)
        mixed = torch.cat([weights.bmm(states), hidden], dim=2)
        logits: Tensor = self.out(_HALF * (hidden + torch.tanh(self.combine(mixed))))
        return logits


class SequenceAutoencoder(nn.Module):
    """Encoder and decoder; called like a regression, it only predicts.

    Args:
        kinds: of tokens.
    """

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.encoder = Encoder(kinds)
        self.decoder = Decoder(kinds)

    def forward(self, one_hot: Tensor) -> Tensor:
        """Return predictions, ``(n,)``, of one-hot tokens, ``(n, length, kinds)``."""
        prediction: Tensor = self.encoder(one_hot.argmax(dim=2))[2]
        return prediction

    def reconstruct(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return predictions and logits of int64 tokens, ``(n,)`` and ``(n, length, kinds)``."""
        states, code, prediction = self.encoder(tokens)
        return prediction, self.decoder(tokens, states, code)
