"""Encoders are found by name, and every operation gets the vector of its sentence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint

import numpy as np
import pytest

from nascast.text import encoders
from nascast.text.base import Encoder
from nascast.text.errors import TextError
from nascast.text.sentence_models import Vectors


class Lengths(Encoder):
    """Letters of a sentence, and what it was asked for."""

    name = "lengths"
    reference = "a test"

    def encode(self, sentences: Sequence[str]) -> Vectors:
        self.asked = list(sentences)
        return np.array([[len(sentence), 1] for sentence in sentences], dtype=np.float32)


class Absent(Lengths):
    name = "absent"

    def skip(self) -> tuple[bool, str]:
        return True, "it is on strike"


class Broken(Lengths):
    name = "broken"

    def encode(self, sentences: Sequence[str]) -> Vectors:
        return super().encode(sentences) * np.float32("nan")


def test_every_encoder_is_made_by_its_name() -> None:
    for name in encoders.names():
        encoder = encoders.create(name, seed=2)
        assert encoder.name == name
        assert encoder.seed == 2
        assert type(encoder).__module__ == encoders.module_of(name)
        assert encoder.reference
    assert [n for n in encoders.names() if encoders.create(n).needs_weights] == ["minilm-tuned"]


def test_unknown_encoders_come_with_close_ones() -> None:
    with pytest.raises(TextError, match="'minilm-64': did you mean 'minilm64'"):
        encoders.create("minilm-64")


def test_what_is_no_encoder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = type(sys)("added_encoders")
    module.Halfway = type("Halfway", (), {"name": "halfway"})  # type: ignore[attr-defined]
    entry = EntryPoint("halfway", "added_encoders:Halfway", encoders.REGISTRY.group)
    monkeypatch.setattr("nascast.registry.entry_points", lambda group: [entry])
    monkeypatch.setitem(sys.modules, "added_encoders", module)
    with pytest.raises(TextError, match="'halfway' does not fulfil"):
        encoders.create("halfway")


def test_operations_with_one_sentence_have_one_vector() -> None:
    encoder = Lengths()
    vectors = encoders.embed(encoder, {"b": "long one", "a": "one", "c": "long one"})
    assert vectors.tolist() == [[8, 1], [3, 1], [8, 1]]
    assert vectors.dtype == np.float32
    assert encoder.asked == ["long one", "one"]


def test_what_cannot_run_says_why() -> None:
    with pytest.raises(TextError, match="'absent' cannot run: it is on strike"):
        encoders.embed(Absent(), {"a": "one"})


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(TextError, match="'broken' must give a finite vector for each of 2"):
        encoders.embed(Broken(), {"a": "one", "b": "two"})
