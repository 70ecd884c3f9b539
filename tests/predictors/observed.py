"""Made observations in which every feature tells something about the label."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nascast.predictors.base import FEATURES, Observations

INTERVAL = 10
NODES, KINDS = 8, 5  # six operations of three kinds between input and output
PROXIES = [
    ("fisher", 1.0), ("grad_norm", 30.0), ("grasp", 2.0), ("jacov", 100.0), ("snip", 50.0),
    ("synflow", 20.0), ("nwot", 300.0),
]  # fmt: skip


def make_observations(
    count: int, seed: int, snapshots: int = 3, needs: frozenset[str] = frozenset(FEATURES)
) -> Observations:
    """Return ``count`` labelled architectures; a shorter budget is a prefix of a longer one."""
    rng = np.random.default_rng(seed)
    labels = rng.uniform(0.2, 0.9, count)
    # Everything is drawn for six snapshots and cut, so that budgets nest.
    noise = rng.normal(0, 0.05, (count, 6 * INTERVAL))
    losses = (2.5 - 2 * labels[:, None] + noise)[:, : snapshots * INTERVAL]
    accuracy = (labels[:, None] + noise[:, :6])[:, :snapshots]
    convolutions = np.rint(6 * labels).astype(int)
    codes = labels[:, None, None] * np.linspace(-1, 1, 256) + rng.normal(0, 0.1, (count, 6, 256))
    summary = labels[:, None, None] * np.linspace(-5, 5, 48) + rng.normal(0, 0.1, (count, 6, 48))
    arch_ids = tuple(f"made-{seed}-{i}" for i in range(count))
    size = pd.DataFrame(
        {
            "params": 1000 * convolutions + 73,
            "macs": 9000 * convolutions + 1,
            "effective_params": 900 * convolutions + 73,
            "conv_count": convolutions,
            "mean_path_convs": convolutions / 2,
        },
        index=list(arch_ids),
    )
    structure = structures(convolutions, rng)
    features = {
        **structure,
        "proxies": pd.DataFrame(
            {name: labels * scale + rng.normal(0, 0.05 * scale, count) for name, scale in PROXIES},
            index=list(arch_ids),
        ),
        "supernet": pd.DataFrame(
            {name: labels / 3 + rng.normal(0, 0.02, count) for name in ("one_shot", "rs_ws")},
            index=list(arch_ids),
        ),
        "size": size,
        "step_losses": losses.astype(np.float32),
        "val_loss": (2.5 - 2 * accuracy).astype(np.float32),
        "val_acc": accuracy.astype(np.float32),
        "trace_summary": summary[:, :snapshots].astype(np.float32),
        "trace_codes": codes[:, :snapshots].astype(np.float32),
    }
    assert set(features) == set(FEATURES)
    chosen = {name: features[name] for name in needs}
    held_out = np.arange(count) % 5 == 4
    return Observations(arch_ids, snapshots * INTERVAL, chosen, labels, held_out)


def structures(convolutions: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return encodings of made cells: a chain with skips and as many convolutions as given."""
    count = len(convolutions)
    kinds = np.zeros((count, NODES), dtype=np.int64)
    for row, wanted in zip(kinds, convolutions, strict=True):
        row[1:-1] = rng.permutation(np.where(np.arange(NODES - 2) < wanted, 1, rng.integers(2, 4)))
    kinds[:, -1] = KINDS - 1
    nodes = np.eye(KINDS, dtype=np.float32)[kinds]
    edges = np.triu(rng.random((count, NODES, NODES)) < 0.3, 2) | np.eye(NODES, k=1, dtype=bool)
    adjacency = nodes[:, 1:-1, 1:-1].reshape(count, -1)
    tokens = np.eye(KINDS + 1, dtype=np.float32)[kinds + 1]
    counts = nodes[:, 1:-1, 1:-1].sum(axis=1)
    return {
        "adjacency": adjacency,
        "path": np.concatenate([adjacency[:, :6], adjacency[:, 6:12] * adjacency[:, :6]], axis=1),
        "graf": np.concatenate([counts, counts**2], axis=1).astype(np.float32),
        "nodes": nodes,
        "edges": edges,
        "tokens": tokens,
    }
