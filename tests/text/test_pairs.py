"""Pairs are of the kind that their similarity says, balanced, and independent of order."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nascast.text.corpus import HELD_OUT, Text, corpus, seen
from nascast.text.errors import TextError
from nascast.text.pairs import (
    RELATED,
    SAME,
    TARGETS,
    UNRELATED,
    Pair,
    Sampler,
    Triplet,
    held_out_pairs,
)

TEXTS = seen(corpus())
BY_TEXT = {text.text: text for text in TEXTS}


def drawn(texts: list[Text], count: int = 600, seed: int = 0) -> list[Pair]:
    return Sampler(texts).pairs(count, np.random.default_rng(seed))


def test_similarities_follow_operators_and_categories() -> None:
    for pair in drawn(TEXTS):
        first, second = BY_TEXT[pair.first], BY_TEXT[pair.second]
        assert first.text != second.text
        if first.operator == second.operator:
            assert pair.similarity == SAME == 1.0
        elif first.category == second.category:
            assert pair.similarity == RELATED == 0.7
        else:
            assert pair.similarity == UNRELATED == 0.0


def test_kinds_and_categories_are_balanced() -> None:
    pairs = drawn(TEXTS, 3000)
    assert Counter(pair.similarity for pair in pairs) == dict.fromkeys(TARGETS, 1000)
    same = Counter(BY_TEXT[pair.first].category for pair in pairs if pair.similarity == SAME)
    assert max(same.values()) < 2 * min(same.values())


def test_batches_hold_every_kind() -> None:
    assert {pair.similarity for pair in drawn(TEXTS, 3)} == set(TARGETS)


def test_draws_follow_their_seed_and_not_the_order_of_the_texts() -> None:
    assert drawn(TEXTS) == drawn(TEXTS[::-1])
    assert drawn(TEXTS) != drawn(TEXTS, seed=1)


def test_triplets_are_nearer_within_an_operator() -> None:
    triplets = Sampler(TEXTS).triplets(300, np.random.default_rng(0))
    assert isinstance(triplets[0], Triplet)
    for triplet in triplets:
        anchor, positive = BY_TEXT[triplet.anchor], BY_TEXT[triplet.positive]
        assert anchor.operator == positive.operator
        assert anchor.text != positive.text
        assert BY_TEXT[triplet.negative].category != anchor.category


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [Text("a", "x", "c", "name"), Text("b", "x", "c", "name")],
        [Text("a", "x", "c", "name"), Text("b", "y", "c", "name"), Text("d", "z", "e", "name")],
    ],
)
def test_too_few_descriptions_are_refused(texts: list[Text]) -> None:
    with pytest.raises(TextError, match="pairs need an operator with two descriptions"):
        Sampler(texts)


def test_held_out_pairs_worked_out_by_hand() -> None:
    texts = [
        Text("gru", "GRU", "recurrent", "name"),
        Text("nn.GRU", "GRU", "recurrent", "name"),
        Text("gated unit", "GRU", "recurrent", "paraphrase"),
        Text("rnn", "RNN", "recurrent", "name"),
        Text("mish", "Mish", "activation", "name"),
        Text("relu", "ReLU", "activation", "name"),
        Text("rectifier", "ReLU", "activation", "paraphrase"),
    ]
    found = {
        kind: {frozenset(pair) for pair in pairs} for kind, pairs in held_out_pairs(texts).items()
    }
    assert found == {
        SAME: {frozenset({"gru", "gated unit"})},
        RELATED: {frozenset({"gru", "rnn"}), frozenset({"mish", "relu"})},
        UNRELATED: {
            frozenset({"gru", "mish"}), frozenset({"gru", "relu"}), frozenset({"rnn", "mish"}),
        },
    }  # fmt: skip


def test_held_out_pairs_of_torch_always_have_a_held_out_operator() -> None:
    every = corpus()
    found = held_out_pairs(every)
    operators = {text.text: text.operator for text in every}
    for pairs in found.values():
        assert len(pairs) > 40
        assert all({operators[a], operators[b]} & HELD_OUT for a, b in pairs)
        assert len({frozenset(pair) for pair in pairs}) == len(pairs)
