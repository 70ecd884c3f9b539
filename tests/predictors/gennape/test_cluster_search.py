from __future__ import annotations

import pytest
from scipy import stats
from tests.predictors.gennape.made import QUICK, make_networks

from nascast.predictors.gennape.cluster_search import (
    CLUSTERS,
    FUZZIFIERS,
    ClusterTrial,
    search_clusters,
)
from nascast.predictors.gennape.heads import create_head

SETS = [make_networks(n, i) for i, n in enumerate((200, 60, 80))]
SETTINGS = {**QUICK, "epochs": 2}


def test_the_published_grid_has_55_points() -> None:
    assert len(CLUSTERS) * len(FUZZIFIERS) == 55
    assert (CLUSTERS[0], CLUSTERS[-1], FUZZIFIERS[0], FUZZIFIERS[-1]) == (10, 20, 2.0, 4.0)


def test_trials_are_heads_ranked_on_the_second_validation_set() -> None:
    trials = search_clusters("CL+FCM+T", *SETS, 0, SETTINGS, clusters=(2, 4), fuzzifiers=(1.5, 3.0))
    assert {(t.clusters, t.fuzzifier) for t in trials} == {(2, 1.5), (2, 3.0), (4, 1.5), (4, 3.0)}
    correlations = [trial.correlation for trial in trials]
    assert correlations == sorted(correlations, reverse=True)
    settings = {**SETTINGS, "clusters": 4, "fuzzifier": 1.5}
    head = create_head("CL+FCM+T", 0, settings).fit(*SETS[:2])
    ranked = SETS[2].at_least(0.8)
    expected = stats.spearmanr(head.predict(ranked.embeddings, ranked.gflops), ranked.accuracies)
    assert ClusterTrial(4, 1.5, float(expected.statistic)) in trials


def test_a_head_without_clusters_has_nothing_to_search() -> None:
    with pytest.raises(ValueError, match=r"CL\+T has no clusters"):
        search_clusters("CL+T", *SETS, 0, SETTINGS)
