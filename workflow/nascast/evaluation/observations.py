"""What a predictor gets to see: the features it declared, cut at the budget, labels only in fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.predictors.base import Observations

_BY_SNAPSHOT = ("trace_codes", "trace_summary")
_BY_EVALUATION = ("val_loss", "val_acc")
_BY_STEP = ("step_losses",)
PARTIAL_TRAINING = frozenset({*_BY_SNAPSHOT, *_BY_EVALUATION, *_BY_STEP})
"""Features that a network has only after some partial training."""

NEVER = np.iinfo(np.int32).max
"""``FeatureTable.failed_after`` of a partial training that goes well."""


@dataclass(frozen=True)
class FeatureTable:
    """All features of a pool of architectures on one task, with the means to cut them.

    Attributes:
        arch_ids: the architectures, first axis of every array.
        arrays: features by name at full length (:data:`nascast.predictors.base.FEATURES`).
        snapshot_steps: mini-batches of the second axis of trace features.
        evaluation_steps: mini-batches of the second axis of validation features.
        failed_after: int32, ``(n,)``: the mini-batch that showed that a network diverges or cannot
            learn, :data:`NEVER` if none did. Within a smaller budget nobody can know it.
        seconds: float64, ``(n, steps)``: cost of partial training up to each mini-batch.

    Raises:
        ValueError: an array does not fit the architectures, snapshots or evaluations.
    """

    arch_ids: tuple[str, ...]
    arrays: Mapping[str, Any]
    snapshot_steps: NDArray[np.int32]
    evaluation_steps: NDArray[np.int32]
    failed_after: NDArray[np.int32]
    seconds: NDArray[np.float64]
    _rows: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {a: i for i, a in enumerate(self.arch_ids)})
        checked = {**self.arrays, "failed_after": self.failed_after, "seconds": self.seconds}
        for name, values in checked.items():
            if len(values) != len(self.arch_ids):
                raise ValueError(
                    f"{name!r} has {len(values)} rows for {len(self.arch_ids)} architectures"
                )
        for names, steps in (
            (_BY_SNAPSHOT, self.snapshot_steps),
            (_BY_EVALUATION, self.evaluation_steps),
        ):
            for name in set(names) & set(self.arrays):
                if self.arrays[name].shape[1] != len(steps):
                    raise ValueError(
                        f"{name!r} has {self.arrays[name].shape[1]} columns for mini-batches "
                        f"{[int(step) for step in steps]}"
                    )

    def observe(
        self,
        arch_ids: Sequence[str],
        budget: int,
        needs: frozenset[str],
        labels: Mapping[str, float] | None = None,
        held_out: frozenset[str] = frozenset(),
    ) -> Observations:
        """Return what is known about some architectures within a budget.

        Args:
            arch_ids: which architectures, in this order.
            budget: mini-batches that may be looked at; 0 where no partial training is needed.
            needs: names of the features to hand over; no other one is.
            labels: label of every architecture, for ``fit`` only.
            held_out: architectures that may only decide when to stop, for ``fit`` only.

        Raises:
            ValueError: an architecture or feature is not in this table, or the budget lies before
                the first snapshot or evaluation that a feature has, or behind the last mini-batch.
        """
        least = 1 if needs & PARTIAL_TRAINING else 0
        if not least <= budget <= self.seconds.shape[1]:
            raise ValueError(
                f"a budget of {budget} mini-batches cannot be observed: networks were trained for "
                f"{self.seconds.shape[1]}"
            )
        rows = self.rows(arch_ids)
        return Observations(
            arch_ids=tuple(arch_ids),
            budget=budget,
            features={name: self._cut(name, rows, budget) for name in sorted(needs)},
            labels=None if labels is None else np.array([labels[a] for a in arch_ids]),
            held_out=None if labels is None else np.array([a in held_out for a in arch_ids]),
        )

    def rows(self, arch_ids: Sequence[str]) -> NDArray[np.int64]:
        """Return the rows of architectures; ValueError names those that are not there."""
        missing = [arch_id for arch_id in arch_ids if arch_id not in self._rows]
        if missing:
            raise ValueError(
                f"{len(missing)} architectures have no features, for example {missing[:3]}"
            )
        return np.array([self._rows[arch_id] for arch_id in arch_ids], dtype=np.int64)

    def failed(self, arch_ids: Sequence[str], budget: int) -> NDArray[np.bool_]:
        """Return which partial trainings are known to fail after ``budget`` mini-batches."""
        return np.asarray(self.failed_after[self.rows(arch_ids)] <= budget)

    def query_seconds(self, arch_ids: Sequence[str], budget: int) -> NDArray[np.float64]:
        """Return the seconds of partial training up to ``budget``, at least 1, of architectures."""
        return np.asarray(self.seconds[self.rows(arch_ids), budget - 1])

    def _cut(self, name: str, rows: NDArray[np.int64], budget: int) -> Any:
        if name not in self.arrays:
            raise ValueError(f"feature {name!r} is not among {', '.join(sorted(self.arrays))}")
        values = self.arrays[name]
        if isinstance(values, pd.DataFrame):
            return values.iloc[rows].reset_index(drop=True)
        if name in _BY_SNAPSHOT:
            length = int(np.searchsorted(self.snapshot_steps, budget, side="right"))
        elif name in _BY_EVALUATION:
            length = int(np.searchsorted(self.evaluation_steps, budget, side="right"))
        elif name in _BY_STEP:
            length = min(budget, values.shape[1])
        else:  # known before any training
            return values[rows]
        if length == 0:
            raise ValueError(f"feature {name!r} has nothing yet after {budget} mini-batches")
        return values[rows, :length]
