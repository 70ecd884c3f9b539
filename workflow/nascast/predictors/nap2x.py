"""NAP2-X: NAP2 with a rank target, averaged statistics beside the codes, and a forest's vote.

Ours, on top of NAP2 (:mod:`nascast.predictors.nap2`). With a few hundred labelled networks the
recurrent network alone loses to a forest on crude averages, for three reasons that each of its
additions answers:

- raw accuracies crowd near the top and have a long tail of failed networks, so the absolute error
  is decided by the tail: the target is the accuracy's quantile among the training labels instead;
- the auto-encoders spend their 128 numbers on what is large, not on what matters: the layer
  averages of the statistics, standardised over the training networks, are appended to the codes;
- a single network of 660,000 weights on 240 sequences has a large variance: a few of them and two
  forests on the same averages vote, all on the scale of quantiles.

One forest reads the first snapshot alone, the other all of them. The longer a network trains, the
more its statistics say about the images it is trained on; the first snapshot says more about the
architecture, and carries over better to other images.

The vote is turned back into an accuracy through the quantile function of the training labels. It
uses no statistic of the queried networks, so it transfers without any of the target's data.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

from nascast.predictors.base import Observations
from nascast.predictors.nap2 import NAP2
from nascast.seeds import derive_seed

MEMBERS = 2
TREES = 300


class NAP2X(NAP2):
    """An any-time ensemble of recurrent networks and a forest for each budget asked for."""

    name: ClassVar[str] = "NAP2-X"
    needs: ClassVar[frozenset[str]] = frozenset({"trace_codes", "trace_summary"})
    reference: ClassVar[str] = "nascast, on top of NAP2"

    def fit(self, train: Observations) -> None:
        """Train the recurrent members; forests wait until their budget is asked for."""
        train = train.take(np.flatnonzero(train.complete()))
        labels = train.require_labels()
        self._sorted_labels = np.sort(labels)
        self._quantiles = _quantile_of(labels, self._sorted_labels)
        self._averages = signed_log(train.feature("trace_summary"))
        self._snapshots = self._averages.shape[1]
        self._forests: dict[int, ExtraTreesRegressor] = {}
        self._scale = _Scale(self._averages)
        self._members = []
        for member in range(MEMBERS):
            network = NAP2(derive_seed(self.name, self.seed, member), asdict(self.settings))
            network.fit(replace(self._sequences(train), labels=self._quantiles))
            self._members.append(network)

    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return predicted accuracies: the mean vote, half of it the forests'."""
        if not getattr(self, "_members", None):
            raise ValueError(f"{self.name} is not fitted: call fit before predict")
        self._missing_snapshots(query.feature("trace_codes").shape[1])
        usable = query.complete()
        scores = np.full(len(query), -np.inf)
        if usable.any():
            scores[usable] = self._predict_complete(query.take(np.flatnonzero(usable)))
        return scores

    def _predict_complete(self, query: Observations) -> NDArray[np.float64]:
        sequences = self._sequences(query)
        recurrent = np.mean([member.predict(sequences) for member in self._members], axis=0)
        averages = signed_log(query.feature("trace_summary"))
        forests = np.mean([self._vote(averages, n) for n in (1, averages.shape[1])], axis=0)
        return self._accuracy_at((recurrent + forests) / 2)

    def _vote(self, averages: NDArray[np.float64], snapshots: int) -> NDArray[np.float64]:
        """Return the quantiles that a forest on the first ``snapshots`` predicts."""
        vectors = averages[:, :snapshots].reshape(len(averages), -1)
        return np.asarray(self._forest(snapshots).predict(vectors), dtype=np.float64)

    def _sequences(self, seen: Observations) -> Observations:
        averages = self._scale(signed_log(seen.feature("trace_summary")))
        codes = np.concatenate([seen.feature("trace_codes"), averages], axis=2)
        return replace(seen, features={"trace_codes": codes})

    def _forest(self, snapshots: int) -> ExtraTreesRegressor:
        if snapshots not in self._forests:
            vectors = self._averages[:, :snapshots].reshape(len(self._averages), -1)
            forest = ExtraTreesRegressor(
                n_estimators=TREES,
                max_features=1 / 3,
                min_samples_leaf=2,
                random_state=derive_seed(self.name, "forest", self.seed) % 2**32,
                n_jobs=1,
            )
            self._forests[snapshots] = forest.fit(vectors, self._quantiles)
        return self._forests[snapshots]

    def _accuracy_at(self, quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
        grid = (np.arange(len(self._sorted_labels)) + 0.5) / len(self._sorted_labels)
        # Strictly increasing in the vote even where labels tie, so that the ranking is the vote's.
        steps = np.interp(quantiles, grid, self._sorted_labels)
        return np.asarray(steps + 1e-6 * (quantiles - 0.5), dtype=np.float64)


class _Scale:
    """Standardises averages by the training networks' mean and deviation at each snapshot."""

    def __init__(self, averages: NDArray[np.float64]) -> None:
        self._mean = averages.mean(axis=0)
        deviation = averages.std(axis=0)
        self._deviation = np.where(deviation > 1e-12, deviation, 1.0)

    def __call__(self, averages: NDArray[np.float64]) -> NDArray[np.float32]:
        snapshots = averages.shape[1]
        scaled = (averages - self._mean[:snapshots]) / self._deviation[:snapshots]
        # A query far outside the training networks must not swamp the codes beside it.
        return np.asarray(np.clip(scaled, -5, 5), dtype=np.float32)


def signed_log(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return ``sign(x) * log(1 + |x| / 1e-4)``, which keeps the small gradients apart as well."""
    wide = np.asarray(values, dtype=np.float64)
    return np.asarray(np.sign(wide) * np.log1p(np.abs(wide) / 1e-4))


def _quantile_of(labels: NDArray[np.float64], ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each label's mid-rank among the training labels, in (0, 1)."""
    below = np.searchsorted(ordered, labels, side="left")
    through = np.searchsorted(ordered, labels, side="right")
    return np.asarray((below + through) / (2 * len(ordered)), dtype=np.float64)
