"""What all benchmarks share: the clock, and the row that a quantity becomes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np


def seconds(work: Callable[[], object]) -> float:
    """Return what a piece of work takes by its thread's own clock.

    All work is in this thread, autograd's on a CPU included; the clock does not run while another
    process has the core.
    """
    start = time.thread_time()
    work()
    return time.thread_time() - start


def row(
    identity: dict[str, object],
    quantity: str,
    unit: str,
    values: Sequence[float] | np.ndarray,
    target: float | None = None,
) -> dict[str, object]:
    """Return median and quartiles of repeated measurements beside what was measured."""
    return {
        **identity,
        "quantity": quantity,
        "unit": unit,
        "median": float(np.median(values)),
        "quartile_low": float(np.quantile(values, 0.25)),
        "quartile_high": float(np.quantile(values, 0.75)),
        "repeats": len(values),
        "target": target,
    }
