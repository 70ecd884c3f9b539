"""Fine-tuning pulls descriptions together and apart, by the seed, and sees no held-out one."""

from __future__ import annotations

import dataclasses
from itertools import chain
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nascast.text.corpus import Text, corpus, seen
from nascast.text.errors import TextError
from nascast.text.pairs import Pair
from nascast.text.sentence_models import Batch, cosine
from nascast.text.tuning import LOSSES, TuningSettings, fine_tune

TEXTS = [
    Text(text, operator, category, "name")
    for category, operators in {
        "convolution": {"conv": ["conv filter", "convolution"], "depth": ["channel filter", "dw"]},
        "pooling": {"max": ["max pool", "largest"], "avg": ["mean pool", "average"]},
        "loss": {"mse": ["squared error", "mse"], "mae": ["absolute error", "mae"]},
    }.items()
    for operator, texts in operators.items()
    for text in texts
]
SETTINGS = TuningSettings(epochs=4, pairs=96, batch_size=16, lr=0.05)


class BagOfWords(nn.Module):
    """The smallest model that can be fine-tuned: the mean of its words' vectors."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        words = sorted(set(chain.from_iterable(text.text.split() for text in TEXTS)))
        self.numbers = {word: number for number, word in enumerate(words)}
        generator = torch.Generator().manual_seed(0)
        self.vectors = nn.Parameter(torch.randn(len(words), 16, generator=generator))
        self.fixed = nn.Parameter(torch.ones(16))
        self.dropout = nn.Dropout(dropout)

    @property
    def network(self) -> nn.Module:
        return self

    def trainable(self) -> dict[str, nn.Parameter]:
        return {"vectors": self.vectors}

    def embed(self, texts: list[str]) -> Tensor:
        rows = [self.vectors[[self.numbers[w] for w in text.split()]].mean(0) for text in texts]
        return self.dropout(torch.stack(rows)) * self.fixed

    def loss(self, batch: Batch, margin: float) -> Tensor:
        if isinstance(batch[0], Pair):
            pairs: Any = batch
            found = torch.cosine_similarity(
                self.embed([pair.first for pair in pairs]),
                self.embed([pair.second for pair in pairs]),
            )
            targets = torch.tensor([pair.similarity for pair in pairs])
            return nn.functional.mse_loss(found, targets)
        parts = [
            self.embed([getattr(triplet, part) for triplet in batch])
            for part in ("anchor", "positive", "negative")
        ]
        return nn.functional.triplet_margin_loss(*parts, margin=margin)


def similarity(model: BagOfWords, first: str, second: str) -> float:
    with torch.no_grad():
        vectors = model.embed([first, second]).numpy()
    return float(cosine(vectors[:1], vectors[1:])[0])


@pytest.mark.parametrize("loss", LOSSES)
def test_operators_of_one_kind_end_nearer_than_others(loss: str) -> None:
    model = BagOfWords()
    settings = dataclasses.replace(SETTINGS, loss=loss, epochs=10)
    _, losses = fine_tune(model, TEXTS, settings, seed=0)
    assert losses[-1] < losses[0] / 2
    assert not model.training
    same = similarity(model, "conv filter", "convolution")
    other = similarity(model, "convolution", "squared error")
    assert same > 0.6
    assert other < 0.3


def test_weights_are_those_that_are_trained() -> None:
    model = BagOfWords()
    weights, _ = fine_tune(model, TEXTS, SETTINGS, seed=0)
    assert set(weights) == {"vectors"}
    assert torch.equal(weights["vectors"], model.vectors.detach())
    assert not weights["vectors"].requires_grad
    assert torch.equal(model.fixed.detach(), torch.ones(16))


def test_a_run_follows_its_seed_and_touches_no_global_state() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    runs = [fine_tune(BagOfWords(), texts, SETTINGS, 0)[0] for texts in (TEXTS, TEXTS[::-1])]
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(runs[0]["vectors"], runs[1]["vectors"])
    other = fine_tune(BagOfWords(), TEXTS, SETTINGS, 1)[0]
    assert not torch.equal(other["vectors"], runs[0]["vectors"])


def test_dropout_is_drawn_from_the_seed() -> None:
    runs = [fine_tune(BagOfWords(0.5), TEXTS, SETTINGS, 3) for _ in range(2)]
    assert runs[0][1] == runs[1][1]
    assert runs[0][1] != fine_tune(BagOfWords(0.0), TEXTS, SETTINGS, 3)[1]


def test_held_out_operators_are_refused() -> None:
    assert seen(corpus()) != corpus()
    with pytest.raises(TextError, match="must not see the held-out GRU, Mish"):
        fine_tune(
            BagOfWords(),
            [*TEXTS, Text("m", "Mish", "activation", "name"), Text("g", "GRU", "r", "name")],
            SETTINGS,
            0,
        )


def test_a_run_that_diverges_says_so() -> None:
    model = BagOfWords()
    with torch.no_grad():
        model.vectors[0, 0] = np.nan
    with pytest.raises(TextError, match=r"diverged, .* lower tuning\.lr"):
        fine_tune(model, TEXTS, SETTINGS, 0)


def test_the_last_batch_may_be_short() -> None:
    settings = dataclasses.replace(SETTINGS, pairs=20, batch_size=16, epochs=1)
    assert len(fine_tune(BagOfWords(), TEXTS, settings, 0)[1]) == 1


def test_unknown_losses_are_refused() -> None:
    with pytest.raises(TextError, match="one of cosine, triplet, not 'contrastive'"):
        TuningSettings(loss="contrastive")  # type: ignore[arg-type]
