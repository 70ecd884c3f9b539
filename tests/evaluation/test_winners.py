"""Winners of cells, against tests worked out by hand and by another implementation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nascast.evaluation import winners

CELLS = [(10, 1), (10, 12), (100, 1), (100, 12)]


def numbers(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["row", "train_size", "budget", "value"])


SCORES = numbers(
    ("params", 0, 0, 0.50),
    ("RF", 10, 0, 0.30),
    ("RF", 100, 0, 0.70),
    ("SoTL", 0, 1, 0.50),
    ("SoTL", 0, 12, 0.60),
    ("OMNI", 10, 1, 0.40),
    ("OMNI", 10, 12, 0.65),
    ("OMNI", 100, 1, 0.60),
    ("OMNI", 100, 12, np.nan),
)


def by_cell(rows: pd.DataFrame, name: str) -> dict[tuple[int, int], float]:
    cells = zip(rows["train_size"], rows["budget"], strict=True)
    return dict(zip(cells, rows[name], strict=True))


def by_seed(differences: dict[str, list[float]]) -> pd.DataFrame:
    frames = [
        SCORES.assign(seed=seed, value=SCORES["value"] + [shift.get(n, 0.0) for n in SCORES["row"]])
        for seed, shift in enumerate(
            dict(zip(differences, values, strict=True))
            for values in zip(*differences.values(), strict=True)
        )
    ]
    return pd.concat(frames, ignore_index=True)


def test_a_predictor_without_an_axis_has_the_same_number_all_along_it() -> None:
    spread = winners.over_cells(SCORES, CELLS)
    assert list(spread.columns) == list(SCORES.columns)
    assert list(spread["row"].unique()) == ["params", "RF", "SoTL", "OMNI"]
    values = {row: by_cell(found, "value") for row, found in spread.groupby("row")}
    assert values["params"] == dict.fromkeys(CELLS, 0.5)
    assert values["RF"] == {(10, 1): 0.3, (10, 12): 0.3, (100, 1): 0.7, (100, 12): 0.7}
    assert values["SoTL"] == {(10, 1): 0.5, (10, 12): 0.6, (100, 1): 0.5, (100, 12): 0.6}
    assert values["OMNI"][10, 12] == 0.65


def test_a_grid_without_an_axis_has_cells_all_the_same() -> None:
    only = SCORES[SCORES["row"].isin(["params", "RF"])]
    matrix = winners.value_matrix(only, [(10, 0), (100, 0), (1000, 0)])
    assert matrix["RF"].tolist()[:2] == [0.3, 0.7]
    assert np.isnan(matrix["RF"].iloc[2])
    assert matrix["params"].tolist() == [0.5] * 3


def test_who_is_best_and_who_is_second() -> None:
    found = winners.cell_winners(SCORES, CELLS)
    assert found[["train_size", "budget"]].to_records(index=False).tolist() == CELLS
    assert found["best"].tolist() == ["params", "OMNI", "RF", "RF"]  # the first of equal ones
    assert found["second"].tolist() == ["SoTL", "SoTL", "OMNI", "SoTL"]
    assert found["value"].tolist() == [0.5, 0.65, 0.7, 0.7]
    assert found["second_value"].tolist() == [0.5, 0.6, 0.6, 0.6]
    assert found["p_value"].isna().all()


def test_differences_are_tested_in_pairs_of_seeds() -> None:
    # OMNI is ahead of SoTL by 0.05 plus its own shift: with one seed of six behind, the 64 patterns
    # have 4 sums as large: all signs alike (twice), and all but the smallest one (twice).
    shifts = [0.0, 0.01, 0.02, 0.03, 0.04, -0.06]
    seeds = by_seed({"OMNI": shifts, "params": [0.0] * 6})
    found = winners.cell_winners(SCORES, CELLS, seeds)
    p_values = by_cell(found, "p_value")
    assert p_values[10, 12] == pytest.approx(4 / 64)
    assert p_values[10, 1] == 1.0  # equal on every seed
    assert p_values[100, 12] == pytest.approx(2 / 64)  # 0.1 ahead on every seed


def test_a_lone_predictor_has_no_second_and_an_empty_cell_no_winner() -> None:
    lone = SCORES[SCORES["row"] == "OMNI"]
    seeds = by_seed({"OMNI": [0.0, 0.0]})
    found = winners.cell_winners(lone, CELLS, seeds)
    assert len(found) == 3
    assert set(found["second"]) == {""}
    assert found[["second_value", "p_value"]].isna().all(axis=None)
    nothing = winners.cell_winners(SCORES.iloc[:0], CELLS, seeds)
    assert nothing.empty
    assert list(nothing.columns) == list(found.columns)


def test_a_difference_that_is_unknown_for_a_seed_is_not_tested() -> None:
    seeds = by_seed({"RF": [0.0, np.nan]})
    p_values = winners.pair_p_values(seeds, CELLS, ["RF"] * 4, ["params"] * 4)
    assert np.isnan(p_values).all()


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([0.1, 0.2, 0.3], 2 / 8),
        ([0.1] * 5, 2 / 32),
        ([0.1] * 6, 2 / 64),
        ([-0.1] * 6, 2 / 64),
        ([0.3, -0.1], 1.0),  # |0.2|: all four patterns are as far away
        ([3.0, 2.0, -1.0], 0.5),  # sums 6, 4, 2, 0 and their opposites; observed 4
        ([0.0, 0.0], 1.0),
        ([0.0, 0.2], 1.0),
    ],
)
def test_the_exact_test_by_hand(differences: list[float], expected: float) -> None:
    assert winners.paired_p_value(differences) == pytest.approx(expected)


@given(st.lists(st.integers(-20, 20).filter(bool), min_size=2, max_size=9))
def test_the_exact_test_is_that_of_scipy(differences: list[int]) -> None:
    values = np.array(differences, dtype=np.float64)
    other = stats.permutation_test(
        (values,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert winners.paired_p_value(values) == pytest.approx(other.pvalue)


def test_many_seeds_are_tested_by_their_ranks() -> None:
    values = np.linspace(-0.1, 0.3, winners.MOST_EXACT + 1) + 0.001
    assert winners.paired_p_value(values) == stats.wilcoxon(values).pvalue
    assert winners.paired_p_value(np.zeros(winners.MOST_EXACT + 1)) == 1.0
    assert np.isnan(winners.paired_p_value([]))


def test_fewer_seeds_than_said_cannot_be_significant() -> None:
    surest = [winners.paired_p_value([0.1] * seeds) for seeds in range(1, 13)]
    first = next(seeds for seeds, p in enumerate(surest, 1) if p < winners.SIGNIFICANT)
    assert first == winners.FEWEST_SEEDS


def test_seeds_that_one_of_two_lacks_do_not_count() -> None:
    """Six of ten seeds are shared; one of those six undefined leaves the pair untested."""
    rows = [("a", seed, 0.5 + 0.01 * seed) for seed in range(10)]
    rows += [("b", seed, 0.4) for seed in range(6)]
    seeds = pd.DataFrame(rows, columns=["row", "seed", "value"]).assign(train_size=0, budget=0)
    (found,) = winners.pair_p_values(seeds, [(0, 0)], ["a"], ["b"])
    assert found == 2 / 2**6
    undefined = seeds.assign(value=seeds["value"].where(seeds.index != 12))
    assert np.isnan(winners.pair_p_values(undefined, [(0, 0)], ["a"], ["b"])[0])
