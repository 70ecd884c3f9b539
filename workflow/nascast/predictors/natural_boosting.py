"""NGBoost on the one-hot adjacency encoding.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?",
with the settings of its public code. It has a module of its own because its library takes seconds
to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from nascast.predictors.normal_boosting import NaturalBoosting
from nascast.predictors.trees import WHITE, Regressor, TreeRegression, TreeSettings


@dataclass(frozen=True, slots=True)
class NGBoostSettings(TreeSettings):
    """Settings of NGBoost with a normal distribution and the logarithmic score.

    Attributes:
        trees: boosting rounds, with a tree for the mean and one for the deviation each.
        learning_rate: shrinkage of every tree.
        rows: fraction of the networks that are drawn for a round.
        depth: largest depth of a tree.
        columns: fraction of the columns that are drawn for a split.
        leaf: fewest networks in a leaf, or half of the training networks if these are fewer.
        split: fewest networks in a node that is split, or half of the training networks.
    """

    trees: int = 505
    learning_rate: float = 0.0813
    rows: float = 0.508
    depth: int = 6
    columns: float = 0.792
    leaf: int = 15
    split: int = 20

    def regressor(self, seed: int, networks: int) -> Regressor:
        """Return an untrained NGBoost regressor."""
        half = networks // 2
        tree = {
            "max_depth": self.depth,
            "max_features": self.columns,
            "min_samples_leaf": max(1, min(self.leaf, half)),
            "min_samples_split": max(2, min(self.split, half)),
        }
        boosting = {
            "n_estimators": self.trees,
            "learning_rate": self.learning_rate,
            "minibatch_frac": self.rows,
        }
        # Trees of squared error split as those of Friedman's criterion, which the source names.
        regressor: Regressor = NaturalBoosting(tree, boosting, seed)
        return regressor


class NGBoost(TreeRegression):
    """Natural-gradient boosting of a normal distribution, of which the mean is the score."""

    name: ClassVar[str] = "NGBoost"
    reference: ClassVar[str] = f"{WHITE}; Duan et al. 2020"
    published: ClassVar[TreeSettings] = NGBoostSettings()
    quick: ClassVar[Mapping[str, float]] = {"trees": 150}
