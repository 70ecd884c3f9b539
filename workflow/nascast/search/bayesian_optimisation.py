"""Bayesian optimisation in the frame of BANANAS: an ensemble, and independent Thompson sampling.

Source: White et al. 2021, "BANANAS: Bayesian Optimization with Neural Architectures for Neural
Architecture Search", sections 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.search.guided_search import Floats, GuidedSearch


@dataclass(frozen=True)
class BayesianOptimisation(GuidedSearch):
    """Weighs what is predicted against how far the members of an ensemble disagree.

    A predictor that its seed does not change has members that never disagree: it is trusted.
    """

    members: int = 3

    name: ClassVar[str] = "Bayesian optimisation"
    reference: ClassVar[str] = "White et al. 2021, BANANAS: Bayesian Optimization with Neural Archs"

    def promise(self, predictions: Floats, rng: np.random.Generator) -> Floats:
        """Return a draw for each candidate, independent of the others.

        It is normal with the mean and the (population) standard deviation of the members: the
        acquisition function ITS.
        """
        return np.asarray(rng.normal(predictions.mean(axis=0), predictions.std(axis=0)))
