"""Made feature tables whose numbers tell their architecture and their mini-batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nascast.evaluation.observations import NEVER, FeatureTable

STEPS = 40
SNAPSHOTS = np.array([10, 20, 30, 40], dtype=np.int32)
EVALUATIONS = np.array([5, 20, 40], dtype=np.int32)


def made_at(steps: Sequence[int] | np.ndarray, count: int, offset: float = 0.0) -> np.ndarray:
    """``(count, len(steps))``: the mini-batch, plus 1000 for each architecture before this one."""
    return (offset + 1000 * np.arange(count)[:, None] + np.asarray(steps)).astype(np.float32)


def make_table(
    arch_ids: Sequence[str],
    failed_after: Mapping[str, int] | None = None,
    offset: float = 0.0,
    **replaced: Any,
) -> FeatureTable:
    """Return features of every kind; ``offset`` is added to each to tell tables apart."""
    count = len(arch_ids)
    snapshots = np.repeat(made_at(SNAPSHOTS, count, offset)[:, :, None], 3, axis=2)
    arrays = {
        "adjacency": np.arange(6 * len(arch_ids), dtype=np.float32).reshape(-1, 6),
        "size": pd.DataFrame({"params": offset + np.arange(count)}, index=list(arch_ids)),
        "step_losses": made_at(range(1, STEPS + 1), count, offset),
        "val_loss": made_at(EVALUATIONS, count, offset),
        "val_acc": made_at(EVALUATIONS, count, offset),
        "trace_summary": snapshots,
        "trace_codes": snapshots + 0.5,
    }
    failures = failed_after or {}
    return FeatureTable(
        arch_ids=tuple(arch_ids),
        arrays=arrays | replaced,
        snapshot_steps=SNAPSHOTS,
        evaluation_steps=EVALUATIONS,
        failed_after=np.array([failures.get(a, NEVER) for a in arch_ids], dtype=np.int32),
        seconds=np.cumsum(np.full((count, STEPS), 0.25), axis=1) + np.arange(count)[:, None],
    )
