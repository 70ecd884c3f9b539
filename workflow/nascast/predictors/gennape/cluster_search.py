"""How many clusters, and how fuzzy: the grid that is searched on the second validation set.

Source: GENNAPE, supplement: C from 10 to 20 and m from 2.0 to 4.0 in steps of 0.5; the highest
rank correlation on the second validation set won, [16, 4.0] for regressors, [11, 3.5] for
classifiers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy import stats

from nascast.predictors.gennape.heads import create_head
from nascast.predictors.gennape.labelled import LabelledNetworks

CLUSTERS = tuple(range(10, 21))
FUZZIFIERS = (2.0, 2.5, 3.0, 3.5, 4.0)


@dataclass(frozen=True, slots=True)
class ClusterTrial:
    """One point of the grid.

    Attributes:
        clusters: number of clusters.
        fuzzifier: the coefficient m.
        correlation: Spearman's, on the second validation set.
    """

    clusters: int
    fuzzifier: float
    correlation: float


def search_clusters(
    name: str,
    train: LabelledNetworks,
    first_validation: LabelledNetworks,
    second_validation: LabelledNetworks,
    seed: int,
    settings: Mapping[str, float],
    *,
    clusters: Iterable[int] = CLUSTERS,
    fuzzifiers: Iterable[float] = FUZZIFIERS,
) -> list[ClusterTrial]:
    """Train a clustered head at every point of the grid; the trials, best first.

    The published grid has 55 points, each a training: fewer networks and epochs make it affordable.

    Args:
        name: of the variant, such as ``CL+FCM+T``.
        train: networks to train on.
        first_validation: decides the epoch.
        second_validation: ranked; networks below the variant's ``least_accuracy`` are left out.
        seed: of all trials.
        settings: changes of the published settings, by name.
        clusters: numbers of clusters to try.
        fuzzifiers: coefficients to try.

    Raises:
        ValueError: the variant has no clusters.
    """
    if not create_head(name, seed, settings).variant.clustered:
        raise ValueError(f"{name} has no clusters to choose")
    trials = []
    for count, fuzzifier in itertools.product(clusters, fuzzifiers):
        head = create_head(name, seed, {**settings, "clusters": count, "fuzzifier": fuzzifier})
        head.fit(train, first_validation)
        ranked = second_validation.at_least(head.settings.least_accuracy)
        scores = head.predict(ranked.embeddings, ranked.gflops)
        correlation = float(stats.spearmanr(scores, ranked.accuracies).statistic)
        trials.append(ClusterTrial(count, fuzzifier, correlation))
    return sorted(trials, key=lambda trial: (-trial.correlation, trial.clusters, trial.fuzzifier))
