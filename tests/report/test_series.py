"""The numbers behind the figures, against hand computations and SciPy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.report.frames import TASKS, prediction_frame, step_frame, tidy_frame, tidy_row

from nascast.report import series
from nascast.report.series import ReportError


def test_cost_points_by_budget() -> None:
    points = series.cost_points(tidy_frame())
    assert points["column"].unique().tolist() == list(TASKS)
    assert points["row"].unique().tolist() == ["NAP2", "SoTL-E", "params"]
    line = points[(points["row"] == "NAP2") & (points["column"] == TASKS[1])]
    np.testing.assert_allclose(line["cost"], [10, 30, 100])
    np.testing.assert_allclose(line["value"], [0.58, 0.63, 0.68])


@pytest.mark.parametrize("axis", ["budget", "query_seconds"])
def test_a_method_without_training_is_one_point_of_no_cost(axis: series.CostAxis) -> None:
    points = series.cost_points(tidy_frame(), axis=axis, train_size=300)
    size = points[points["row"] == "params"]
    assert size["cost"].tolist() == [0.0, 0.0]
    assert size["column"].tolist() == list(TASKS)


def test_cost_points_by_seconds() -> None:
    points = series.cost_points(tidy_frame(), axis="query_seconds")
    line = points[(points["row"] == "NAP2") & (points["column"] == TASKS[0])]
    np.testing.assert_allclose(line["cost"], [2.0, 4.0, 11.0])


def test_cost_points_accept_nullable_columns() -> None:
    rows = [tidy_row("params", TASKS[0], 0.5), tidy_row("NAP2", TASKS[0], 0.6)]
    frame = pd.DataFrame(rows).astype({"budget": "Int64", "train_size": "Int64"})
    frame.loc[0, ["budget", "train_size"]] = pd.NA
    points = series.cost_points(frame, train_size=300)
    assert dict(zip(points["row"], points["cost"], strict=True)) == {"params": 0, "NAP2": 10}


def test_two_values_for_one_point_are_refused() -> None:
    rows = [
        tidy_row("NAP2", TASKS[0], 0.5),
        tidy_row("NAP2", TASKS[0], 0.6, settings="quick"),
    ]
    with pytest.raises(ReportError, match=r"two values for one point.*quick"):
        series.cost_points(pd.DataFrame(rows))


def test_an_unknown_choice_names_what_there_is() -> None:
    with pytest.raises(ReportError, match=r"context = 'elsewhere'; choose from \['in-domain'"):
        series.cost_points(tidy_frame(), context="elsewhere")
    with pytest.raises(ReportError, match="needs the column 'metric'"):
        series.cost_points(tidy_frame().drop(columns="metric"))
    with pytest.raises(ReportError, match="both a value and a cost"):
        series.cost_points(tidy_frame().assign(value=np.nan))


def test_ranks_are_percentiles_within_fold_and_seed() -> None:
    frame = prediction_frame(networks=5, seeds=1)
    points, _ = series.rank_points(frame, "NAP2", 10)
    assert len(points) == 10
    for fold in range(2):
        own = frame[frame["fold"] == fold]
        shown = points.set_index("arch_id").loc[own["arch_id"]]
        np.testing.assert_allclose(shown["true"], 25 * (stats.rankdata(own["label"]) - 1))
        np.testing.assert_allclose(shown["predicted"], 25 * (stats.rankdata(own["prediction"]) - 1))


def test_tau_is_the_mean_over_folds_and_seeds() -> None:
    frame = prediction_frame()
    _, taus = series.rank_points(frame, "NAP2", 10)
    expected = [
        stats.kendalltau(group["prediction"], group["label"]).statistic
        for _, group in frame.groupby(["fold", "seed"])
    ]
    assert taus == pytest.approx({TASKS[0]: np.mean(expected)})


def test_an_unusable_prediction_ranks_last() -> None:
    frame = prediction_frame(networks=4, seeds=1)
    best = frame[frame["fold"] == 0]["prediction"].idxmax()
    frame.loc[best, "prediction"] = np.nan
    points, _ = series.rank_points(frame, "NAP2", 10)
    chosen = points.set_index("arch_id").loc[frame.loc[best, "arch_id"]]
    assert chosen["predicted"] == 0.0


def test_mixed_runs_are_refused() -> None:
    frame = prediction_frame()
    mixed = pd.concat([frame, frame.assign(train_size=100)])
    with pytest.raises(ReportError, match=r"several runs.*100"):
        series.rank_points(mixed, "NAP2", 10)
    points, _ = series.rank_points(mixed, "NAP2", 10, train_size=100)
    assert len(points) == 60


def test_long_runs_are_averaged_over_equal_stretches() -> None:
    steps = pd.DataFrame({"arch_id": "a", "step": np.arange(1, 1001), "train_loss": 1.0})
    steps["train_loss"] = steps["step"].astype(float)
    place, curves = series.loss_matrix(steps, most=100)
    assert len(place) == 100
    np.testing.assert_allclose(place[:2], [5.5, 15.5])
    np.testing.assert_allclose(curves.loc["a"], place)


def test_bands_are_quartiles_of_groups_by_label() -> None:
    steps, labels = step_frame(networks=10)
    _, bands = series.loss_bands(steps, labels)
    assert [band.name for band in bands] == [
        "best 20%", "20–40%", "40–60%", "60–80%", "worst 20%",
    ]  # fmt: skip
    assert [band.networks for band in bands] == [2] * 5
    wide = steps.pivot(index="arch_id", columns="step", values="train_loss").astype(np.float64)
    best = wide.loc[["net09", "net08"]]
    np.testing.assert_allclose(bands[0].median, best.mean())
    np.testing.assert_allclose(bands[0].low, np.quantile(best, 0.25, axis=0))
    np.testing.assert_allclose(bands[0].high, np.quantile(best, 0.75, axis=0))
    # net01 diverged half-way: the rest of the worst group's band is net00 alone.
    np.testing.assert_allclose(bands[-1].median[-1], wide.loc["net00"].iloc[-1])


def test_fewer_networks_than_groups() -> None:
    steps, labels = step_frame(networks=1)
    _, bands = series.loss_bands(steps, labels)
    assert [(band.name, band.networks) for band in bands] == [("all", 1)]
    with pytest.raises(ReportError, match="both steps and a label"):
        series.loss_bands(steps, labels.rename({"net00": "other"}))
    with pytest.raises(ReportError, match="at least one training step"):
        series.loss_bands(steps.iloc[:0], labels)


def test_signed_log() -> None:
    values = series.signed_log([-1.0, 0.0, np.e - 1, np.nan])
    np.testing.assert_allclose(values, [-np.log(2), 0.0, 1.0, np.nan])


def test_transfer_rows() -> None:
    pairs = series.transfer_rows(tidy_frame(), "NAP2", budget=100)
    values = {(row.source, row.target): row.value for row in pairs.itertuples()}
    assert values == pytest.approx(
        {
            (TASKS[0], TASKS[0]): 0.7,
            (TASKS[1], TASKS[1]): 0.68,
            (TASKS[1], TASKS[0]): 0.5,
            (TASKS[0], TASKS[1]): 0.5,
        }
    )
    twice = pd.concat([tidy_frame(), tidy_frame().assign(train_size=100)])
    with pytest.raises(ReportError, match="two values for one pair"):
        series.transfer_rows(twice, "NAP2", budget=100)
    with pytest.raises(ReportError, match="in-domain"):
        series.transfer_rows(tidy_frame().assign(context="zero-shot"), "NAP2", budget=100)


def test_short_tasks() -> None:
    assert series.short_tasks(["a-x", "a-y-z"]) == {"a-x": "x", "a-y-z": "y-z"}
    assert series.short_tasks(["a-x", "b-x"]) == {"a-x": "a-x", "b-x": "b-x"}
    assert series.short_tasks(["plain"]) == {"plain": "plain"}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.3, 12, [0.5, 1, 2, 5, 10]), (1, 1, [1]), (0.21, 0.22, [0.21]), (900, 2100, [1000, 2000])],
)
def test_round_numbers(low: float, high: float, expected: list[float]) -> None:
    np.testing.assert_allclose(series.round_numbers(low, high), expected)


def test_evenly() -> None:
    assert series.evenly("abcde", 1) == ["a"]
    assert series.evenly("abcde", 3) == ["a", "c", "e"]
    assert series.evenly("abcde", 5) == list("abcde")


def test_metric_name() -> None:
    assert series.metric_name("kendall_tau") == "Kendall tau"
    assert series.metric_name("l2_norm") == "L2 norm"


positions = st.lists(st.floats(-10, 10), min_size=1, max_size=12)


@given(positions, st.floats(0.01, 1.5))
def test_spread_keeps_order_distance_and_bounds(wanted: list[float], gap: float) -> None:
    moved = series.spread(wanted, gap, -10, 10)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(moved[order]) >= gap - 1e-9).all()
    assert moved.min() >= -10 - 1e-9
    assert moved.max() <= 10 + 1e-9


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.floats(0.01, 5))
def test_spread_shrinks_the_gap_where_there_is_no_room(wanted: list[float], gap: float) -> None:
    moved = series.spread(wanted, gap, 0, 1)
    assert moved.min() >= -1e-9
    assert moved.max() <= 1 + 1e-9


def test_spread_moves_nothing_that_has_room() -> None:
    np.testing.assert_allclose(series.spread([0.9, 0.1, 0.5], 0.2, 0, 1), [0.9, 0.1, 0.5])
    np.testing.assert_allclose(series.spread([0.5, 0.5], 0.2, 0, 1), [0.4, 0.6])
    assert len(series.spread([], 0.2, 0, 1)) == 0
