"""Writes training logs in exactly the form of NAS-Bench-301's."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

PREFIX = "NetworkSelectorDatasetInfo:darts:"
# Edge numbers by (node, source): two of each node's, in the order of the public configuration.
NORMAL = {0: "sep_conv_3x3", 1: "skip_connect", 2: "sep_conv_5x5", 4: "dil_conv_3x3",
          6: "dil_conv_5x5", 8: "max_pool_3x3", 11: "avg_pool_3x3", 13: "sep_conv_3x3"}  # fmt: skip
REDUCE = {0: "max_pool_3x3", 1: "avg_pool_3x3", 2: "skip_connect", 3: "sep_conv_3x3",
          5: "sep_conv_5x5", 7: "dil_conv_3x3", 9: "dil_conv_5x5", 12: "max_pool_3x3"}  # fmt: skip
SPEC = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('sep_conv_5x5', 0), "
    "('dil_conv_3x3', 2), ('dil_conv_5x5', 1), ('max_pool_3x3', 3), ('avg_pool_3x3', 2), "
    "('sep_conv_3x3', 4)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('avg_pool_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_5x5', 0), "
    "('dil_conv_3x3', 2), ('dil_conv_5x5', 0), ('max_pool_3x3', 3)], "
    "reduce_concat=[2, 3, 4, 5])"
)


def config(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "SimpleLearningrateSchedulerSelector:cosine_annealing:T_max": 100,
        "CreateImageDataLoader:batch_size": 96,
        f"{PREFIX}init_channels": 32,
        f"{PREFIX}layers": 8,
        f"{PREFIX}auxiliary": "True",
    }
    values |= {f"{PREFIX}edge_normal_{k}": name for k, name in NORMAL.items()}
    values |= {f"{PREFIX}edge_reduce_{k}": name for k, name in REDUCE.items()}
    return values | changes


def log(
    val: float = 94.5, test: float = 93.75, epochs: int = 100, **changes: Any
) -> dict[str, Any]:
    return {
        "final_metric_score": -val,
        "optimized_hyperparamater_config": config(),
        "budget": epochs,
        "info": [{"val_accuracy": val, "val_cross_entropy": 0.25, "epochs": epochs}],
        "test_accuracy": test,
        "runtime": 5400.5,
        "learning_curves": {
            "Train/train_loss": [2.0 - i / epochs for i in range(epochs)],
            "Train/train_accuracy": [50.0 + i / 4 for i in range(epochs)],
            "Train/val_accuracy": [40.0 + i / 2 for i in range(epochs)],
            "Train/val_cross_entropy": [1.5 - i / epochs for i in range(epochs)],
        },
    } | changes


def archive(path: Path, logs: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in logs.items():
            text = content if isinstance(content, str) else json.dumps(content)
            zipped.writestr(f"nb_301_v13_lc_iclr_final/{name}", text)
    return path
