"""Operations become rows, and pairs of texts similarities, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nascast.io.parquet import read_parquet, read_provenance, write_parquet
from nascast.io.provenance import collect
from nascast.spaces import registry as spaces
from nascast.stages.operators import sentence_rows, similarities, vector_rows
from nascast.stages.schemas import OPERATORS_SCHEMA
from nascast.text import encoders
from nascast.text.descriptions import all_sentences, load_descriptions
from nascast.text.sentence_models import SentenceModel, Vectors

SHIPPED = load_descriptions(Path(__file__).parents[2] / "resources" / "operators.yaml")


def test_vectors_of_all_operations_come_back_from_their_file(tmp_path: Path) -> None:
    sentences = all_sentences(SHIPPED, "short")
    rows = vector_rows(encoders.create("random", seed=1), sentences)
    path = tmp_path / "random-short.parquet"
    origin = collect(stage="test", fingerprint="0", config={}, inputs={}, device="cpu", seed=1)
    write_parquet(rows, path, OPERATORS_SCHEMA, origin)
    found = read_parquet(path, schema=OPERATORS_SCHEMA)
    assert found["operation"].is_unique
    assert dict(zip(found["operation"], found["sentence"], strict=True)) == sentences
    vectors = np.stack(found["vector"].tolist())
    assert vectors.shape == (len(sentences), 384)
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, np.stack(rows["vector"].tolist()))
    by_name = dict(zip(found["operation"], found["vector"], strict=True))
    assert np.array_equal(by_name["conv3x3"], by_name["conv3x3-bn-relu"])
    assert read_provenance(path).seed == 1


def test_sentences_say_which_spaces_share_an_operation() -> None:
    rows = sentence_rows(SHIPPED).set_index("operation")
    assert rows.loc["skip_connect", "spaces"].split() == ["nasbench201", "darts", "transnas_micro"]
    assert rows.loc["input", "spaces"].split() == list(spaces.names())
    assert rows.loc["none", ["short", "medium", "long"]].tolist() == [
        "None", "Doing nothing", "A none operator that does nothing",
    ]  # fmt: skip
    assert list(rows.index) == list(all_sentences(SHIPPED, "long"))


class Directions:
    """Texts are angles in degrees."""

    def encode(self, texts: Sequence[str], **_: Any) -> Vectors:
        angles = np.radians([float(text) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_similarities_are_cosines_of_the_pairs_in_their_order() -> None:
    pairs: dict[float | None, list[tuple[str, str]]] = {
        None: [("0", "60"), ("90", "0")],
        1.0: [("30", "210")],
    }
    found = similarities(SentenceModel(Directions()), pairs)
    assert found == pytest.approx([0.5, 0.0, -1.0], abs=1e-6)
