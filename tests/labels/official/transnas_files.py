"""Writes a file in exactly the form of TransNAS-Bench-101's ``.pth``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

EPOCHS = 3
METRICS = {
    "class_scene": ("top1", "top5", "loss"),
    "class_object": ("top1", "top5", "loss"),
    "room_layout": ("loss", "neg_loss"),
    "jigsaw": ("top1", "top5", "loss"),
    "segmentsemantic": ("loss", "acc", "mIoU"),
    "normal": ("ssim", "l1_loss"),
    "autoencoder": ("ssim", "l1_loss"),
}
SPECS = {
    "micro": ("64-41414-1_02_333", "64-41414-0_00_000"),
    "macro": ("64-1234-basic", "64-2311-basic"),
}


def value(place: int, part: str, name: str, epoch: int) -> float:
    """A number that fits its metric, and that no other place has."""
    base = {"top1": 40.0, "top5": 70.0, "acc": 90.0, "mIoU": 20.0, "ssim": 0.5}.get(name, 0.75)
    step = 0.01 if base < 1 else 1.0
    sign = -1.0 if name == "neg_loss" else 1.0
    shift = {"train": 0, "valid": 1, "test": 2}[part]
    return sign * (base + step * (place + shift / 4 + epoch / 16))


def task(place: int, names: tuple[str, ...]) -> dict[str, Any]:
    metrics = {
        f"{part}_{name}": [value(place, part, name, epoch) for epoch in range(EPOCHS)]
        for part in ("train", "valid", "test")
        for name in names
    }
    return {
        "total_epochs": EPOCHS,
        "model_info": {"encoder_params": 11.2, "inference_time": 0.01},
        "metrics": metrics | {"time_elapsed": [12.5] * EPOCHS},
    }


def content() -> dict[str, Any]:
    return {
        "metrics_dict": {
            name: [f"{part}_{metric}" for part in ("train", "valid", "test") for metric in metrics]
            for name, metrics in METRICS.items()
        },
        "info_names": ["inference_time", "encoder_params"],
        "task_list": list(METRICS),
        "data": {
            space: {
                spec: {name: task(place, names) for name, names in METRICS.items()}
                for place, spec in enumerate(specs)
            }
            for space, specs in SPECS.items()
        },
    }


def saved(path: Path, value_: Any, zipped: bool = False) -> Path:
    torch.save(value_, path, _use_new_zipfile_serialization=zipped)
    return path
