"""One fold of an experiment: fit a predictor on a source task, predict every target task.

The test networks of a fold are the same on every task, and none of them is trained on anywhere, so
a transferred prediction has seen neither a label, nor an image, nor a network of its target.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nascast.evaluation.observations import PARTIAL_TRAINING, FeatureTable
from nascast.evaluation.splits import Split
from nascast.predictors.base import Predictor

IN_DOMAIN = "in-domain"


@dataclass(frozen=True)
class TaskData:
    """A task as an experiment sees it.

    Attributes:
        name: the task's id, ``<space>-<image set>``.
        features: what predictors may look at.
        labels: label of every architecture by arch_id, in [0, 1].
    """

    name: str
    features: FeatureTable
    labels: Mapping[str, float]


@dataclass(frozen=True)
class Query:
    """A target task whose features fit the source, for example codes of the source's encoder."""

    target: TaskData
    features: FeatureTable


def evaluate_predictor(
    make: Callable[[], Predictor],
    source: TaskData,
    queries: Sequence[Query],
    split: Split,
    budgets: Sequence[int],
) -> pd.DataFrame:
    """Fit on the source's training networks and predict the test networks of every query.

    An any-time predictor is fitted once, on the whole traces; another is fitted for each budget.
    Networks that diverged within the budget or cannot learn are ranked last: minus infinity.

    Args:
        make: returns a new predictor.
        source: the task whose training networks and labels are used.
        queries: the target tasks; the source itself is one of them for in-domain rows.
        split: train, validation and test networks.
        budgets: query budgets in mini-batches.

    Returns:
        One row a (target, budget, arch_id): ``predictor, task, train_size, budget, context,
        arch_id, prediction, label, fit_seconds, predict_seconds, query_seconds``; the last holds
        the partial training too.
    """
    frames = []
    predictor: Predictor | None = None
    fit_seconds = 0.0
    for budget in sorted(set(budgets)):
        if predictor is None or not predictor.anytime:
            predictor = make()
            start = time.process_time()
            _fit(predictor, source, split, max(budgets) if predictor.anytime else budget)
            fit_seconds = time.process_time() - start
        for query in queries:
            frame = predict_networks(predictor, source, query, split, budget)
            frames.append(frame.assign(fit_seconds=fit_seconds))
    return pd.concat(frames, ignore_index=True)


def _fit(predictor: Predictor, source: TaskData, split: Split, budget: int) -> None:
    train = source.features.observe(
        [*split.train, *split.validation],
        budget,
        predictor.needs,
        labels=source.labels,
        held_out=frozenset(split.validation),
    )
    predictor.fit(train)


def predict_networks(
    predictor: Predictor, source: TaskData, query: Query, split: Split, budget: int
) -> pd.DataFrame:
    """Predict the test networks of one query; networks known to fail are ranked last.

    Returns:
        The rows of :func:`evaluate_predictor`, without ``fit_seconds``.
    """
    test = list(split.test)
    seen = query.features.observe(test, budget, predictor.needs)
    start = time.process_time()
    scores = np.asarray(predictor.predict(seen), dtype=np.float64)
    seconds = (time.process_time() - start) / len(test)
    partial = bool(predictor.needs & PARTIAL_TRAINING)
    training = query.features.query_seconds(test, budget) if partial else np.zeros(len(test))
    if partial:
        scores = np.where(query.features.failed(test, budget), -np.inf, scores)
    same = query.target.name == source.name
    return pd.DataFrame(
        {
            "predictor": predictor.name,
            "task": query.target.name,
            "train_size": split.train_size if predictor.learns else 0,
            "budget": budget,
            "context": IN_DOMAIN if same else f"from {source.name}",
            "arch_id": test,
            "prediction": scores,
            "label": [query.target.labels[arch_id] for arch_id in test],
            "predict_seconds": seconds,
            "query_seconds": training + seconds,
        }
    )
