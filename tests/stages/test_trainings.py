from __future__ import annotations

from pathlib import Path

import torch

from nascast.images.scenes import make_scenes
from nascast.images.store import save_image_set
from nascast.labels.pool import label_pool
from nascast.labels.schema import to_table
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.trainings import train_labels

SETTINGS = {
    "space": "nasbench201",
    "scale": {"channels": 4, "repeats": 1, "stem_stride": 2},
    "recipe": {"steps": 4, "epochs": 2, "batch_size": 16, "validation": 16, "test": 32},
}


def test_rows_stand_in_the_order_of_the_trainings(tmp_path: Path) -> None:
    scenes = make_scenes("rooms10", size=8, train=64, validation=16, test=32, dense=True)
    save_image_set(scenes, tmp_path / "images.safetensors")
    pool = label_pool(NASBench201(), 2)
    trainings = [(pool[1], 0), (pool[0], 3)]
    for task, name in (("classification", "rooms10"), ("class_scene", "class_scene")):
        settings = SETTINGS | {"task": task, "task_settings": {}}
        path = tmp_path / "images.safetensors"
        rows = train_labels(settings, trainings, path, torch.device("cpu"))
        assert list(rows["arch_id"]) == [arch.arch_id for arch, _ in trainings]
        assert list(rows["seed"]) == [0, 3]
        assert set(rows["images"]) == {name}
        assert set(rows["source"]) == {"minibench"}
        assert to_table(rows).num_rows == 2
