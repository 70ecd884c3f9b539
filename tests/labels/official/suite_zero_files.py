"""Writes files in exactly the form of NAS-Bench-Suite-Zero's ``zc_*.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PROXIES = (
    "epe_nas", "fisher", "flops", "grad_norm", "grasp", "jacov", "l2_norm", "nwot", "params",
    "plain", "snip", "synflow", "zen",
)  # fmt: skip
# A key in the suite's form, and the spec that it stands for.
KEYS = {
    "nasbench101": {
        "(0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 2, 1)": (
            "conv3x3-bn-relu,maxpool3x3|110.01.1"
        ),
        "(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 3, 1)": "conv1x1-bn-relu|10.1",
    },
    "nasbench201": {
        # Edges 1-2, 1-3, 1-4, 2-3, 2-4, 3-4 of the suite.
        "(2, 1, 0, 3, 4, 0)": (
            "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|avg_pool_3x3~1|skip_connect~2|"
        ),
        "(1, 1, 1, 1, 1, 1)": "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    },
    "darts": {
        "(((0, 3), (1, 2), (0, 4), (2, 5), (1, 6), (3, 0), (2, 1), (4, 3)), "
        "((0, 0), (1, 1), (0, 2), (1, 3), (0, 4), (2, 5), (3, 6), (4, 0)))": (
            "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('sep_conv_5x5', 0), "
            "('dil_conv_3x3', 2), ('dil_conv_5x5', 1), ('max_pool_3x3', 3), ('avg_pool_3x3', 2), "
            "('sep_conv_3x3', 4)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
            "('avg_pool_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_5x5', 0), "
            "('dil_conv_3x3', 2), ('dil_conv_5x5', 3), ('max_pool_3x3', 4)], "
            "reduce_concat=[2, 3, 4, 5])"
        )
    },
    "transnas_micro": {"(1, 0, 2, 3, 3, 3)": "64-41414-1_02_333"},
    "transnas_macro": {"(1, 2, 3, 4, 0, 0)": "64-1234-basic"},
}


def scores(start: float) -> dict[str, Any]:
    entry: dict[str, Any] = {
        name: {"score": start + place, "time": 0.25 + place / 100}
        for place, name in enumerate(PROXIES)
    }
    return {"id": 1, **entry, "val_accuracy": 91.25}


def content(space: str, datasets: tuple[str, ...] = ("cifar10", "ImageNet16-120")) -> Any:
    return {
        dataset: {key: scores(10.0 * place) for place, key in enumerate(KEYS[space])}
        for dataset in datasets
    }


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path
