"""What predictor-guided searches share: fit what was trained, choose among candidates, train them.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?",
whose predictors guide an evolution and a Bayesian optimisation of this form; settings of its public
code.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.base import Predictor
from nascast.search.base import Algorithm, train_first
from nascast.search.candidates import Mutants
from nascast.search.problem import SearchProblem
from nascast.search.trainings import Trainings
from nascast.seeds import derive_seed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GuidedSearch(Algorithm):
    """Trains random networks, then batch after batch of those candidates that promise most.

    Attributes:
        make: returns a new predictor for a seed.
        members: predictors that are fitted before each batch, with different seeds.
        initial: random networks that are trained first.
        batch: networks that are trained between two fits.
        mutants: how candidates are drawn.
    """

    make: Callable[[int], Predictor]
    members: int = 1
    initial: int = 20
    batch: int = 20
    mutants: Mutants = field(default_factory=Mutants)

    guided: ClassVar[bool] = True

    @abstractmethod
    def promise(self, predictions: Floats, rng: np.random.Generator) -> Floats:
        """Return how much candidates promise, ``(n,)``, of finite ``(members, n)`` predictions."""

    def run(self, problem: SearchProblem, trainings: Trainings, seed: int) -> None:
        """Train random networks, then what the predictors choose."""
        rng = np.random.default_rng(derive_seed("search", self.name, seed))
        train_first(problem, trainings, self.initial, seed)
        while trainings.left:
            size = min(self.batch, trainings.left)
            candidates = self.mutants.draw(problem, trainings, size, rng)
            predictions = self._predict(problem, trainings, candidates, seed, rng)
            promises = self._promises(predictions, rng)
            for place in np.argsort(-promises, kind="stable")[:size]:
                trainings.train(candidates[place])

    def _promises(self, predictions: Floats, rng: np.random.Generator) -> Floats:
        """Rank candidates last of which a member knows nothing."""
        known = np.isfinite(predictions).all(axis=0)
        promises = self.promise(np.where(known, predictions, 0.0), rng)
        return np.where(known, promises, -np.inf)

    def _predict(
        self,
        problem: SearchProblem,
        trainings: Trainings,
        candidates: list[str],
        seed: int,
        rng: np.random.Generator,
    ) -> Floats:
        """Return the members' predictions, ``(members, candidates)``.

        As many networks as were trained, drawn at random from the others, are the unlabelled ones
        of semi-supervised predictors.
        """
        trained = list(trainings.revealed)
        others = [name for name in problem.names if name not in trainings]
        drawn = rng.choice(len(others), min(len(trained), len(others)), replace=False)
        train = replace(
            problem.observe(trained),
            labels=np.array([trainings.revealed[name] for name in trained]),
            pool=problem.observe([others[i] for i in drawn]).features,
        )
        query = problem.observe(candidates)
        predictions = []
        for member in range(self.members):
            predictor = self.make(derive_seed("search-member", seed, len(trained), member))
            predictor.fit(train)
            predictions.append(predictor.predict(query))
        return np.stack(predictions)
