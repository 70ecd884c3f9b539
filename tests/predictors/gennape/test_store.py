from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made_graphs import random_graphs

from nascast.predictors.gennape.store import load_graph_encoder, save_graph_encoder
from nascast.predictors.gennape.training import GraphEncoder, encoder_settings
from nascast.predictors.store import CheckpointError, load_tensors, save_tensors


def test_an_encoder_survives_its_file(tmp_path: Path) -> None:
    graphs, path = random_graphs(16), tmp_path / "encoder.safetensors"
    encoder = GraphEncoder(encoder_settings({"epochs": 1, "batch_size": 16}), 2)
    encoder.fit(graphs, np.random.default_rng(0).random((16, 21)))
    save_graph_encoder(encoder, {"spaces_seen": ["nasbench101"]}, path)
    loaded, card = load_graph_encoder(path)
    np.testing.assert_array_equal(loaded.encode(graphs), encoder.encode(graphs))
    assert card == {"spaces_seen": ["nasbench101"]}
    tensors, metadata = load_tensors(path)
    tensors["graph.layers.0.lin_rel.weight"] = torch.zeros(2, 2)
    save_tensors(tensors, metadata, path)
    with pytest.raises(CheckpointError, match="networks of another make"):
        load_graph_encoder(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_tensors({"x": torch.zeros(1)}, {"card": "{}"}, path)
    with pytest.raises(CheckpointError, match="no GENNAPE encoder: it lacks gennape_encoder"):
        load_graph_encoder(path)
