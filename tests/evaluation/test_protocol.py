"""One fold of an experiment, watched by a predictor that writes down all it is shown."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from tests.evaluation.pools import make_table

from nascast.evaluation.protocol import Query, TaskData, evaluate_predictor
from nascast.evaluation.splits import Split
from nascast.predictors.base import Observations, Predictor

ARCHS = tuple("abcdefgh")
SPLIT = Split(train=("c", "a"), validation=("e",), test=("b", "d", "g"))
BUDGETS = (40, 10, 20)
FOREIGN = 10**6  # added to every number of the target task


class Spy(Predictor):
    """Scores by the first number of its first feature and keeps all observations."""

    name: ClassVar[str] = "spy"
    family: ClassVar[str] = "test"
    needs: ClassVar[frozenset[str]] = frozenset({"step_losses"})
    reference: ClassVar[str] = "this test"
    made: ClassVar[list[Spy]]

    def __init__(self) -> None:
        self.fits: list[Observations] = []
        self.queries: list[Observations] = []
        type(self).made.append(self)

    def fit(self, train: Observations) -> None:
        self.fits.append(train)

    def predict(self, query: Observations) -> NDArray[np.float64]:
        self.queries.append(query)
        return np.asarray(query.feature(min(self.needs)))[:, 0].astype(np.float64)


class AnytimeSpy(Spy):
    anytime: ClassVar[bool] = True


class SizeSpy(Spy):
    needs: ClassVar[frozenset[str]] = frozenset({"size"})
    learns: ClassVar[bool] = False


def task(name: str, offset: float = 0.0, failed: dict[str, int] | None = None) -> TaskData:
    labels = {arch_id: (offset + position) / 1e7 for position, arch_id in enumerate(ARCHS)}
    return TaskData(name, make_table(ARCHS, failed, offset), labels)


def run(
    kind: type[Spy], *, failed: dict[str, int] | None = None, budgets: tuple[int, ...] = BUDGETS
) -> tuple[pd.DataFrame, list[Spy]]:
    kind.made = []
    source, target = task("cells-discs"), task("cells-rings", FOREIGN, failed)
    queries = [Query(source, source.features), Query(target, target.features)]
    frame = evaluate_predictor(kind, source, queries, SPLIT, budgets)
    return frame, kind.made


@pytest.mark.parametrize("kind", [Spy, AnytimeSpy, SizeSpy])
def test_no_test_network_and_no_other_task_is_seen_in_fit(kind: type[Spy]) -> None:
    _, made = run(kind)
    fits = [fit for spy in made for fit in spy.fits]
    assert fits
    for fit in fits:
        assert fit.arch_ids == ("c", "a", "e")
        assert fit.require_labels().tolist() == [2e-7, 0.0, 4e-7]
        assert fit.held_out is not None
        assert fit.held_out.tolist() == [False, False, True]
        assert set(fit.features) == kind.needs
        assert np.asarray(fit.feature(min(kind.needs))).max() < FOREIGN


@pytest.mark.parametrize("kind", [Spy, AnytimeSpy])
def test_no_label_is_seen_in_predict_and_features_are_those_of_the_query(kind: type[Spy]) -> None:
    _, made = run(kind)
    queries = [query for spy in made for query in spy.queries]
    assert len(queries) == 6
    for position, query in enumerate(queries):
        assert query.arch_ids == SPLIT.test
        assert query.labels is None
        assert query.held_out is None
        offset = FOREIGN * (position % 2)
        first = query.feature("step_losses")[:, 0] - offset
        np.testing.assert_array_equal(first, [1001, 3001, 6001])
        assert query.feature("step_losses").shape == (3, query.budget)


def test_features_may_be_encoded_differently_from_those_of_the_target() -> None:
    """The codes of a transferred query are those of the source's encoder."""
    AnytimeSpy.made = []
    source, target = task("cells-discs"), task("cells-rings", FOREIGN)
    query = Query(target, make_table(ARCHS, offset=7.0))
    frame = evaluate_predictor(AnytimeSpy, source, [query], SPLIT, [10])
    assert frame["prediction"].tolist() == [1008.0, 3008.0, 6008.0]
    assert frame["label"].tolist() == [target.labels[arch_id] for arch_id in SPLIT.test]


def test_a_predictor_of_one_budget_is_made_and_fitted_anew_for_each() -> None:
    _, made = run(Spy)
    assert [[fit.budget for fit in spy.fits] for spy in made] == [[10], [20], [40]]
    assert [fit.feature("step_losses").shape[1] for spy in made for fit in spy.fits] == [10, 20, 40]
    asked = [[query.budget for query in spy.queries] for spy in made]
    assert asked == [[10, 10], [20, 20], [40, 40]]


def test_an_any_time_predictor_is_fitted_once_with_the_largest_budget() -> None:
    _, (spy,) = run(AnytimeSpy)
    assert [fit.budget for fit in spy.fits] == [40]
    assert [query.budget for query in spy.queries] == [10, 10, 20, 20, 40, 40]


def test_rows_name_where_they_come_from() -> None:
    frame, _ = run(Spy)
    assert len(frame) == len(BUDGETS) * 2 * len(SPLIT.test)
    assert not frame.duplicated(["task", "budget", "arch_id"]).any()
    assert set(frame["predictor"]) == {"spy"}
    assert set(frame["train_size"]) == {3}
    contexts = frame.groupby("task")["context"].unique().map(list).to_dict()
    assert contexts == {"cells-discs": ["in-domain"], "cells-rings": ["from cells-discs"]}
    labels = frame[frame["budget"] == 10].set_index(["task", "arch_id"])["label"]
    assert labels["cells-discs", "d"] == pytest.approx(3e-7)
    assert labels["cells-rings", "d"] == pytest.approx((FOREIGN + 3) / 1e7)


def test_a_budget_asked_for_twice_is_answered_once() -> None:
    frame, made = run(Spy, budgets=(10, 10))
    assert len(made) == 1
    assert not frame.duplicated(["task", "budget", "arch_id"]).any()


def test_networks_rank_last_from_the_budget_that_shows_their_failure() -> None:
    frame, _ = run(AnytimeSpy, failed={"d": 15, "a": 1})
    lost = frame[np.isneginf(frame["prediction"])]
    found = sorted(zip(lost["task"], lost["budget"], lost["arch_id"], strict=True))
    assert found == [("cells-rings", 20, "d"), ("cells-rings", 40, "d")]
    assert np.isfinite(frame.drop(lost.index)["prediction"]).all()


def test_who_looks_at_no_partial_training_knows_no_failure_and_pays_nothing_for_it() -> None:
    frame, _ = run(SizeSpy, failed={"d": 1})
    assert np.isfinite(frame["prediction"]).all()
    assert frame["query_seconds"].max() < 0.1
    assert set(frame["train_size"]) == {0}


def test_costs_are_partial_training_and_prediction_a_network() -> None:
    frame, _ = run(Spy)
    trained = {(10, "b"): 3.5, (10, "d"): 5.5, (20, "b"): 6.0, (40, "g"): 16.0}
    for (budget, arch_id), seconds in trained.items():
        rows = frame[(frame["budget"] == budget) & (frame["arch_id"] == arch_id)]
        assert rows["query_seconds"].to_numpy() == pytest.approx([seconds, seconds], abs=0.1)
        assert (rows["query_seconds"] >= seconds).all()
        assert rows["predict_seconds"].to_numpy() == pytest.approx(
            rows["query_seconds"].to_numpy() - seconds
        )
    assert (frame["fit_seconds"] > 0).all()
