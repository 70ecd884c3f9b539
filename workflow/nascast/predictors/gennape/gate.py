"""The part of a head that is not trained by gradients: scaled inputs, and who answers for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.gennape.cluster_space import ClusterSpace, fit_cluster_space
from nascast.predictors.gennape.fuzzy_c_means import FuzzyClusters, fit_clusters
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.settings import HeadSettings
from nascast.predictors.regression import Floats

_SPACE = "space."


@dataclass(frozen=True)
class Gate:
    """Inputs of the networks of a head, and the memberships that weigh their outputs.

    Inputs are embeddings around the training networks' mean in units of their common deviation: one
    number for all columns, since one each would blow up a column in which only other families vary.

    Attributes:
        centre, scale: of the training networks' embeddings, ``(width,)`` and a number.
        space: where networks are clustered; None for a head of one network.
        clusters: the fuzzy clusters of the training networks, if there are.
    """

    centre: Floats
    scale: float
    space: ClusterSpace | None = None
    clusters: FuzzyClusters | None = None

    @property
    def count(self) -> int:
        """Number of clusters, and so of networks."""
        return 1 if self.clusters is None else len(self.clusters.centroids)

    def inputs(self, embeddings: NDArray[np.floating]) -> Floats:
        """Return the networks' inputs, ``(n, width)``.

        Raises:
            ValueError: the embeddings are not as wide as those trained on.
        """
        if embeddings.ndim != 2 or embeddings.shape[1] != len(self.centre):
            raise ValueError(
                f"the head was trained on embeddings of {len(self.centre)} numbers and got shape "
                f"{embeddings.shape}: use the encoder that it was trained with"
            )
        return (np.asarray(embeddings, np.float64) - self.centre) / self.scale

    def memberships(self, embeddings: NDArray[np.floating], gflops: Floats) -> Floats:
        """Return the memberships ``(n, count)``, which sum to 1."""
        if self.space is None or self.clusters is None:
            return np.ones((len(embeddings), 1))
        return self.clusters.memberships(self.space.points(embeddings, gflops))

    def state(self) -> tuple[dict[str, Floats], dict[str, Any]]:
        """Return the arrays and plain values that :meth:`from_state` needs."""
        arrays = {"centre": self.centre}
        values: dict[str, Any] = {"scale": self.scale}
        if self.space is not None and self.clusters is not None:
            arrays |= {f"{_SPACE}{key}": array for key, array in self.space.state().items()}
            arrays["centroids"] = self.clusters.centroids
            values["fuzzifier"] = self.clusters.fuzzifier
            values["iterations"], values["change"] = self.clusters.iterations, self.clusters.change
        return arrays, values

    @classmethod
    def from_state(cls, arrays: Mapping[str, Floats], values: Mapping[str, Any]) -> Gate:
        """Rebuild a gate from :meth:`state`."""
        gate = cls(arrays["centre"], float(values["scale"]))
        if "centroids" not in arrays:
            return gate
        parts = {k.removeprefix(_SPACE): v for k, v in arrays.items() if k.startswith(_SPACE)}
        clusters = FuzzyClusters(
            arrays["centroids"],
            float(values["fuzzifier"]),
            int(values["iterations"]),
            float(values["change"]),
        )
        return cls(gate.centre, gate.scale, ClusterSpace.from_state(parts), clusters)


def fit_gate(
    train: LabelledNetworks, clustered: bool, settings: HeadSettings, rng: np.random.Generator
) -> Gate:
    """Return the gate of training networks; with clusters, or for one network.

    Raises:
        ValueError: all embeddings are the same, or too few differ for the clusters.
    """
    centre = train.embeddings.mean(axis=0, dtype=np.float64)
    scale = float(np.sqrt(np.square(train.embeddings - centre).mean()))
    if not scale > 0:
        raise ValueError(f"nothing can be learned from {len(train)} networks with one embedding")
    if not clustered:
        return Gate(centre, scale)
    space = fit_cluster_space(train.embeddings, train.gflops, settings.components)
    clusters = fit_clusters(
        space.points(train.embeddings, train.gflops),
        settings.clusters,
        settings.fuzzifier,
        rng,
        most_iterations=settings.cluster_iterations,
        tolerance=settings.cluster_tolerance,
    )
    return Gate(centre, scale, space, clusters)
