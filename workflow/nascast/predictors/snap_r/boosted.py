"""Boosted trees as members of SNAP-R: with squared error, or with a loss on orders.

Sources: Ke et al. 2017, "LightGBM"; Burges 2010, "From RankNet to LambdaRank to LambdaMART". Under
monotone constraints more convolutions on the paths and larger networks are never worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from lightgbm import LGBMRanker, LGBMRegressor

from nascast.predictors.snap_r.columns import directions
from nascast.predictors.snap_r.members import Features, Member
from nascast.predictors.snap_r.scales import Floats

# One thread and one way of summing, so that the trees are the same on every machine.
_ALIKE: dict[str, Any] = {"n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1}


@dataclass(frozen=True, slots=True)
class _TreeSettings:
    """Settings of boosted trees.

    Attributes:
        trees: boosting rounds.
        learning_rate: shrinkage of every tree.
        leaves: most leaves of a tree.
        leaf: fewest networks in a leaf.
        columns: fraction of the features that are drawn for a tree.
        rows: fraction of the networks that are drawn for a tree.
        monotone: 1 for the constraints of :mod:`nascast.predictors.snap_r.columns`, 0 for none.
        extra: 1 for thresholds of splits that are drawn at random.
    """

    trees: int = 300
    learning_rate: float = 0.05
    leaves: int = 15
    leaf: int = 50
    columns: float = 0.7
    rows: float = 0.7
    monotone: int = 1
    extra: int = 0


class BoostedTrees(Member):
    """Boosted trees with squared error."""

    name = "trees"
    published = _TreeSettings()

    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Grow new trees."""
        s = self.settings
        self._model = LGBMRegressor(
            n_estimators=s.trees,
            learning_rate=s.learning_rate,
            num_leaves=s.leaves,
            min_child_samples=s.leaf,
            colsample_bytree=s.columns,
            subsample=s.rows,
            subsample_freq=1,
            random_state=seed,
            extra_trees=bool(s.extra),
            monotone_constraints=directions(columns) if s.monotone else None,
            **_ALIKE,
        )
        self._model.fit(features, target)

    def score(self, features: Features) -> Floats:
        """Return what the trees predict, ``(n,)``."""
        return np.asarray(self._model.predict(features), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _RankerSettings:
    """Settings of :class:`BoostedRanker`; those of trees are as above.

    Attributes:
        group: training networks that are ordered together.
        grades: how many the targets are rounded down to.
    """

    trees: int = 300
    learning_rate: float = 0.05
    leaves: int = 15
    leaf: int = 50
    group: int = 50
    grades: int = 20


class BoostedRanker(Member):
    """Boosted trees with LambdaMART's loss, on random groups of training networks."""

    name = "ranker"
    published = _RankerSettings()

    def fit(self, features: Features, target: Floats, columns: Sequence[str], seed: int) -> None:
        """Grow new trees."""
        s, n = self.settings, len(target)
        order = np.random.default_rng(seed).permutation(n)
        groups = [len(part) for part in np.array_split(order, max(1, n // s.group))]
        places = np.argsort(np.argsort(target, kind="stable"), kind="stable")
        grades = places * s.grades // n
        self._model = LGBMRanker(
            n_estimators=s.trees,
            learning_rate=s.learning_rate,
            num_leaves=s.leaves,
            min_child_samples=s.leaf,
            random_state=seed,
            monotone_constraints=directions(columns),
            label_gain=list(range(s.grades)),
            **_ALIKE,
        )
        self._model.fit(features[order], grades[order], group=groups)

    def score(self, features: Features) -> Floats:
        """Return what the trees predict, ``(n,)``."""
        return np.asarray(self._model.predict(features), dtype=np.float64)
