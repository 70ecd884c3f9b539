"""Boosted trees, and what their constraints promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.snap_r.problem import COLUMNS, cells

from nascast.predictors.snap_r.boosted import BoostedRanker, BoostedTrees
from nascast.predictors.snap_r.members import Member

# Of (convolutions, pools, dead): more convolutions everywhere.
RAMP = np.float32([[c, 2, 0] for c in range(6)])


def fitted(kind: type[Member], sign: float = 1.0, **changes: float) -> Member:
    features, labels = cells(1000)
    member = kind({"trees": 60, **changes})
    member.fit(features, sign * labels, COLUMNS, 0)
    return member


@pytest.mark.parametrize("kind", [BoostedTrees, BoostedRanker])
def test_members_rank_cells_that_they_have_not_seen(kind: type[Member]) -> None:
    features, labels = cells(200, seed=1)
    assert kendalltau(fitted(kind).score(features), labels).statistic > 0.8


@pytest.mark.parametrize("kind", [BoostedTrees, BoostedRanker])
def test_convolutions_never_harm_whatever_the_labels_say(kind: type[Member]) -> None:
    assert (np.diff(fitted(kind, sign=-1.0).score(RAMP)) >= 0).all()


def test_without_constraints_they_may() -> None:
    assert (np.diff(fitted(BoostedTrees, sign=-1.0, monotone=0).score(RAMP)) < 0).any()


def test_random_thresholds_give_other_trees() -> None:
    features, _ = cells(50, seed=1)
    plain, extra = (fitted(BoostedTrees, extra=e).score(features) for e in (0, 1))
    assert not np.allclose(plain, extra)


def test_only_the_order_of_the_labels_counts_for_the_ranker() -> None:
    features, labels = cells(300)
    scores = []
    for target in (labels, np.exp(3 * labels)):
        member = BoostedRanker({"trees": 10})
        member.fit(features, target, COLUMNS, 0)
        scores.append(member.score(features))
    np.testing.assert_array_equal(*scores)
