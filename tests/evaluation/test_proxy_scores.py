from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nascast.evaluation.proxy_scores import (
    DEVIATION,
    SECONDS,
    correlate_proxies,
    proxy_predictions,
    score_proxies,
)

NETWORKS = [f"net-{number}" for number in range(12)]
LABELS = {"cells-discs": dict(zip(NETWORKS, np.linspace(0.1, 0.9, 12), strict=True))}


def measured(proxy: str, values: np.ndarray, seed: int = 0, status: str = "ok") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "task": "cells-discs",
            "arch_id": NETWORKS,
            "seed": seed,
            "proxy": proxy,
            "value": values,
            "status": status,
            "seconds": 0.5 + seed,
        }
    )


def value_of(scores: pd.DataFrame, row: str, metric: str) -> float:
    chosen = scores[(scores["row"] == row) & (scores["metric"] == metric)]
    assert len(chosen) == 1
    return float(chosen["value"].iloc[0])


def test_the_score_is_the_mean_over_initialisations_and_the_deviation_stands_beside_it() -> None:
    rng = np.random.default_rng(0)
    draws = [rng.normal(size=12) + np.arange(12) / 4 for _ in range(3)]
    frame = pd.concat([measured("snip", draw, seed) for seed, draw in enumerate(draws)])
    scores = score_proxies(proxy_predictions(frame, LABELS), resamples=50)
    labels = list(LABELS["cells-discs"].values())
    rho = [stats.spearmanr(draw, labels).statistic for draw in draws]
    tau = [stats.kendalltau(draw, labels).statistic for draw in draws]
    assert value_of(scores, "snip", "spearman") == pytest.approx(np.mean(rho))
    assert value_of(scores, "snip", "kendall_tau") == pytest.approx(np.mean(tau))
    assert value_of(scores, "snip", DEVIATION) == pytest.approx(np.std(rho, ddof=1))
    assert value_of(scores, "snip", SECONDS) == pytest.approx(1.5)
    row = scores[scores["metric"] == "spearman"].iloc[0]
    assert (row["n"], row["seeds"]) == (12, 3)
    assert row["ci_low"] < row["value"] < row["ci_high"]


def test_one_initialisation_has_no_deviation() -> None:
    scores = score_proxies(proxy_predictions(measured("snip", np.arange(12.0)), LABELS))
    assert np.isnan(value_of(scores, "snip", DEVIATION))


def test_low_values_may_be_the_good_ones() -> None:
    frame = measured("te_nas_ntk", np.arange(12.0))
    up = score_proxies(proxy_predictions(frame, LABELS))
    down = score_proxies(proxy_predictions(frame, LABELS, lower_is_better=["te_nas_ntk"]))
    assert value_of(up, "te_nas_ntk", "spearman") == pytest.approx(1)
    assert value_of(down, "te_nas_ntk", "spearman") == pytest.approx(-1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_ranks_last(bad: float) -> None:
    values = np.arange(12.0)
    values[-1] = bad
    worst = np.where(np.isfinite(values), values, -1.0)
    expected = stats.spearmanr(worst, list(LABELS["cells-discs"].values())).statistic
    frame = measured("synflow", values, status="ok")
    scores = score_proxies(proxy_predictions(frame, LABELS))
    assert value_of(scores, "synflow", "spearman") == pytest.approx(expected)


def test_undefined_proxies_and_unlabelled_networks_have_no_row() -> None:
    undefined = measured("epe_nas", np.full(12, np.nan), status="undefined")
    frame = pd.concat([undefined, measured("snip", np.arange(12.0))])
    some = {"cells-discs": {name: 0.1 * i for i, name in enumerate(NETWORKS[:7])}}
    predictions = proxy_predictions(frame, some)
    assert set(predictions["predictor"]) == {"snip"}
    assert set(predictions["arch_id"]) == set(NETWORKS[:7])


def test_pairs_of_proxies_agree_as_their_ranks_do() -> None:
    rng = np.random.default_rng(1)
    draws = {seed: (rng.normal(size=12), rng.normal(size=12)) for seed in (0, 1)}
    frame = pd.concat(
        [
            measured(name, values, seed)
            for seed, pair in draws.items()
            for name, values in zip(("snip", "zen"), pair, strict=True)
        ]
    )
    pairs = correlate_proxies(proxy_predictions(frame, LABELS)).set_index(["proxy", "other"])
    rho = [stats.spearmanr(*pair).statistic for pair in draws.values()]
    assert pairs.loc[("snip", "zen"), "spearman"] == pytest.approx(np.mean(rho))
    assert pairs.loc[("zen", "snip"), "spearman"] == pytest.approx(np.mean(rho))
    assert pairs.loc[("zen", "zen"), "spearman"] == pytest.approx(1)
    assert (pairs["n"] == 12).all()
    assert (pairs["seeds"] == 2).all()
