from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tests.predictors.test_trace_encoder import HELD_OUT, TINY, fit, make_values

from nascast.errors import NascastError
from nascast.predictors.base import Observations
from nascast.predictors.checkpoint import load_checkpoint, save_checkpoint
from nascast.predictors.nap2 import NAP2, NAP2LSTM
from nascast.predictors.nap2x import NAP2X
from nascast.predictors.recurrent import LSTMRegressor
from nascast.predictors.store import CheckpointError, load_encoder, save_encoder
from nascast.predictors.trace_encoder import TraceEncoder

PROVENANCE = json.dumps({"stage": "train_encoder"})


@pytest.fixture(scope="module")
def encoder() -> TraceEncoder:
    return fit(settings=TINY)


def observe(encoder: TraceEncoder, count: int, seed: int, snapshots: int = 3) -> Observations:
    codes = encoder.encode(make_values(count, seed=seed))[:, :snapshots]
    names = tuple(str(i) for i in range(count))
    return Observations(names, 10 * snapshots, {"trace_codes": codes})


@pytest.fixture(scope="module")
def predictor(encoder: TraceEncoder) -> NAP2:
    found = NAP2(seed=5, settings={"epochs": 1})
    labels = np.linspace(0.1, 0.9, 10)
    found.fit(replace(observe(encoder, 10, seed=0), labels=labels, held_out=HELD_OUT))
    return found


def test_an_encoder_comes_back_the_same(encoder: TraceEncoder, tmp_path: Path) -> None:
    path = tmp_path / "models" / "encoder.safetensors"
    save_encoder(encoder, path, PROVENANCE)
    again, values = load_encoder(path), make_values(3, seed=3)
    assert again.settings == encoder.settings
    assert again.layers == encoder.layers
    np.testing.assert_array_equal(again.encode(values), encoder.encode(values))
    with safe_open(path, framework="pt") as content:
        assert content.metadata()["provenance"] == PROVENANCE
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_an_unfitted_encoder_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has not been fitted"):
        save_encoder(TraceEncoder(TINY, 0), tmp_path / "encoder.safetensors", PROVENANCE)
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "encoder.safetensors"
    with pytest.raises(CheckpointError, match=rf"{path} does not exist; run the stage"):
        load_encoder(path)
    assert issubclass(CheckpointError, NascastError)


@pytest.mark.parametrize("kept", [0, 4, 300, -1])
def test_a_truncated_file_is_refused(kept: int, encoder: TraceEncoder, tmp_path: Path) -> None:
    path = tmp_path / "encoder.safetensors"
    save_encoder(encoder, path, PROVENANCE)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match=rf"{path} is not a whole safetensors file"):
        load_encoder(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=f"{tmp_path} is not a whole safetensors file"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("metadata", [None, {"image_set": "{}"}])
def test_a_file_of_something_else_is_refused(
    metadata: dict[str, str] | None, tmp_path: Path
) -> None:
    path = tmp_path / "images.safetensors"
    save_file({"images": torch.zeros(2)}, path, metadata=metadata)
    with pytest.raises(CheckpointError, match=f"{path} holds no trace encoder; it has "):
        load_encoder(path)


@pytest.mark.parametrize("damage", ["not JSON", "a setting is gone", "a tensor is gone", "wider"])
def test_an_encoder_of_another_make_is_refused(
    damage: str, encoder: TraceEncoder, tmp_path: Path
) -> None:
    tensors, settings = encoder.state()
    text = json.dumps(settings)
    if damage == "not JSON":
        text = text[:-1]
    elif damage == "a setting is gone":
        text = json.dumps({key: settings[key] for key in settings if key != "patience"})
    elif damage == "a tensor is gone":
        tensors.pop("gradient.encode_layer.weight")
    else:
        text = json.dumps(settings | {"layer_width": TINY.layer_width + 1})
    path = tmp_path / "encoder.safetensors"
    save_file(tensors, path, metadata={"encoder": text})
    with pytest.raises(CheckpointError, match=rf"{path} holds networks of another make"):
        load_encoder(path)


@pytest.mark.parametrize("snapshots", [1, 3])
def test_a_checkpoint_predicts_as_what_was_saved(
    snapshots: int, encoder: TraceEncoder, predictor: NAP2, tmp_path: Path
) -> None:
    path, card = tmp_path / "nap2.safetensors", {"spaces": ["cells"], "tau": 0.7}
    save_checkpoint(encoder, predictor, card, path)
    codes, again, found = load_checkpoint(path)
    assert found == card
    assert (again.settings, again.seed) == (predictor.settings, 5)
    expected = predictor.predict(observe(encoder, 4, seed=3, snapshots=snapshots))
    assert again.predict(observe(codes, 4, 3, snapshots)).tolist() == expected.tolist()


def test_a_checkpoint_is_no_encoder_and_an_encoder_no_checkpoint(
    encoder: TraceEncoder, predictor: NAP2, tmp_path: Path
) -> None:
    path = tmp_path / "nap2.safetensors"
    save_encoder(encoder, path, PROVENANCE)
    with pytest.raises(CheckpointError, match="is no NAP2 checkpoint: it lacks predictor, card"):
        load_checkpoint(path)
    save_checkpoint(encoder, predictor, {}, path)
    with pytest.raises(CheckpointError, match="holds networks of another make"):
        load_encoder(path)


def test_a_checkpoint_of_another_network_is_refused(encoder: TraceEncoder, tmp_path: Path) -> None:
    class Narrow(NAP2LSTM):
        def make_model(self, inputs: int) -> LSTMRegressor:
            return LSTMRegressor(inputs, hidden=8)

    other, labels = Narrow(settings={"epochs": 1}), np.linspace(0.1, 0.9, 10)
    other.fit(replace(observe(encoder, 10, seed=0), labels=labels, held_out=HELD_OUT))
    path = tmp_path / "nap2.safetensors"
    save_checkpoint(encoder, other, {}, path)
    with pytest.raises(CheckpointError, match="holds networks of another make"):
        load_checkpoint(path)


@pytest.mark.parametrize("kind", [NAP2, NAP2X])
def test_an_unfitted_predictor_leaves_no_file(
    kind: type[NAP2], encoder: TraceEncoder, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="is not fitted"):
        save_checkpoint(encoder, kind(), {}, tmp_path / "nap2.safetensors")
    assert not list(tmp_path.iterdir())
