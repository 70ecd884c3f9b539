"""Heads that judge which of two networks is better: CL+Pairwise and CL+FCM+Pairwise.

Source: GENNAPE, "Unseen Architecture Ranking Performance" and supplement: networks of 4 x 128 units
make a latent vector of 16 numbers of each network, those of a pair are concatenated and "an MLP
layer" makes the prediction; merge sort with the model as comparator makes a ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nascast.predictors.batched_mlp import RELU, BatchedMLP, Reals, fan_in_uniform
from nascast.predictors.gennape.head import Head, Prepared, Rows
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.merge_sort import merge_sort
from nascast.predictors.gennape.mlp_ensemble import MLPEnsemble
from nascast.predictors.regression import Floats


class PairwiseHead(Head):
    """Tells the better of two networks; binary cross-entropy.

    The judge of a pair has one hidden layer, as wide as those of the ensemble: a single linear
    layer on concatenated vectors would be a sum of a number for each network, no comparison.
    """

    pairwise: ClassVar[bool] = True
    _ensemble: MLPEnsemble
    _judge: BatchedMLP

    def build(self, inputs: int) -> None:
        """Draw the untrained ensemble and judge."""
        width, latent = self.settings.width, self.settings.latent
        self._ensemble = MLPEnsemble.draw(inputs, width, latent, self.gate.count, *self.identity)
        self._judge = BatchedMLP((2 * latent, width, 1), RELU)
        fan_in_uniform(self._judge, [self._rng("judge")])

    def networks(self) -> Sequence[BatchedMLP]:
        """Return the ensemble's networks and the judge."""
        return [self._ensemble.networks, self._judge]

    def learn_scale(self, train: LabelledNetworks) -> None:
        """Learn nothing: an order has no scale."""

    def targets(self, data: LabelledNetworks) -> Floats:
        """Return the accuracies, ``(n,)``: only their order counts."""
        return data.accuracies

    def draw(self, count: int, rng: np.random.Generator) -> Rows:
        """Return pairs ``(about n, 2)``: every network is once the first, once the second."""
        pairs = np.column_stack([rng.permutation(count), rng.permutation(count)])
        different: Rows = pairs[pairs[:, 0] != pairs[:, 1]]
        return different

    def gradient(self, data: Prepared, rows: Rows) -> None:
        """Write the gradient of the mean cross-entropy of pairs ``(b, 2)``."""
        everyone = rows.T.ravel()
        memberships = data.memberships[everyone]
        latents, layers = self._ensemble.forward(data.inputs[everyone], memberships)
        pairs = np.concatenate(np.split(latents, 2), axis=1)
        judged = self._judge.forward(pairs[None])
        errors = expit(judged[-1]) - _better(data.targets, rows)[None, :, None]
        sums = self._judge.backward(judged, errors / np.float32(len(rows)))
        back = sums[0] @ self._judge.weights[0][0].T
        self._ensemble.backward(
            layers, memberships, np.concatenate(np.split(back, 2, axis=1), axis=0)
        )

    def loss(self, data: Prepared) -> float:
        """Return the mean cross-entropy of pairs, the same in every epoch, in nats."""
        rows = self.draw(len(data.inputs), self._rng("validation pairs"))
        latents = self._ensemble.evaluate(data.inputs, data.memberships)
        logits = self._judge_pairs(latents, rows)
        return float((np.logaddexp(0, logits) - _better(data.targets, rows) * logits).mean())

    def predict(self, embeddings: NDArray[np.floating], gflops: Floats) -> Floats:
        """Return the share of the other networks that merge sort places behind each, ``(n,)``.

        Equal networks are one to the sort. It begins in an order that their numbers decide, so the
        order of the rows decides nothing even if the judge contradicts itself.
        """
        rows = np.column_stack([np.asarray(embeddings, np.float64), gflops])
        distinct, where = np.unique(rows, axis=0, return_inverse=True)
        if len(distinct) < 2:
            return np.full(len(rows), 0.5)
        own, operations = distinct[:, :-1], distinct[:, -1]
        latents = self._ensemble.evaluate(
            self.gate.inputs(own), self.gate.memberships(own, operations)
        )

        def precedes(later: Rows, earlier: Rows) -> NDArray[np.bool_]:
            ways = np.concatenate([[later, earlier], [earlier, later]], axis=1).T
            forth, back = np.split(self._judge_pairs(latents, ways), 2)
            better: NDArray[np.bool_] = forth > back
            return better

        scores = np.empty(len(distinct))
        scores[merge_sort(len(distinct), precedes)] = np.linspace(1, 0, len(distinct))
        return scores[where]

    def _judge_pairs(self, latents: Reals, pairs: Rows) -> Floats:
        """Return the log odds that the first of each pair ``(m, 2)`` is better, ``(m,)``."""
        both = latents[pairs].reshape(len(pairs), -1)
        return np.asarray(self._judge.forward(both[None])[-1][0, :, 0], dtype=np.float64)


def _better(accuracies: NDArray[np.float32], pairs: Rows) -> NDArray[np.float32]:
    """Return 1 where the first of a pair is better, 0 where the second is, 0.5 for equal ones."""
    first, second = accuracies[pairs].T
    return np.asarray((np.sign(first - second) + 1) / 2, dtype=np.float32)
