"""The contract of every predictor, and the only data that a predictor ever sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


class FeatureError(KeyError):
    """A predictor asked for a feature that it did not declare in ``needs``."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Observations:
    """What is known about some architectures within a budget.

    Attributes:
        arch_ids: the architectures; every feature's first axis has this order.
        budget: mini-batches of partial training that the predictor may look at.
        features: arrays by name, already cut at the budget (see :data:`FEATURES`).
        labels: ``(n,)`` in [0, 1], higher is better; None outside ``fit``.
        held_out: bool, ``(n,)``, only in ``fit``: labelled networks that may decide when to stop
            but are not fitted. Predictors without such a need fit all.
        pool: only in ``fit``: the same features of architectures of the space that nobody has
            labelled, for semi-supervised predictors; empty if there are none.
    """

    arch_ids: tuple[str, ...]
    budget: int
    features: Mapping[str, Any] = field(default_factory=dict)
    labels: NDArray[np.float64] | None = None
    held_out: NDArray[np.bool_] | None = None
    pool: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in self.features.items():
            if len(values) != len(self.arch_ids):
                raise ValueError(
                    f"feature {name!r} has {len(values)} rows for {len(self.arch_ids)} "
                    "architectures"
                )
        for name in ("labels", "held_out"):
            values = getattr(self, name)
            if values is not None and len(values) != len(self.arch_ids):
                raise ValueError(
                    f"{name} has {len(values)} entries for {len(self.arch_ids)} architectures"
                )

    def __len__(self) -> int:
        return len(self.arch_ids)

    def feature(self, name: str) -> Any:
        """Return a feature; FeatureError if the predictor did not declare it."""
        if name not in self.features:
            raise FeatureError(
                f"feature {name!r} is not among {sorted(self.features)}: name it in `needs`"
            )
        return self.features[name]

    def take(self, rows: NDArray[np.int64]) -> Observations:
        """Return the architectures of some rows, in their order; the pool stays as it is."""

        def pick(values: Any) -> Any:
            return values.iloc[rows] if hasattr(values, "iloc") else values[rows]

        return replace(
            self,
            arch_ids=tuple(self.arch_ids[row] for row in rows),
            features={name: pick(values) for name, values in self.features.items()},
            labels=None if self.labels is None else self.labels[rows],
            held_out=None if self.held_out is None else self.held_out[rows],
        )

    def complete(self) -> NDArray[np.bool_]:
        """Return which architectures have no feature with a value that is not finite, ``(n,)``."""
        usable = np.ones(len(self), dtype=bool)
        for values in self.features.values():
            finite = np.isfinite(np.asarray(values))
            usable &= finite.reshape(len(self), -1).all(axis=1)
        return usable

    def require_labels(self) -> NDArray[np.float64]:
        """Return the labels; ValueError outside ``fit``."""
        if self.labels is None:
            raise ValueError("labels are only there in fit, never in predict")
        return self.labels


# The features a predictor may name in `needs`; n networks, budget cut already made. A budget counts
# mini-batches, or epochs where only curves with one point an epoch are known.
FEATURES: Mapping[str, str] = {
    "adjacency": "float32 (n, columns): one-hot adjacency encoding",
    "path": "float32 (n, columns): path encoding, truncated where the whole has too many columns",
    "graf": "float32 (n, columns): GRAF's properties of the graph",
    "nodes": "float32 (n, nodes, kinds): one-hot operations of the cell graph, the input first, "
    "the output last; all zeros behind it",
    "edges": "bool (n, nodes, nodes): edges of the cell graph, from the second axis to the third",
    "tokens": "float32 (n, length, kinds): one-hot tokens of the cell graph; the first kind pads",
    "proxies": "DataFrame (n, proxies): scores at initialisation; NaN where there is none",
    "supernet": "DataFrame (n, 2): one_shot, rs_ws: validation accuracy with inherited weights",
    "size": "DataFrame (n, 5): params, macs, effective_params, conv_count, mean_path_convs",
    "step_losses": "float32 (n, budget): training loss of every mini-batch, in nats",
    "val_loss": "float32 (n, evaluations): validation loss in nats; the last is at the budget",
    "val_acc": "float32 (n, evaluations): validation accuracy in [0, 1]; the last at the budget",
    "trace_summary": "float32 (n, snapshots, features): statistics averaged over layers",
    "trace_codes": "float32 (n, snapshots, 256): auto-encoded statistics, weights then gradients",
}


class Predictor(ABC):
    """A method that ranks architectures.

    A constructor takes what it needs of ``seed``, ``settings`` (changes of the published ones, by
    name) and the options that the protocol knows, such as ``steps_per_epoch``.

    Class attributes:
        name: the method's name in every table.
        family: the group of methods it is listed with.
        needs: names of the features it reads, out of :data:`FEATURES`.
        reference: the work that it implements.
        anytime: whether one fit, made with the largest budget, answers at every budget.
        learns: whether ``fit`` uses the labels.
        estimates: whether a prediction estimates the label, or is a score on a scale of its own.
        quick: ``settings`` that make it cheap: fewer search trials, samples or epochs, never
            another method. Empty where it is cheap as published.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    needs: ClassVar[frozenset[str]]
    reference: ClassVar[str]
    anytime: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    estimates: ClassVar[bool] = True
    quick: ClassVar[Mapping[str, float]] = {}

    @abstractmethod
    def fit(self, train: Observations) -> None:
        """Learn from labelled architectures (initialisation)."""

    @abstractmethod
    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return a score for each architecture, ``(n,)``; higher is better."""
