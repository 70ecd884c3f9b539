"""Writes GENNAPE's caches and family files, with classes that stand in the modules of its code."""

from __future__ import annotations

import pickle
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MODULE = "model_src.comp_graph.tf_comp_graph"
# Type number, resolution (h_in, h_out, w_in, w_out, c_in, c_out), then for weighted nodes the
# kernel's shape (c_in, c_out, height, width) and whether it has a bias.
WEIGHTED = [
    (3, (32, 16, 32, 16, 3, 8), (3, 8, 3, 3), False),
    (4, (16, 16, 16, 16, 8, 8), (8, 1, 5, 5), True),
    (8, (1, 1, 1, 1, 8, 10), (8, 10, 0, 0), True),
]
REGULAR = [
    (1, (32, 32, 32, 32, 3, 3)),
    (5, (16, 16, 16, 16, 8, 8)),
    (9, (16, 16, 16, 16, 8, 8)),
    (19, (16, 1, 16, 1, 8, 8)),
    (2, (1, 1, 1, 1, 10, 10)),
]
# Input -> Conv -> BatchNorm -> (Depthwise, Add), Depthwise -> Add -> Mean -> MatMul -> Output, with
# the numbers of the nodes above: weighted ones first.
EDGES = [(3, 0), (0, 4), (4, 1), (4, 5), (1, 5), (5, 6), (6, 2), (2, 7)]


def state(name: str = "NB101-Net0", channels: int = 8) -> dict[str, Any]:
    """A graph as the released code's dictionary; ``channels`` makes graphs differ."""
    weighted = [
        {
            "str_id": f"{i}|w",
            "op_type_idx": kind,
            "label": "conv",
            "resolution": [channels if v == 8 else v for v in resolution],
            "strides": None,
            "shape": [channels if v == 8 else v for v in shape],
            "metadata": {"use_bias": True} if bias else None,
        }
        for i, (kind, resolution, shape, bias) in enumerate(WEIGHTED)
    ]
    regular = [
        {
            "str_id": f"{i}|r",
            "op_type_idx": kind,
            "label": "add",
            "resolution": [channels if v == 8 else v for v in resolution],
            "strides": None,
            "metadata": None,
        }
        for i, (kind, resolution) in enumerate(REGULAR)
    ]
    return {
        "name": name,
        "input_shape": [1, 32, 32, 3],
        "max_hidden_size": 512,
        "max_kernel_size": 7,
        "max_derived_H": 256,
        "max_derived_W": 256,
        "edge_pairs": [list(edge) for edge in EDGES],
        "regular_nodes": regular,
        "weighted_nodes": weighted,
    }


def family(count: int = 3) -> dict[str, Any]:
    """Content of a JSON file of a family."""
    return {
        f"net{i}": {"cg": state("", 8 + i), "max_perf": 90.0 + i, "config": ["z", "a22"]}
        for i in range(count)
    }


@contextmanager
def released_classes() -> Iterator[types.ModuleType]:
    """Make importable what the released code calls its graphs and nodes."""
    names = ["model_src", "model_src.comp_graph", MODULE]
    modules = {name: types.ModuleType(name) for name in names}
    for name in ("ComputeGraph", "RegularNode", "WeightedNode", "Genotype"):
        kind = type(name, (), {"__module__": MODULE})
        setattr(modules[MODULE], name, kind)
    sys.modules.update(modules)
    try:
        yield modules[MODULE]
    finally:
        for name in names:
            del sys.modules[name]


def write_cache(path: Path, names: list[str], accuracies: list[float], **changes: Any) -> Path:
    with released_classes() as module:
        entries = []
        for i, (name, accuracy) in enumerate(zip(names, accuracies, strict=True)):
            fields = state(name, 8 + i)
            graph = module.ComputeGraph()
            for kind, of in (("RegularNode", "regular_nodes"), ("WeightedNode", "weighted_nodes")):
                nodes = []
                for node in fields[of]:
                    made = getattr(module, kind)()
                    vars(made).update(node, type_idx=0)
                    nodes.append(made)
                fields[of] = nodes
            vars(graph).update(fields, edge_pairs=[tuple(edge) for edge in EDGES])
            entry = {"compute graph": graph, "acc": accuracy, "flops": 1.5, "n_params": 7.0}
            entries.append(entry | {"original config": module.Genotype()} | changes)
        path.write_bytes(pickle.dumps(entries, protocol=4))
    return path
