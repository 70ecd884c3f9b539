from __future__ import annotations

from pathlib import Path

import torch
from tests.stages.files import ORIGIN

from nascast.images.scenes import make_scenes
from nascast.images.store import load_image_set, save_image_set
from nascast.io.parquet import read_parquet, write_parquet
from nascast.labels.pool import label_pool
from nascast.labels.supernet_trainer import SupernetRecipe, score_inherited, train_supernet
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.schemas import SUPERNET_SCHEMA
from nascast.stages.supernets import inherited_scores
from nascast.supernet_sections import SupernetSettings

SCALE = {"channels": 4, "repeats": 1, "stem_stride": 2}
RECIPE = {"one_shot_epochs": 1, "rs_ws_epochs": 2, "batch_size": 16, "validation": 32}


def test_each_architecture_has_a_score_of_each_supernet(tmp_path: Path) -> None:
    path = tmp_path / "images.safetensors"
    save_image_set(make_scenes("scenes10", size=8, train=64, validation=32, test=8), path)
    archs = label_pool(NASBench201(), 5)
    settings = SupernetSettings(images=["scenes10"], scale=SCALE, recipe=RECIPE).model_dump()
    rows = inherited_scores(settings, archs, 2, path, torch.device("cpu"))
    assert list(rows["arch_id"]) == [arch.arch_id for arch in archs]
    assert list(rows["spec"]) == [arch.spec for arch in archs]
    assert set(rows["seed"]) == {2}
    assert rows["train_seconds"].nunique() == 1
    assert rows["seconds"].gt(0).all()
    assert rows["train_seconds"].gt(rows["seconds"]).all()
    images, recipe, scale = load_image_set(path), SupernetRecipe(**RECIPE), NetworkScale(**SCALE)
    for way in ("one_shot", "rs_ws"):
        supernet = train_supernet(images, way, recipe, scale, 2)
        scores = score_inherited(supernet, archs, images, 32)
        assert list(rows[way]) == [score.accuracy for score in scores]
    write_parquet(rows, tmp_path / "scores.parquet", SUPERNET_SCHEMA, ORIGIN)
    again = read_parquet(tmp_path / "scores.parquet", schema=SUPERNET_SCHEMA)
    assert list(again["rs_ws"]) == list(rows["rs_ws"])
