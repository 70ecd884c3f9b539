"""Scores of runs, against scipy and against small cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, spearmanr

from nascast.stages.snap_scores import (
    BEST_EPOCH,
    BEST_SEED,
    MOST_RESAMPLED,
    SCORE_COLUMNS,
    SEED_COLUMNS,
    ZERO_SHOT,
    score_runs,
)

LABELS = np.array([0.1, 0.2, 0.3, 0.4])
# Three epochs: turned round, one pair wrong, and right but for the last, on which it stops.
EPOCHS = [[4, 3, 2, 1], [1, 2, 4, 3], [2, 1, 4, 3]]


def run(seed: int, predictions: Any, labels: Any = LABELS, **columns: Any) -> pd.DataFrame:
    n = len(predictions)
    constant = {
        "recipe": "a", "task": "s-c", "part": "target", "none_free": True,
        "fit_seconds": 0.0, "query_seconds": 0.0, "epoch_predictions": None,
    }  # fmt: skip
    own = {"seed": seed, "arch_id": [f"n{i:05d}" for i in range(n)], "prediction": predictions}
    return pd.DataFrame(own | constant | {"label": labels} | columns).astype({"label": float})


def value(scores: pd.DataFrame, metric: str = "kendall_tau", **where: str) -> Any:
    chosen = scores[scores["metric"] == metric]
    for column, wanted in where.items():
        chosen = chosen[chosen[column] == wanted]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_seeds_and_their_mean() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(300)
    predictions = [truth + rng.normal(0, 0.3, 300) for _ in range(3)]
    runs = pd.concat([run(seed, found, truth) for seed, found in enumerate(predictions)])
    scores, seeds = score_runs(runs, 200)
    assert tuple(scores) == SCORE_COLUMNS
    assert tuple(seeds) == SEED_COLUMNS
    own = [kendalltau(found, truth).statistic for found in predictions]
    np.testing.assert_allclose(seeds["kendall_tau"], own)
    np.testing.assert_allclose(
        seeds["spearman"], [spearmanr(found, truth).statistic for found in predictions]
    )
    row = value(scores, context=ZERO_SHOT)
    assert row["value"] == pytest.approx(np.mean(own))
    assert row["deviation"] == pytest.approx(np.std(own, ddof=1))
    assert (row["lowest"], row["highest"]) == pytest.approx((min(own), max(own)))
    assert row["ci_low"] < row["value"] < row["ci_high"]
    assert (row["n"], row["seeds"], row["interval"]) == (300, 3, "networks and seeds")
    assert value(scores, context=BEST_SEED)["value"] == pytest.approx(max(own))


def test_of_many_networks_only_seeds_are_drawn() -> None:
    truth = np.random.default_rng(0).random(MOST_RESAMPLED + 1)
    runs = pd.concat([run(0, truth, truth), run(1, -truth, truth), run(2, truth, truth)])
    row = value(score_runs(runs, 200)[0], context=ZERO_SHOT)
    assert row["interval"] == "seeds"
    # One draw in 27 takes the wrong seed three times.
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-1, 1))
    alone = value(score_runs(run(0, truth, truth), 200)[0], context=ZERO_SHOT)
    assert np.isnan(alone["ci_low"])
    assert np.isnan(alone["deviation"])


def test_the_best_epoch_is_chosen_by_the_target_and_marked() -> None:
    epochs = [np.array(column, dtype=np.float32) for column in np.array(EPOCHS).T]
    watched = run(0, [2, 1, 4, 3], epoch_predictions=pd.Series(epochs))
    scores, seeds = score_runs(watched, 0)
    # Of six pairs two are wrong at the end, and one in the second epoch.
    assert value(scores, context=ZERO_SHOT)["value"] == pytest.approx(2 / 6)
    assert value(scores, context=BEST_EPOCH)["value"] == pytest.approx(4 / 6)
    leaked = seeds[seeds["context"] == BEST_EPOCH]
    assert leaked["epoch"].tolist() == [2]
    assert seeds[seeds["context"] == ZERO_SHOT]["epoch"].isna().all()
    assert not (scores["context"] == BEST_SEED).any(), "there is but one seed"


def test_epochs_of_one_task_hold_for_the_other_ones_of_its_space() -> None:
    epochs = [np.array(column, dtype=np.float32) for column in np.array(EPOCHS).T]
    first = run(0, [2, 1, 4, 3], epoch_predictions=pd.Series(epochs))
    turned = run(0, [2, 1, 4, 3], labels=-LABELS, task="s-d")
    scores, seeds = score_runs(pd.concat([first, turned]), 0)
    assert value(scores, context=BEST_EPOCH, task="s-d")["value"] == pytest.approx(1)
    assert seeds[(seeds["context"] == BEST_EPOCH) & (seeds["task"] == "s-d")]["epoch"].item() == 1


def test_cells_without_none_have_rows_of_their_own_where_they_are_some() -> None:
    free = run(0, [1, 2, 3, 0], none_free=[True, True, True, False])
    scores, _ = score_runs(free, 0)
    assert value(scores, subset="all", context=ZERO_SHOT)["value"] == pytest.approx(0)
    row = value(scores, subset="none_free", context=ZERO_SHOT)
    assert (row["value"], row["n"]) == (1, 3)
    assert set(score_runs(run(0, [1, 2, 3, 0]), 0)[0]["subset"]) == {"all"}


def test_cells_of_the_source_are_no_zero_shot() -> None:
    held = run(0, [1, 2, 3, 4], part="held out")
    scores, _ = score_runs(pd.concat([held, held.assign(seed=1, prediction=[4, 3, 2, 1])]), 0)
    assert set(scores["context"]) == {"held out"}


def test_networks_without_a_label_do_not_count() -> None:
    scores, _ = score_runs(run(0, [1, 2, 3, 9], [0.1, 0.2, 0.3, np.nan]), 0)
    assert value(scores, context=ZERO_SHOT)["n"] == 3
    with pytest.raises(ValueError, match="none of the networks that were ranked has a label"):
        score_runs(run(0, [1, 2], [np.nan, np.nan]), 0)
