"""Trains the supernets of one seed and scores the architectures that inherit their weights."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from nascast.images.store import load_image_set
from nascast.labels.supernet_trainer import (
    WAYS,
    SupernetRecipe,
    score_inherited,
    train_supernet,
)
from nascast.spaces.base import Architecture, NetworkScale


def inherited_scores(
    settings: Mapping[str, Any],
    archs: Sequence[Architecture],
    seed: int,
    images: Path,
    device: torch.device,
) -> pd.DataFrame:
    """Return the rows of :data:`nascast.stages.schemas.SUPERNET_SCHEMA`, in the order of ``archs``.

    Args:
        settings: ``scale`` and ``recipe`` of a supernet.
        archs: architectures of NAS-Bench-201.
        seed: which of the supernets.
        images: a prepared image set.
        device: where to train.
    """
    image_set = load_image_set(images).to(device)
    recipe, scale = SupernetRecipe(**settings["recipe"]), NetworkScale(**settings["scale"])
    rows = pd.DataFrame(
        {
            "arch_id": [arch.arch_id for arch in archs],
            "spec": [arch.spec for arch in archs],
            "seed": seed,
            "seconds": 0.0,
            "train_seconds": 0.0,
        }
    )
    for way in WAYS:
        start = time.perf_counter()
        supernet = train_supernet(image_set, way, recipe, scale, seed)
        train_seconds = time.perf_counter() - start
        scores = score_inherited(supernet, archs, image_set, recipe.validation)
        rows[way] = [score.accuracy for score in scores]
        rows["seconds"] += [score.seconds for score in scores]
        rows["train_seconds"] += train_seconds
        print(
            f"{way} seed {seed}: trained in {train_seconds:.1f} s; {len(archs)} architectures have "
            f"a mean accuracy of {rows[way].mean():.3f}, the best {rows[way].max():.3f}"
        )
    return rows
