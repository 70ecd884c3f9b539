"""Made observations in which every feature tells something about the label."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nascast.predictors.base import FEATURES, Observations

INTERVAL = 10


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
    features = {
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
