"""OMNI: NGBoost on what is known before, at the start of and early in training.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?",
section 5, and NASLib's ``omni_ngb``: a zero-cost proxy, the training loss of the latest epoch and
the encoding of the cell enter one regression, whose settings are found by a random search with
three-fold cross-validation. The ablations leave out one of the three.

The source standardises proxy and loss, the loss even within the queried networks. Trees split in
the same places either way, as long as training and query share one scale, so both enter as they
are, and a network is scored without looking at its company.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from nascast.predictors.base import Observations
from nascast.predictors.budget_regression import BudgetRegression
from nascast.predictors.learning_curve import SoTLE
from nascast.predictors.normal_boosting import NaturalBoosting
from nascast.predictors.regression import Floats
from nascast.predictors.settings import with_changes
from nascast.predictors.tuning import FOLDS, Draw, LogUniform, Uniform, WholeNumber
from nascast.seeds import derive_seed

FEWEST_EPOCHS = 3
"""From so many epochs on the training loss is looked at, as published."""

TREE: Mapping[str, Draw] = {
    "max_depth": WholeNumber(1, 24),
    "max_features": Uniform(0.1, 1),
    "min_samples_leaf": WholeNumber(2, 19),
    "min_samples_split": WholeNumber(2, 19),
}
BOOSTING: Mapping[str, Draw] = {
    "learning_rate": LogUniform(1e-3, 1e-1),
    "minibatch_frac": Uniform(0.1, 1),
}


@dataclass(frozen=True, slots=True)
class OmniSettings:
    """How long settings are searched, and how large ensembles may be.

    Attributes:
        trials: random settings that are compared.
        fewest_trees: lower bound of the boosting iterations that are tried.
        most_trees: upper bound.
        fewest_epochs: from so many on the training loss is looked at.
    """

    trials: int = 35
    fewest_trees: int = 128
    most_trees: int = 512
    fewest_epochs: int = FEWEST_EPOCHS


PUBLISHED = OmniSettings()


class Omni(BudgetRegression):
    """Jacobian covariance, SoTL-E and one-hot adjacency in one NGBoost regression.

    Args:
        steps_per_epoch: mini-batches that make one pass over the training images.
        seed: decides folds, settings and trees.
        settings: changes of the published ones.
    """

    name: ClassVar[str] = "OMNI"
    family: ClassVar[str] = "hybrid"
    needs: ClassVar[frozenset[str]] = frozenset({"proxies", "step_losses", "adjacency"})
    reference: ClassVar[str] = "White et al. 2021, section 5"
    quick: ClassVar[Mapping[str, float]] = {"trials": 8, "fewest_trees": 32, "most_trees": 64}

    def __init__(
        self, steps_per_epoch: int, seed: int = 0, settings: Mapping[str, float] | None = None
    ) -> None:
        self.seed = seed
        self.settings = with_changes(PUBLISHED, settings or {}, self.name)
        self.steps_per_epoch = steps_per_epoch
        self._latest_loss = SoTLE(steps_per_epoch)
        self._model: NaturalBoosting | None = None

    def vectors(self, seen: Observations) -> Floats:
        """Return the proxy, the latest loss if there are enough epochs, and the encoding."""
        parts = [np.zeros((len(seen), 0))]
        if "proxies" in self.needs:
            parts.append(seen.feature("proxies")[["jacov"]].to_numpy(dtype=np.float64))
        if "step_losses" in self.needs:
            steps = seen.feature("step_losses").shape[1]
            if steps >= self.settings.fewest_epochs * self.steps_per_epoch:
                parts.append(self._latest_loss.score(seen)[:, None])
        if "adjacency" in self.needs:
            parts.append(np.asarray(seen.feature("adjacency"), dtype=np.float64))
        return np.concatenate(parts, axis=1)

    def fit_vectors(self, vectors: Floats, labels: Floats) -> None:
        """Search settings, then fit all networks with the best."""
        rng = np.random.default_rng(derive_seed(self.name, self.seed))
        folds = KFold(min(FOLDS, len(labels)), shuffle=True, random_state=self.seed % 2**32)
        splits = list(folds.split(vectors))
        candidates = [self._draw(rng, len(labels)) for _ in range(self.settings.trials)]
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
            losses = [candidate.held_out_loss(vectors, labels, splits) for candidate in candidates]
            best = candidates[int(np.argmin(losses))]
            self._model = best.model().fit(vectors, labels)

    def score_vectors(self, vectors: Floats) -> Floats:
        """Return the expected labels."""
        assert self._model is not None
        return np.asarray(self._model.predict(vectors))

    def _draw(self, rng: np.random.Generator, networks: int) -> _Candidate:
        """Return random settings that leave trees and mini-batches something of few networks."""
        trees = WholeNumber(self.settings.fewest_trees, self.settings.most_trees, log=True)
        tree = _drawn(TREE, rng)
        for name in ("min_samples_leaf", "min_samples_split"):
            tree[name] = max(2, min(tree[name], networks // 3 - 1))
        boosting = _drawn({"n_estimators": trees, **BOOSTING}, rng)
        boosting["minibatch_frac"] = max(boosting["minibatch_frac"], min(1.0, 3 / networks))
        return _Candidate(tree, boosting, int(rng.integers(2**63)))


def _drawn(space: Mapping[str, Draw], rng: np.random.Generator) -> dict[str, float]:
    """Return random settings; for scikit-learn a count is a whole number, a share is not."""
    return {
        name: int(draw(rng)) if isinstance(draw, WholeNumber) else draw(rng)
        for name, draw in space.items()
    }


@dataclass(frozen=True)
class _Candidate:
    """Settings of NGBoost with what decides its random choices."""

    tree: Mapping[str, float]
    boosting: Mapping[str, float]
    seed: int

    def model(self) -> NaturalBoosting:
        return NaturalBoosting(self.tree, self.boosting, self.seed)

    def held_out_loss(
        self,
        vectors: Floats,
        labels: Floats,
        splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    ) -> float:
        """Return the mean negative log likelihood of the folds, NGBoost's own score."""
        losses = []
        for fitted, held_out in splits:
            model = self.model().fit(vectors[fitted], labels[fitted])
            losses.append(float(model.score(vectors[held_out], labels[held_out])))
        return float(np.mean(losses))


class OmniWithoutCurve(Omni):
    """OMNI before any training: proxy and encoding."""

    name: ClassVar[str] = "OMNI (no curve)"
    needs: ClassVar[frozenset[str]] = Omni.needs - {"step_losses"}
    anytime: ClassVar[bool] = True

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(1, seed, settings)  # an epoch's length is of no interest here


class OmniWithoutProxy(Omni):
    """OMNI without the Jacobian covariance."""

    name: ClassVar[str] = "OMNI (no proxy)"
    needs: ClassVar[frozenset[str]] = Omni.needs - {"proxies"}


class OmniWithoutEncoding(Omni):
    """OMNI without knowledge of the cell: proxy and training loss."""

    name: ClassVar[str] = "OMNI (no encoding)"
    needs: ClassVar[frozenset[str]] = Omni.needs - {"adjacency"}
