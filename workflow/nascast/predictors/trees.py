"""Boosted trees and random forests on a flat encoding of the architecture.

Sources: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?"
on the one-hot adjacency encoding, with the settings of its public code; Kadlecová et al. 2024,
"Surprisingly Strong Performance Prediction with Neural Graph Features" on GRAF's features. All fit
in one thread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from lightgbm import LGBMRegressor
from sklearn.ensemble import RandomForestRegressor
from xgboost import XGBRegressor

from nascast.predictors.encoding_regression import EncodingRegression
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes
from nascast.seeds import derive_seed

# All libraries take seeds of 31 bits.
SEEDS = 2**31
WHITE = "White et al. 2021, How Powerful are Performance Predictors in NAS?"
_GRAF = "Kadlecová et al. 2024, Surprisingly Strong Performance Prediction with GRAF"


class Regressor(Protocol):
    """What all tree libraries offer."""

    def fit(self, vectors: Floats, labels: Floats) -> Any:
        """Fit vectors, ``(n, columns)``, to labels, ``(n,)``."""
        ...

    def predict(self, vectors: Floats) -> Any:
        """Return predicted labels, ``(n,)``."""
        ...


@dataclass(frozen=True, slots=True)
class TreeSettings(ABC):
    """Settings of one library's trees, which they make."""

    @abstractmethod
    def regressor(self, seed: int, networks: int) -> Regressor:
        """Return untrained trees for ``networks`` training networks; the seed has 31 bits."""


@dataclass(frozen=True, slots=True)
class XGBoostSettings(TreeSettings):
    """Settings of XGBoost with squared error.

    Attributes:
        trees: boosting rounds.
        learning_rate: shrinkage of every tree.
        depth: largest depth of a tree.
        child_weight: fewest networks in a leaf.
        tree_columns: fraction of the columns that are drawn for a tree.
        level_columns: fraction of those that are drawn for a level of it.
        rows: fraction of the networks that are drawn for a tree.
    """

    trees: int = 500
    learning_rate: float = 0.3
    depth: int = 6
    child_weight: float = 1.0
    tree_columns: float = 1.0
    level_columns: float = 1.0
    rows: float = 1.0

    def regressor(self, seed: int, networks: int) -> Regressor:
        """Return an untrained XGBoost regressor."""
        regressor: Regressor = XGBRegressor(
            n_estimators=self.trees,
            learning_rate=self.learning_rate,
            max_depth=self.depth,
            min_child_weight=self.child_weight,
            colsample_bytree=self.tree_columns,
            colsample_bylevel=self.level_columns,
            subsample=self.rows,
            random_state=seed,
            n_jobs=1,
        )
        return regressor


@dataclass(frozen=True, slots=True)
class LightGBMSettings(TreeSettings):
    """Settings of LightGBM with squared error.

    Attributes:
        trees: boosting rounds.
        learning_rate: shrinkage of every tree.
        leaves: most leaves of a tree.
        leaf: fewest networks in a leaf; fewer than twice as many are never split, and all get their
            mean.
        columns: fraction of the columns that are drawn for a tree.
        rows: fraction of the networks that are drawn, and kept for ``redraw`` trees.
        redraw: trees between two draws of networks.
    """

    trees: int = 500
    learning_rate: float = 0.05
    leaves: int = 31
    leaf: int = 5
    columns: float = 0.9
    rows: float = 0.8
    redraw: int = 5

    def regressor(self, seed: int, networks: int) -> Regressor:
        """Return an untrained LightGBM regressor."""
        regressor: Regressor = LGBMRegressor(
            n_estimators=self.trees,
            learning_rate=self.learning_rate,
            num_leaves=self.leaves,
            min_child_samples=self.leaf,
            colsample_bytree=self.columns,
            subsample=self.rows,
            subsample_freq=self.redraw,
            random_state=seed,
            n_jobs=1,
            # Otherwise it times two ways of summing and takes the faster one.
            deterministic=True,
            force_row_wise=True,
            verbose=-1,
        )
        return regressor


@dataclass(frozen=True, slots=True)
class ForestSettings(TreeSettings):
    """Settings of a random forest.

    Attributes:
        trees: trees, whose predictions are averaged.
        columns: fraction of the columns that are drawn for a split.
        leaf: fewest networks in a leaf.
        split: fewest networks in a node that is split.
        bootstrap: whether each tree has its own draw of the networks, or all have all.
    """

    trees: int = 116
    columns: float = 0.1706
    leaf: int = 2
    split: int = 2
    bootstrap: bool = False

    def regressor(self, seed: int, networks: int) -> Regressor:
        """Return an untrained random forest."""
        regressor: Regressor = RandomForestRegressor(
            n_estimators=self.trees,
            max_features=self.columns,
            min_samples_leaf=self.leaf,
            min_samples_split=self.split,
            bootstrap=self.bootstrap,
            random_state=seed,
            n_jobs=1,
        )
        return regressor


class TreeRegression(EncodingRegression):
    """A regression by trees.

    Args:
        seed: decides which networks and columns are drawn.
        settings: changes of the published settings, by name.

    Raises:
        ValueError: a setting is unknown or should be a whole number.
    """

    published: ClassVar[TreeSettings]

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        self.seed = seed
        self.settings = with_changes(self.published, settings or {}, self.name)
        self._regressor: Regressor

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Grow new trees."""
        seed = derive_seed(self.name, self.seed) % SEEDS
        self._regressor = self.settings.regressor(seed, len(vectors))
        self._regressor.fit(vectors, labels)

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return what the trees predict, ``(n,)``."""
        return np.asarray(self._regressor.predict(vectors), dtype=np.float64)


class XGBoost(TreeRegression):
    """Gradient-boosted trees of XGBoost."""

    name: ClassVar[str] = "XGBoost"
    reference: ClassVar[str] = f"{WHITE}; Chen & Guestrin 2016"
    published: ClassVar[TreeSettings] = XGBoostSettings()


class LGBoost(TreeRegression):
    """Gradient-boosted trees of LightGBM."""

    name: ClassVar[str] = "LGBoost"
    reference: ClassVar[str] = f"{WHITE}; Luo et al. 2020, Neural Architecture Search with GBDT"
    published: ClassVar[TreeSettings] = LightGBMSettings()


class Forest(TreeRegression):
    """Random forest with the settings of NAS-Bench-301."""

    name: ClassVar[str] = "RF"
    reference: ClassVar[str] = f"{WHITE}; Breiman 2001"
    published: ClassVar[TreeSettings] = ForestSettings()


class GrafForest(TreeRegression):
    """Random forest on GRAF's features, with scikit-learn's defaults as published."""

    name: ClassVar[str] = "GRAF + RF"
    needs: ClassVar[frozenset[str]] = frozenset({"graf"})
    reference: ClassVar[str] = _GRAF
    published: ClassVar[TreeSettings] = ForestSettings(
        trees=100, columns=1.0, leaf=1, bootstrap=True
    )


class GrafXGBoost(TreeRegression):
    """XGBoost on GRAF's features, with the authors' tuned settings."""

    name: ClassVar[str] = "GRAF + XGBoost"
    needs: ClassVar[frozenset[str]] = frozenset({"graf"})
    reference: ClassVar[str] = _GRAF
    published: ClassVar[TreeSettings] = XGBoostSettings(trees=10_000, learning_rate=0.01, rows=0.9)
    quick: ClassVar[Mapping[str, float]] = {"trees": 1000}
