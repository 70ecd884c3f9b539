"""Trains labels as the mini benchmark's settings say: the loop of every script that does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from nascast.images.store import load_image_set
from nascast.labels.schema import label_row
from nascast.labels.trainer import Recipe, train_label
from nascast.spaces import registry as spaces
from nascast.spaces.base import Architecture, NetworkScale
from nascast.tasks import registry as tasks


def train_labels(
    settings: Mapping[str, Any],
    trainings: Iterable[tuple[Architecture, int]],
    images: Path,
    device: torch.device,
) -> pd.DataFrame:
    """Return one row a training, in order.

    Args:
        settings: ``space``, ``scale``, ``recipe``, ``task`` and ``task_settings`` of a part of the
            mini benchmark.
        trainings: architectures and the numbers of their seeds.
        images: a prepared image set.
        device: where to train.
    """
    task = tasks.create(settings["task"], **settings["task_settings"])
    dense = [] if task.dense is None else [task.dense]
    image_set = load_image_set(images, dense).to(device)
    label_name = image_set.name if task.name == tasks.CLASSIFICATION else task.name
    recipe = Recipe(**settings["recipe"])
    space, scale = spaces.create(settings["space"]), NetworkScale(**settings["scale"])
    rows = []
    for arch, seed in trainings:
        record = train_label(space, arch, image_set, recipe, scale, seed, task)
        rows.append(label_row(arch, label_name, seed, record, "minibench"))
        result = f"{record.metric} {record.test_metric:.3f}"
        print(f"{arch.spec} seed {seed}: {result} {record.train_seconds:.1f} s")
    return pd.DataFrame(rows)
