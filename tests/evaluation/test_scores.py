"""Scores: one row a cell and metric, averaged over folds and seeds, from the predictions frame."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from nascast.evaluation import metrics
from nascast.evaluation.scores import (
    ACCURACY_METRICS,
    LOWER_IS_BETTER,
    RANKING_METRICS,
    SCORE_COLUMNS,
    SEED_COLUMNS,
    PredictionsError,
    score_costs,
    score_predictions,
    score_seeds,
)


def predictions(
    predictors: tuple[str, ...] = ("NAP2", "params"),
    budgets: tuple[int, ...] = (10,),
    folds: int = 2,
    seeds: int = 2,
    n: int = 25,
) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frames = []
    for fold in range(folds):
        label = 0.5 + 0.1 * rng.normal(size=n)
        for predictor in predictors:
            for budget in budgets:
                for seed in range(seeds):
                    frames.append(
                        pd.DataFrame(
                            {
                                "predictor": predictor,
                                "task": "nasbench201-cifar10",
                                "train_size": 300,
                                "budget": budget,
                                "context": "in-domain",
                                "fold": fold,
                                "seed": seed,
                                "arch_id": [f"net-{fold}-{i}" for i in range(n)],
                                "prediction": label + 0.05 * rng.normal(size=n),
                                "label": label,
                                "settings": "published",
                                "fit_seconds": 10.0 + fold,
                                "train_network_seconds": np.nan,
                                "predict_seconds": 0.1,
                                "query_seconds": 0.5,
                            }
                        )
                    )
    return pd.concat(frames, ignore_index=True)


def sizes_of(frame: pd.DataFrame) -> pd.DataFrame:
    names = frame["arch_id"].unique()
    return pd.DataFrame({"arch_id": names, "params": np.random.default_rng(1).random(len(names))})


def value_of(scores: pd.DataFrame, row: str, metric: str) -> float:
    found = scores[(scores["row"] == row) & (scores["metric"] == metric)]
    assert len(found) == 1
    return float(found["value"].iloc[0])


def test_metrics_are_means_over_folds_and_seeds():
    frame = predictions()
    scores = score_predictions(
        frame, sizes=sizes_of(frame), controls=["params"], accuracy_predictors={"NAP2"}
    )
    assert tuple(scores.columns) == SCORE_COLUMNS
    expected = {
        "kendall_tau": metrics.kendall_tau,
        "spearman": metrics.spearman,
        "pearson": metrics.pearson,
        "kendall_tau_best20": lambda p, y: metrics.best_fraction_tau(p, y, 0.2),
        "precision_at_10": lambda p, y: metrics.precision_at_k(p, y, 10),
        "precision_at_20": lambda p, y: metrics.precision_at_k(p, y, 20),
        "regret_at_1": lambda p, y: metrics.regret_at_k(p, y, 1),
        "regret_at_10": lambda p, y: metrics.regret_at_k(p, y, 10),
        "ndcg_linear_at_10": lambda p, y: metrics.ndcg_at_k(p, y, 10, "linear"),
        "ndcg_exponential_at_10": lambda p, y: metrics.ndcg_at_k(p, y, 10, "exponential"),
        "sparse_kendall_tau": lambda p, y: metrics.sparse_kendall_tau(p, y, 1e-3),
        "sparse_kendall_tau_fine": lambda p, y: metrics.sparse_kendall_tau(p, y, 1e-4),
        "mae": metrics.mean_absolute_error,
    }
    mine = frame[frame["predictor"] == "NAP2"]
    for name, metric in expected.items():
        parts = [
            metric(part["prediction"], part["label"]) for _, part in mine.groupby(["fold", "seed"])
        ]
        assert value_of(scores, "NAP2", name) == pytest.approx(np.mean(parts)), name
    # A fold's best 5% of 25 networks is 2: too few.
    assert np.isnan(value_of(scores, "NAP2", "kendall_tau_best5"))
    covered = {*expected, "kendall_tau_best5", "partial_kendall_tau_params"}
    assert set(scores.loc[scores["row"] == "NAP2", "metric"]) == covered
    assert {*RANKING_METRICS, *ACCURACY_METRICS} <= covered


def test_partial_tau_uses_each_networks_own_size():
    frame = predictions(predictors=("NAP2",))
    sizes = sizes_of(frame)
    scores = score_predictions(
        frame, sizes=sizes.sample(frac=1, random_state=0), controls=["params"], resamples=0
    )
    merged = frame.merge(sizes, on="arch_id")
    parts = [
        metrics.partial_kendall_tau(part["prediction"], part["label"], part["params"])
        for _, part in merged.groupby(["fold", "seed"])
    ]
    value = value_of(scores, "NAP2", "partial_kendall_tau_params")
    assert value == pytest.approx(np.mean(parts))


def test_only_predictors_of_accuracies_get_their_metrics():
    scores = score_predictions(predictions(), accuracy_predictors={"NAP2"}, resamples=0)
    with_error = set(scores.loc[scores["metric"].isin(list(ACCURACY_METRICS)), "row"])
    assert with_error == {"NAP2"}


def test_intervals_can_be_kept_to_some_metrics():
    scores = score_predictions(
        predictions(), metrics=["kendall_tau", "spearman"], with_interval=["spearman"]
    )
    bounded = scores.groupby("metric")["ci_low"].apply(lambda low: low.notna().all())
    assert bounded.to_dict() == {"kendall_tau": False, "spearman": True}
    assert scores["value"].notna().all()


def test_cells_are_separate_and_counted():
    frame = predictions(budgets=(10, 20))
    scores = score_predictions(frame, metrics=["kendall_tau"], resamples=50)
    assert list(zip(scores["row"], scores["budget"], strict=True)) == [
        ("NAP2", 10),
        ("NAP2", 20),
        ("params", 10),
        ("params", 20),
    ]
    assert set(scores["n"]) == {50}
    assert set(scores["seeds"]) == {2}
    assert (scores["ci_low"] <= scores["value"]).all()
    assert (scores["value"] <= scores["ci_high"]).all()


def test_order_of_the_predictions_changes_no_number():
    frame = predictions()
    keys = ["row", "metric"]
    first = score_predictions(frame, resamples=20).set_index(keys).sort_index()
    shuffled = frame.sample(frac=1, random_state=3)
    second = score_predictions(shuffled, resamples=20).set_index(keys).sort_index()
    pd.testing.assert_frame_equal(first, second)


def test_bad_predictions_say_what_is_wrong():
    frame = predictions()
    with pytest.raises(PredictionsError, match="lacks the columns fold, label"):
        score_predictions(frame.drop(columns=["fold", "label"]))
    with pytest.raises(PredictionsError, match=r"1 rows twice.*net-0-0"):
        score_predictions(pd.concat([frame, frame.iloc[:1]]))
    broken = frame.copy()
    broken.loc[[0, 7], "label"] = [np.nan, np.inf]
    with pytest.raises(PredictionsError, match="2 of 200 predictions have no finite label"):
        score_predictions(broken)
    with pytest.raises(PredictionsError, match="empty cells in budget"):
        score_predictions(frame.assign(budget=None))
    with pytest.raises(PredictionsError, match="unknown metrics tau"):
        score_predictions(frame, metrics=["tau"])
    with pytest.raises(PredictionsError, match="needs a table of network sizes"):
        score_predictions(frame, controls=["params"])
    with pytest.raises(PredictionsError, match="lacks the columns macs"):
        score_predictions(frame, sizes=sizes_of(frame), controls=["macs"])
    with pytest.raises(PredictionsError, match="1 networks have no size, first net-0-0"):
        score_predictions(frame, sizes=sizes_of(frame).iloc[1:], controls=["params"])
    sizes = pd.concat([sizes_of(frame)] * 2)
    with pytest.raises(PredictionsError, match="names a network twice"):
        score_predictions(frame, sizes=sizes, controls=["params"])


def test_costs_are_means_and_unknown_ones_absent():
    costs = score_costs(predictions())
    assert set(costs["metric"]) == {"fit_seconds", "predict_seconds", "query_seconds"}
    assert value_of(costs, "NAP2", "fit_seconds") == pytest.approx(10.5)
    assert value_of(costs, "NAP2", "query_seconds") == pytest.approx(0.5)
    known = score_costs(predictions().assign(train_network_seconds=200.0))
    assert value_of(known, "NAP2", "initialisation_seconds") == pytest.approx(210.5)
    assert set(known["metric"]) <= LOWER_IS_BETTER
    assert set(costs["metric"]) <= LOWER_IS_BETTER
    with pytest.raises(PredictionsError, match="cost columns query_seconds"):
        score_costs(predictions().drop(columns="query_seconds"))


def test_a_cell_of_table_size_is_scored_in_a_moment():
    frame = predictions(predictors=("NAP2",), folds=4, seeds=3, n=110)
    start = time.process_time()
    score_predictions(frame, sizes=sizes_of(frame), controls=["params"])
    assert time.process_time() - start < 6.0


def test_seeds_are_scored_one_by_one():
    frame = predictions(budgets=(10, 20))
    seeds = score_seeds(frame)
    assert tuple(seeds.columns) == SEED_COLUMNS
    assert len(seeds) == 2 * 2 * 2
    one = frame[(frame["predictor"] == "NAP2") & (frame["budget"] == 20) & (frame["seed"] == 1)]
    expected = [
        metrics.kendall_tau(rows["prediction"].to_numpy(), rows["label"].to_numpy())
        for _, rows in one.groupby("fold")
    ]
    place = (seeds["row"] == "NAP2") & (seeds["budget"] == 20) & (seeds["seed"] == 1)
    assert seeds.loc[place, "kendall_tau"].item() == pytest.approx(np.mean(expected))
    cells = score_predictions(frame, metrics=["kendall_tau"], resamples=0)
    means = seeds.groupby(["row", "budget"])["kendall_tau"].mean()
    for row in cells.itertuples():
        assert means[row.row, row.budget] == pytest.approx(row.value)
    with pytest.raises(PredictionsError, match="holds 1 rows twice"):
        score_seeds(pd.concat([frame, frame.tail(1)]))
