"""Internal shifts: a training set taken apart so that its parts differ as spaces do.

What is learned on cells with few vertices is tested on those with many, and so on. How well a
recipe stands such shifts within NAS-Bench-101 is all that may be known when it is chosen: no label
of another space has a part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.snap_r.members import Features
from nascast.seeds import derive_seed

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shift:
    """A feature along which networks are taken apart.

    Attributes:
        name: for seeds and the log.
        column: the feature.
        low: the low part has at most this much of it.
        high: the high part has at least this much, or more than ``low`` if they are equal.
        direction: ``up`` trains on the low part and tests on the high one, ``down`` the reverse.
    """

    name: str
    column: str
    low: float
    high: float
    direction: Literal["up", "down"]


def split(
    shift: Shift, features: Features, columns: Sequence[str], train_limit: int, test_limit: int
) -> tuple[Rows, Rows]:
    """Return the rows to train on and those to test on, at most so many, drawn at random.

    The draw depends on the name of the shift alone.

    Raises:
        ValueError: the feature does not exist, or one of the parts has fewer than two networks.
    """
    if shift.column not in columns:
        raise ValueError(f"shift {shift.name}: there is no feature {shift.column!r}")
    values = features[:, list(columns).index(shift.column)]
    low = values <= shift.low
    high = values >= shift.high if shift.high > shift.low else ~low
    train, test = (low, high) if shift.direction == "up" else (high, low)
    rng = np.random.default_rng(derive_seed("internal-shift", shift.name, shift.direction))
    rows = [
        np.sort(rng.permutation(np.flatnonzero(part))[:limit])
        for part, limit in ((train, train_limit), (test, test_limit))
    ]
    if min(map(len, rows)) < 2:
        raise ValueError(
            f"shift {shift.name} {shift.direction}: {len(rows[0])} networks to train on and "
            f"{len(rows[1])} to test on; choose other bounds of {shift.column}"
        )
    return rows[0], rows[1]
