"""MiniLM says of operators what the paper prints; reduced and fine-tuned forms are made of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nascast.tables.similarity import PAIRS
from nascast.text.descriptions import all_sentences, load_descriptions
from nascast.text.encoders import embed
from nascast.text.errors import TextError
from nascast.text.minilm import (
    REDUCED_WIDTH,
    MiniLM,
    MPNet,
    ReducedMiniLM,
    TunedMiniLM,
    principal_axes,
)
from nascast.text.sentence_models import MINILM, MPNET, cosine, load, why_not

needs_minilm = pytest.mark.skipif(bool(why_not(MINILM)), reason=why_not(MINILM) or "runs")
OPERATORS = Path(__file__).parents[2] / "resources" / "operators.yaml"


@needs_minilm
def test_minilm_reproduces_table_8_before_fine_tuning() -> None:
    """The first row is the last one turned round: the paper prints two numbers for one pair."""
    model = load(MINILM)
    found = cosine(*(model.encode([pair[side] for pair in PAIRS]) for side in (0, 1)))
    printed = [0.2277, 0.6052, 0.4629, 0.0584, 0.2907, 0.2277]
    assert found == pytest.approx(printed, abs=1e-4)


@needs_minilm
def test_operations_get_the_vectors_of_their_sentences() -> None:
    sentences = all_sentences(load_descriptions(OPERATORS), "short")
    vectors = dict(zip(sentences, embed(MiniLM(), sentences), strict=True))
    assert np.array_equal(vectors["conv3x3"], vectors["nor_conv_3x3"])
    conv, pool = vectors["nor_conv_3x3"], vectors["max_pool_3x3"]
    assert conv @ vectors["nor_conv_1x1"] > conv @ pool
    assert pool @ vectors["avg_pool_3x3"] > pool @ conv


@needs_minilm
def test_reduced_vectors_keep_most_of_the_geometry() -> None:
    sentences = ["Average pooling 3 by 3", "Convolution 3 by 3", "Max pooling 3 by 3"]
    reduced, full = ReducedMiniLM().encode(sentences), MiniLM().encode(sentences)
    assert reduced.shape == (3, REDUCED_WIDTH)
    pairs = ([0, 0, 1], [1, 2, 2])
    whole = cosine(*(full[rows] for rows in pairs))
    assert cosine(*(reduced[rows] for rows in pairs)) == pytest.approx(whole, abs=0.1)


@needs_minilm
def test_fine_tuned_weights_change_the_vectors() -> None:
    weights = {name: tensor.detach() * 0.9 for name, tensor in load(MINILM).trainable().items()}
    vectors = TunedMiniLM(weights=weights).encode(["conv"])
    assert not np.allclose(vectors, MiniLM().encode(["conv"]), atol=1e-3)


def test_fine_tuned_vectors_need_weights() -> None:
    with pytest.raises(TextError, match="needs the weights of a fine-tuned model"):
        TunedMiniLM().encode(["conv"])
    assert TunedMiniLM(weights={"a": torch.zeros(1)}).weights is not None


def test_mpnet_is_skipped_with_a_reason_or_runs() -> None:
    skips, reason = MPNet().skip()
    assert (skips, reason) == (bool(why_not(MPNET)), why_not(MPNET))


def test_axes_are_those_of_a_singular_value_decomposition() -> None:
    vectors = np.random.default_rng(0).standard_normal((30, 5)).astype(np.float32)
    vectors *= np.array([5, 4, 3, 2, 1], dtype=np.float32)
    axes = principal_axes(vectors, 2)
    _, _, expected = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    assert np.abs(axes @ expected[:2].T) == pytest.approx(np.eye(2), abs=1e-5)
