"""Heads that estimate accuracies: CL, CL+T, CL+FCM and CL+FCM+T.

Source: GENNAPE, "Soft-Clustering Ensemble", "FLOPs-based Features and Transforms" and supplement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nascast.predictors.batched_mlp import BatchedMLP
from nascast.predictors.gennape.flops_transform import Target, fit_target
from nascast.predictors.gennape.head import Head, Prepared, Rows
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.mlp_ensemble import MLPEnsemble
from nascast.predictors.regression import Floats


class RegressionHead(Head):
    """Estimates accuracies by a network or an ensemble of them; squared error."""

    pairwise: ClassVar[bool] = False
    _ensemble: MLPEnsemble
    _target: Target

    def build(self, inputs: int) -> None:
        """Draw the untrained ensemble."""
        self._ensemble = MLPEnsemble.draw(
            inputs, self.settings.width, 1, self.gate.count, *self.identity
        )

    def networks(self) -> Sequence[BatchedMLP]:
        """Return the ensemble's networks."""
        return [self._ensemble.networks]

    def learn_scale(self, train: LabelledNetworks) -> None:
        """Fit the z-score, behind Equation 5 where the variant has it."""
        self._target = fit_target(train.accuracies, train.gflops, self.variant.by_flops)

    def targets(self, data: LabelledNetworks) -> Floats:
        """Return transformed accuracies, ``(n,)``, by the source's z-score."""
        return self._target.transform(data.accuracies, data.gflops)

    def draw(self, count: int, rng: np.random.Generator) -> Rows:
        """Return all networks in random order."""
        return rng.permutation(count)

    def gradient(self, data: Prepared, rows: Rows) -> None:
        """Write the gradient of the mean squared error."""
        memberships = data.memberships[rows]
        outputs, layers = self._ensemble.forward(data.inputs[rows], memberships)
        errors = outputs - data.targets[rows, None]
        self._ensemble.backward(layers, memberships, errors * np.float32(2 / len(rows)))

    def loss(self, data: Prepared) -> float:
        """Return the mean squared error of transformed accuracies."""
        outputs = self._ensemble.evaluate(data.inputs, data.memberships)[:, 0]
        return float(np.square(outputs - data.targets).mean())

    def predict(self, embeddings: NDArray[np.floating], gflops: Floats) -> Floats:
        """Return estimated accuracies, ``(n,)``; they may leave [0, 1] on other families."""
        inputs = self.gate.inputs(embeddings)
        outputs = self._ensemble.evaluate(inputs, self.gate.memberships(embeddings, gflops))
        return self._target.invert(outputs[:, 0], gflops)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and plain values that :meth:`restore` needs."""
        tensors, values = super().state()
        return tensors, values | {"target": asdict(self._target)}

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Self:
        """Take over what :meth:`state` returned."""
        self._target = Target(**values["target"])
        return super().restore(tensors, values)
