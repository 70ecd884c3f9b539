from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nascast.search.regret import COLUMNS, regret_curves

BEST = {"a-b": 0.9, "a-c": 0.5}


def runs(*found: tuple[str, str, str, int, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (task, algorithm, predictor, seed, query + 1, best, 0.5 * query)
            for task, algorithm, predictor, seed, values in found
            for query, best in enumerate(np.maximum.accumulate(values))
        ],
        columns=["task", "algorithm", "predictor", "seed", "query", "best_so_far", "seconds"],
    )


RUNS = runs(
    ("a-b", "random search", "", 1, [0.5, 0.4, 0.7]),
    ("a-b", "random search", "", 0, [0.1, 0.3, 0.2]),
    ("a-c", "guided evolution", "GP", 0, [0.5, 0.1, 0.2]),
)


def test_regret_is_what_is_missing_to_the_best_on_average_over_seeds() -> None:
    curves = regret_curves(RUNS, BEST, resamples=200)
    assert tuple(curves.columns) == COLUMNS
    first = curves[curves["task"] == "a-b"]
    # Best so far: .5 .5 .7 and .1 .3 .3, so regrets .4 .4 .2 and .8 .6 .6.
    np.testing.assert_allclose(first["regret"], [0.6, 0.5, 0.4])
    assert first["query"].tolist() == [1, 2, 3]
    assert first["seconds"].tolist() == [0.0, 0.5, 1.0]
    # Of two seeds, the extreme resamples are one seed drawn twice.
    np.testing.assert_allclose(first["ci_low"], [0.4, 0.4, 0.2])
    np.testing.assert_allclose(first["ci_high"], [0.8, 0.6, 0.6])
    assert set(first["seeds"]) == {2}


def test_one_seed_has_no_interval() -> None:
    curves = regret_curves(RUNS, BEST)
    second = curves[curves["predictor"] == "GP"]
    assert second["regret"].tolist() == [0.0, 0.0, 0.0]
    assert second[["ci_low", "ci_high"]].isna().all(axis=None)


def test_searches_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="searches of random search on a-b are not equally long"):
        regret_curves(RUNS.drop(index=5), BEST)


def test_a_network_better_than_the_best_is_refused() -> None:
    with pytest.raises(ValueError, match=r"guided evolution GP on a-c found 0\.5, better than .*4"):
        regret_curves(RUNS, BEST | {"a-c": 0.4})


def test_no_search_has_no_curve() -> None:
    assert regret_curves(RUNS.iloc[:0], {}).columns.tolist() == list(COLUMNS)
