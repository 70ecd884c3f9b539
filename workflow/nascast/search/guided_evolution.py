"""Predictor-guided evolution: of many mutations of the best networks, train the predicted best.

Source: Wei et al. 2020, "NPENAS: Neural Predictor Guided Evolution for Neural Architecture Search".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nascast.search.guided_search import Floats, GuidedSearch


@dataclass(frozen=True)
class GuidedEvolution(GuidedSearch):
    """Trusts the prediction of one predictor, or the mean over several."""

    name: ClassVar[str] = "guided evolution"
    reference: ClassVar[str] = "Wei et al. 2020, NPENAS: Neural Predictor Guided Evolution for NAS"

    def promise(self, predictions: Floats, rng: np.random.Generator) -> Floats:
        """Return the mean over the members."""
        return np.asarray(predictions.mean(axis=0))
