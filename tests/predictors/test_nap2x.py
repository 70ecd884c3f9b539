"""NAP2-X: a vote on the scale of quantiles that looks at no other queried network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, rankdata
from tests.predictors.sequences import make_traces

from nascast.predictors import nap2x
from nascast.predictors.base import Observations
from nascast.predictors.nap2x import NAP2X, signed_log

FEW = {"epochs": 8, "patience": 8, "prefixes": 1}


@pytest.fixture(scope="module")
def fitted() -> NAP2X:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nap2x, "TREES", 30)
        predictor = NAP2X(seed=0, settings=FEW)
        predictor.fit(make_traces(60, seed=0))
        for snapshots in range(1, 5):  # forests grow when their budget is asked for
            predictor.predict(make_traces(1, seed=1, snapshots=snapshots))
    return predictor


def some(query: Observations, rows: list[int]) -> Observations:
    features = {name: values[rows] for name, values in query.features.items()}
    return Observations(tuple(query.arch_ids[i] for i in rows), query.budget, features)


@pytest.mark.parametrize("snapshots", [1, 2, 3, 4])
def test_it_learns_and_answers_at_every_prefix(fitted: NAP2X, snapshots: int) -> None:
    query = make_traces(40, seed=1, snapshots=snapshots)
    scores = fitted.predict(replace(query, labels=None, held_out=None))
    assert scores.shape == (40,)
    assert kendalltau(scores, query.require_labels()).statistic > 0.8
    assert ((scores > 0.05) & (scores < 0.95)).all()


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.integers(0, 11), min_size=1, max_size=12))
def test_a_score_does_not_depend_on_who_else_is_asked_for(fitted: NAP2X, rows: list[int]) -> None:
    query = make_traces(12, seed=1)
    query.features["trace_summary"][11] *= 1e6  # an outlier that any shared scale would notice
    whole = fitted.predict(query)
    np.testing.assert_allclose(fitted.predict(some(query, rows)), whole[rows], rtol=1e-5)


def test_a_forest_knows_its_budget_alone() -> None:
    """Another future of the training networks leaves the forest of a small budget as it is."""
    train = make_traces(20, seed=0)
    other = replace(train, features=dict(train.features))
    later = train.feature("trace_summary").copy()
    later[:, 2:] *= np.random.default_rng(3).uniform(0, 50, (20, 1, 1))
    other.features["trace_summary"] = later  # type: ignore[index]
    vectors = np.random.default_rng(4).normal(size=(5, 2 * later.shape[2]))
    forests = []
    for data in (train, other):
        predictor = NAP2X(settings={**FEW, "epochs": 1})
        predictor.fit(data)
        forests.append(predictor._forest(2).predict(vectors))
        assert predictor._forest(2) is predictor._forest(2)
    np.testing.assert_array_equal(*forests)


def test_the_vote_is_turned_into_accuracies_in_its_order(fitted: NAP2X) -> None:
    votes = np.linspace(-0.2, 1.2, 500)
    accuracies = fitted._accuracy_at(votes)
    assert (np.diff(accuracies) > 0).all()
    labels = np.sort(make_traces(60, seed=0).require_labels())
    middles = (rankdata(labels) - 0.5) / len(labels)
    assert fitted._accuracy_at(middles) == pytest.approx(labels, abs=1e-6)


def test_equal_labels_do_not_tie_the_ranking() -> None:
    predictor, train = NAP2X(settings={**FEW, "epochs": 1}), make_traces(20, seed=0)
    predictor.fit(replace(train, labels=np.full(20, 0.1)))
    accuracies = predictor._accuracy_at(np.linspace(0, 1, 50))
    assert (np.diff(accuracies) > 0).all()
    assert accuracies == pytest.approx(np.full(50, 0.1), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.8]), min_size=1, max_size=30))
def test_targets_are_mid_ranks(labels: list[float]) -> None:
    values = np.array(labels)
    expected = (rankdata(values) - 0.5) / len(values)
    assert nap2x._quantile_of(values, np.sort(values)) == pytest.approx(expected)


def test_targets_of_the_members_are_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Observations] = []
    monkeypatch.setattr(nap2x.NAP2, "fit", lambda self, train: seen.append(train))
    train = make_traces(20, seed=0)
    NAP2X(settings=FEW).fit(train)
    assert len(seen) == nap2x.MEMBERS
    for data in seen:
        expected = (rankdata(train.require_labels()) - 0.5) / 20
        assert data.require_labels() == pytest.approx(expected)
        np.testing.assert_array_equal(data.held_out, train.held_out)
        codes = data.feature("trace_codes")
        assert codes.dtype == np.float32
        np.testing.assert_array_equal(codes[:, :, :16], train.feature("trace_codes"))
        averages = signed_log(train.feature("trace_summary"))
        standard = (averages - averages.mean(axis=0)) / averages.std(axis=0)
        np.testing.assert_allclose(codes[:, :, 16:], standard.clip(-5, 5), rtol=1e-4, atol=1e-5)


def test_constant_and_outlying_averages_stay_finite_and_small(fitted: NAP2X) -> None:
    train = make_traces(20, seed=0)
    train.features["trace_summary"][:, :, 0] = 3
    predictor = NAP2X(settings={**FEW, "epochs": 1})
    predictor.fit(train)
    query = make_traces(5, seed=1)
    query.features["trace_summary"][:, :, 0] = 1e30
    codes = predictor._sequences(query).feature("trace_codes")
    assert np.abs(codes[:, :, 16:]).max() == 5
    assert np.isfinite(predictor.predict(query)).all()


def test_signed_log_keeps_small_numbers_apart() -> None:
    values = np.array([0, 1e-4, -1e-4, 1], dtype=np.float32)
    expected = [0, np.log(2), -np.log(2), np.log(10001)]
    assert signed_log(values) == pytest.approx(expected, rel=1e-6)


def test_seeds_repeat_and_differ() -> None:
    def scores(seed: int) -> list[float]:
        predictor = NAP2X(seed, {**FEW, "epochs": 1})
        predictor.fit(make_traces(20, seed=0))
        return predictor.predict(make_traces(5, seed=1, snapshots=2)).tolist()

    first = scores(2**63 - 1)
    assert scores(2**63 - 1) == first
    assert scores(0) != first


def test_longer_queries_are_refused() -> None:
    predictor = NAP2X(settings={**FEW, "epochs": 1})
    predictor.fit(make_traces(10, seed=0, snapshots=3))
    with pytest.raises(ValueError, match="NAP2-X was fitted on 3 snapshots and cannot read 4"):
        predictor.predict(make_traces(5, seed=1))


def test_a_query_before_the_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="NAP2-X is not fitted: call fit before predict"):
        NAP2X().predict(make_traces(5, seed=1))


def test_some_networks_must_be_held_out() -> None:
    with pytest.raises(ValueError, match="stops early and needs some networks held out"):
        NAP2X(settings=FEW).fit(replace(make_traces(10, seed=0), held_out=None))
