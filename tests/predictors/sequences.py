"""Made traces whose snapshots tell the label better and better."""

from __future__ import annotations

import numpy as np

from nascast.predictors.base import Observations

CODES, AVERAGES = 16, 6


def make_traces(count: int, seed: int, snapshots: int = 4) -> Observations:
    """Return labelled networks; a shorter trace is a prefix of a longer one."""
    rng = np.random.default_rng(seed)
    labels = rng.uniform(0.1, 0.9, count)
    pattern = np.random.default_rng(99).normal(0, 1, CODES)
    growth = np.linspace(1, 2, 4)[:, None]
    clean = growth * labels[:, None, None]
    codes = np.maximum(0, clean * pattern + rng.normal(0, 0.05, (count, 4, CODES)) + 0.2)
    averages = np.expm1(4 * clean + rng.normal(0, 0.1, (count, 4, AVERAGES))) * 1e-4
    features = {
        "trace_codes": codes[:, :snapshots].astype(np.float32),
        "trace_summary": averages[:, :snapshots].astype(np.float32),
    }
    arch_ids = tuple(f"made-{seed}-{i}" for i in range(count))
    held_out = np.arange(count) % 5 == 4
    return Observations(arch_ids, 10 * snapshots, features, labels, held_out)
