"""A grid of initialisation and query budgets: the protocol of White et al. 2021.

Every seed draws test networks, and training networks of which a smaller set is the start of a
larger one. What a predictor needs decides which axis it has: a model of the structure varies with
the training networks, a learning curve with the epochs that may be seen, a hybrid with both, and a
zero-cost score with neither. A cell of the grid in which a method has no number of its own has that
of its budget: more epochs do not change a model of the structure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from nascast.evaluation.observations import PARTIAL_TRAINING
from nascast.evaluation.protocol import Query, TaskData, predict_networks
from nascast.evaluation.splits import Split
from nascast.predictors.base import Observations, Predictor
from nascast.seeds import derive_seed


@dataclass(frozen=True, slots=True)
class Draw:
    """The networks of one seed, by ``arch_id``.

    Attributes:
        test: networks that are predicted.
        train: labelled networks in the order in which training sets take them.
        rest: all others in the order in which semi-supervised predictors take them, unlabelled.
    """

    test: tuple[str, ...]
    train: tuple[str, ...]
    rest: tuple[str, ...] = ()


def draw_at_random(arch_ids: Iterable[str], test: int, train: int, seed: int) -> Draw:
    """Draw test and training networks uniformly, by a hash of their identity.

    Neither the order of ``arch_ids`` nor ``train`` changes which networks a smaller training set
    has.

    Raises:
        ValueError: there are fewer than ``test + train`` networks.
    """
    order = sorted(set(arch_ids), key=lambda name: (derive_seed("grid", seed, name), name))
    if len(order) < test + train:
        raise ValueError(
            f"{len(order)} networks cannot give {test} for the test and {train} to train on; label "
            "more networks or ask for fewer"
        )
    return Draw(
        tuple(order[:test]), tuple(order[test : test + train]), tuple(order[test + train :])
    )


@dataclass(frozen=True, slots=True)
class Axes:
    """The budgets of a grid.

    Attributes:
        train_sizes: labelled networks (initialisation).
        budgets: epochs, or whatever the curves count, that may be seen of each network (query).
    """

    train_sizes: tuple[int, ...]
    budgets: tuple[int, ...]

    def cells_of(self, predictor: type[Predictor]) -> list[tuple[int, int]]:
        """Return the (training networks, epochs) at which a predictor has a number of its own.

        Those that do not learn take no training networks, and those that need no partial training
        see no epoch: 0.
        """
        sizes = self.train_sizes if predictor.learns else (0,)
        budgets = self.budgets if predictor.needs & PARTIAL_TRAINING else (0,)
        return [(size, budget) for size in sizes for budget in budgets]


def evaluate_on_grid(
    predictor: type[Predictor],
    make: Callable[[], Predictor],
    task: TaskData,
    draw: Draw,
    axes: Axes,
    training_seconds: Mapping[str, float],
) -> pd.DataFrame:
    """Fit and query a predictor in every cell of the grid where it has a number of its own.

    Args:
        predictor: its class.
        make: returns a new one.
        task: features and labels of all networks drawn.
        draw: test and training networks.
        axes: the budgets.
        training_seconds: what the whole training of each network took; without an entry for all of
            them, the cost of the initialisation is not known (NaN).

    Returns:
        One row a (train_size, budget, arch_id), the columns of
        :func:`nascast.evaluation.protocol.evaluate_predictor` and ``train_network_seconds``.
    """
    frames = []
    for size, budget in axes.cells_of(predictor):
        fitted = make()
        train = draw.train[:size]
        seconds = 0.0
        if predictor.learns:
            observed = _observe(task, train, draw, budget, predictor.needs)
            start = time.process_time()
            fitted.fit(observed)
            seconds = time.process_time() - start
        split = Split(train=train, validation=(), test=draw.test)
        frame = predict_networks(fitted, task, Query(task, task.features), split, budget)
        cost = sum(training_seconds.get(arch_id, np.nan) for arch_id in train)
        frames.append(frame.assign(fit_seconds=seconds, train_network_seconds=cost))
    return pd.concat(frames, ignore_index=True)


def _observe(
    task: TaskData, train: Sequence[str], draw: Draw, budget: int, needs: frozenset[str]
) -> Observations:
    """Return the training networks, and as many unlabelled ones for those that can use them."""
    structure = needs - PARTIAL_TRAINING
    others = [*draw.train[len(train) :], *draw.rest][: len(train)]
    pool = task.features.observe(others, 0, structure).features if others else {}
    return replace(task.features.observe(train, budget, needs, labels=task.labels), pool=pool)
