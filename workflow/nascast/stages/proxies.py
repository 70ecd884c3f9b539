"""Reads what was measured of zero-cost proxies, for tables and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nascast.tables.proxies import Run


def measured_run(
    scores: Sequence[Path | str], tasks: Mapping[str, Mapping[str, Any]], comparable: bool = False
) -> Run:
    """Return what was measured.

    Args:
        scores: a file of scores for each set of proxies.
        tasks: the settings of every configured task.
        comparable: whether networks, images and batch size are the published ones.
    """
    return Run(
        scores=[pd.read_csv(path) for path in scores],
        sources={name: task["labels"] for name, task in tasks.items()},
        stands_for={n: task["stands_for"] for n, task in tasks.items() if task["stands_for"]},
        comparable=comparable,
        substitutes={n: task["substitute"] for n, task in tasks.items() if task["substitute"]},
    )
