"""Members that are no boosted trees."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.snap_r.problem import COLUMNS, cells

from nascast.predictors.snap_r.members import (
    ColumnSum,
    Forest,
    LinearRidge,
    Member,
    Network,
    ScaledMember,
)

KINDS = (Forest, LinearRidge, Network)


def fitted(kind: type[Member], seed: int = 0) -> Member:
    features, labels = cells(600)
    member = kind({})
    member.fit(features, labels, COLUMNS, seed)
    return member


@pytest.mark.parametrize("kind", KINDS)
def test_members_rank_cells_that_they_have_not_seen(kind: type[Member]) -> None:
    features, labels = cells(200, seed=1)
    assert kendalltau(fitted(kind).score(features), labels).statistic > 0.8


@pytest.mark.parametrize("kind", [Forest, Network])
def test_the_seed_decides(kind: type[Member]) -> None:
    features, _ = cells(50, seed=1)
    first, again, other = (fitted(kind, seed).score(features) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", [LinearRidge, Network])
def test_scores_beyond_the_range_of_training_are_those_at_its_end(kind: type[Member]) -> None:
    member = fitted(kind)
    assert isinstance(member, ScaledMember)
    seen, beyond = np.float32([[5, 0, 0]]), np.float32([[50, -7, 0]])
    np.testing.assert_allclose(member.score(seen), member.score(beyond))


def test_a_feature_that_never_varied_has_no_say() -> None:
    member = fitted(LinearRidge)
    np.testing.assert_array_equal(
        member.score(np.float32([[3, 1, 0]])), member.score(np.float32([[3, 1, 1]]))
    )


def test_unknown_settings_are_named() -> None:
    with pytest.raises(ValueError, match=r"unknown forest settings \['tree'\]"):
        Forest({"tree": 3})


def test_a_sum_learns_no_label() -> None:
    features, labels = cells(400)
    scores = []
    for target in (labels, -labels):
        member = ColumnSum({})
        member.fit(features, target, COLUMNS, 0)
        scores.append(member.score(features))
    np.testing.assert_array_equal(*scores)
    # More of any feature is better.
    more = member.score(features + np.float32([1, 0, 0]))
    assert (more > scores[0]).all()
