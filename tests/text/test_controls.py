"""Controls know which sentences are equal and nothing of what they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nascast.text.base import Encoder
from nascast.text.controls import RANDOM_WIDTH, OneHot, RandomVectors, Shuffled
from nascast.text.minilm import MiniLM
from nascast.text.sentence_models import Vectors

SENTENCES = [f"sentence {number:02}" for number in range(40)]


def test_one_hot_is_one_hot() -> None:
    assert OneHot().encode(["a", "b", "c"]).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_random_directions_are_far_apart_and_follow_the_seed() -> None:
    vectors = RandomVectors(seed=3).encode(SENTENCES)
    assert vectors.shape == (40, RANDOM_WIDTH)
    assert vectors.dtype == np.float32
    products = vectors @ vectors.T
    assert np.diag(products) == pytest.approx(1, abs=1e-5)
    assert np.abs(products - np.diag(np.diag(products))).max() < 0.3
    assert np.array_equal(vectors[7:9], RandomVectors(seed=3).encode(SENTENCES[7:9]))
    assert not np.array_equal(vectors, RandomVectors(seed=4).encode(SENTENCES))


def test_shuffling_gives_every_sentence_the_vector_of_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def numbered(self: Encoder, sentences: Sequence[str]) -> Vectors:
        return np.array([[SENTENCES.index(sentence)] for sentence in sentences], dtype=np.float32)

    monkeypatch.setattr(MiniLM, "encode", numbered)
    shuffled = Shuffled(seed=0).encode(SENTENCES)[:, 0]
    assert sorted(shuffled) == list(range(40))
    assert (shuffled != np.arange(40)).all()
    assert np.array_equal(shuffled, Shuffled(seed=0).encode(SENTENCES)[:, 0])
    assert not np.array_equal(shuffled, Shuffled(seed=1).encode(SENTENCES)[:, 0])


@pytest.mark.parametrize("control", [OneHot, RandomVectors, Shuffled])
def test_controls_say_that_they_do_not_read(control: type[Encoder]) -> None:
    assert not control.reads_text
    assert MiniLM.reads_text
