"""NGBoost with normal predictions: repeatable by a seed, and several times as fast.

Source: Duan et al. 2020, "NGBoost: Natural Gradient Boosting for Probabilistic Prediction". The
library's own normal distribution builds a SciPy distribution for every candidate of its line
search, which is most of its time; here density and natural gradient are written out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from ngboost import NGBRegressor
from ngboost.distns.distn import RegressionDistn
from ngboost.scores import LogScore
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

Floats = NDArray[np.float64]

# Networks that are met exactly would drive the deviation to zero, where the line search never ends.
LOG_SCALE = -10.0, 10.0


class NormalLogScore(LogScore):  # type: ignore[misc] # NGBoost ships no types
    """Negative log likelihood of :class:`ClosedNormal`, and its natural gradient."""

    loc: Floats
    log_scale: Floats

    def score(self, labels: Floats) -> Floats:
        """Return the negative log likelihood of each label, ``(n,)``."""
        errors = (labels - self.loc) * np.exp(-self.log_scale)
        constant = np.log(2 * np.pi) / 2
        losses: Floats = constant + self.log_scale + errors**2 / 2
        return losses

    def grad(self, labels: Floats, natural: bool = True) -> Floats:
        """Return the natural gradient by location and logarithm of scale, ``(n, 2)``."""
        assert natural
        errors = self.loc - labels
        return np.stack([errors, (1 - errors**2 * np.exp(-2 * self.log_scale)) / 2], axis=1)


class ClosedNormal(RegressionDistn):  # type: ignore[misc] # NGBoost ships no types
    """Normal distributions, parametrised by location and logarithm of scale, ``(2, n)``."""

    n_params = 2
    scores = (NormalLogScore,)

    def __init__(self, parameters: Floats) -> None:
        super().__init__(parameters)
        self.loc: Floats = parameters[0]
        self.log_scale: Floats = np.clip(parameters[1], *LOG_SCALE)

    @staticmethod
    def fit(labels: Floats) -> Floats:
        """Return the parameters of all labels together, ``(2,)``."""
        smallest = np.exp(LOG_SCALE[0])
        return np.array([labels.mean(), np.log(max(float(labels.std()), smallest))])

    def mean(self) -> Floats:
        """Return the expected labels, ``(n,)``."""
        return self.loc


class NaturalBoosting(NGBRegressor):  # type: ignore[misc] # NGBoost ships no types
    """NGBoost whose trees take their seeds from the ensemble's.

    Trees without a seed of their own would draw from NumPy's global state, and trees with one would
    all look at the same features.

    Args:
        tree: settings of scikit-learn's regression trees.
        boosting: settings of NGBoost.
        seed: decides the rows and features of each tree.
    """

    def __init__(self, tree: Mapping[str, float], boosting: Mapping[str, float], seed: int) -> None:
        trees = [DecisionTreeRegressor(**tree) for _ in range(ClosedNormal.n_params)]
        state = np.random.RandomState(seed % 2**32)
        super().__init__(
            Dist=ClosedNormal, Base=trees, verbose=False, random_state=state, **boosting
        )

    def fit_base(self, vectors: Floats, gradients: Floats, sample_weight: Floats | None) -> Floats:
        """Fit one tree for each parameter; see the base class."""
        for tree in self.Base:
            tree.random_state = int(self.random_state.randint(2**31))
        fitted: Floats = super().fit_base(vectors, gradients, sample_weight)
        return fitted
