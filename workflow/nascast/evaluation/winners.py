"""Which predictor ranks best in each cell of a grid, and whether by more than chance.

Predictors are compared over the seeds of a grid. Each seed has one draw of test and training
networks, the same for all predictors, so that their differences are paired. Under the hypothesis
that two predictors are equally good the sign of each difference is a coin's, and all patterns of
signs are equally likely: with few seeds every pattern is tried (Fisher's exact sign-flip test).
Its smallest p-value is 2 / 2^seeds, so fewer than six seeds cannot show anything at 5%. With many
seeds Wilcoxon's signed-rank test takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Cell = tuple[int, int]
"""Training networks and query budget; 0 where the grid has no such axis."""

SIGNIFICANT: Final = 0.05
FEWEST_SEEDS: Final = 6
"""Seeds with which the exact test can fall below :data:`SIGNIFICANT` at all."""
MOST_EXACT: Final = 12
"""Seeds up to which all patterns of signs are tried: 4,096."""

_ROUNDING: Final = 1e-9
_PLACE: Final = ["train_size", "budget"]


def over_cells(numbers: pd.DataFrame, cells: Sequence[Cell]) -> pd.DataFrame:
    """Give every predictor its numbers in every cell: without an axis, those of its budget.

    Args:
        numbers: of one task: ``row``, ``train_size`` and ``budget`` (0 where a predictor lacks the
            axis), and whatever else belongs to them.
        cells: of the grid.

    Returns:
        The same columns, ``train_size`` and ``budget`` being the cell's: predictors in the order
        of their appearance, each with all cells in which it has a number.
    """
    names = list(numbers.columns)
    axes = numbers.groupby("row", sort=False)[_PLACE].max().gt(0).reset_index()
    axes = axes.rename(columns={name: f"has_{name}" for name in _PLACE})
    wanted = axes.merge(pd.DataFrame(list(cells), columns=_PLACE), how="cross")
    for name in _PLACE:
        wanted[f"own_{name}"] = np.where(wanted[f"has_{name}"], wanted[name], 0)
    own = numbers.astype(dict.fromkeys(_PLACE, "int64"))
    own = own.rename(columns={name: f"own_{name}" for name in _PLACE})
    return wanted.merge(own, on=["row", *(f"own_{name}" for name in _PLACE)])[names]


def value_matrix(scores: pd.DataFrame, cells: Sequence[Cell]) -> pd.DataFrame:
    """Return one row a cell and one column a predictor: its value, NaN where it has none.

    Args:
        scores: of one task and metric: ``row``, ``train_size``, ``budget``, ``value``.
        cells: of the grid.
    """
    spread = over_cells(scores[["row", *_PLACE, "value"]], cells)
    wide = spread.pivot(index=_PLACE, columns="row", values="value")
    places = pd.MultiIndex.from_tuples(list(cells), names=_PLACE)
    return wide.reindex(index=places, columns=list(dict.fromkeys(scores["row"])))


def paired_p_value(differences: Sequence[float] | Floats) -> float:
    """Return the two-sided p-value of paired differences against none; NaN where one is unknown.

    Up to twelve differences it is the share of all patterns of their signs whose sum lies as far
    from zero as the observed one, beyond it that of Wilcoxon's signed-rank test.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not len(values) or np.isnan(values).any():
        return float("nan")
    if not values.any():
        return 1.0
    if len(values) > MOST_EXACT:
        return float(stats.wilcoxon(values).pvalue)
    sums = np.abs(_patterns(len(values)) @ values)
    return float(np.mean(sums >= abs(values.sum()) - _ROUNDING))


@cache
def _patterns(length: int) -> Floats:
    """Return all patterns of signs, ``(2**length, length)``."""
    return np.array(list(product((-1.0, 1.0), repeat=length)))


def pair_p_values(
    seeds: pd.DataFrame, cells: Sequence[Cell], ones: Sequence[str], others: Sequence[str]
) -> Floats:
    """Return the p-value between two predictors in each cell, ``(cells,)``.

    Args:
        seeds: of one task: ``row``, ``train_size``, ``budget``, ``seed``, ``value``, and ``drawn``
            where a seed does not stand for the same networks everywhere. Seeds that one of the two
            lacks do not count.
        cells: of the grid.
        ones: a predictor for each cell.
        others: another one for each cell; "" where there is none, the p-value is NaN then.
    """
    involved = seeds[seeds["row"].isin({*ones, *others})]
    draw = ["drawn", "seed"] if "drawn" in involved else ["seed"]
    spread = over_cells(involved[["row", *_PLACE, *draw, "value"]], cells)

    def of(names: Sequence[str], numbers: pd.DataFrame) -> Floats:
        by_seed = numbers.pivot(index=["row", *_PLACE], columns=draw, values="value")
        places = [(name, *cell) for name, cell in zip(names, cells, strict=True)]
        found = by_seed.reindex(pd.MultiIndex.from_tuples(places, names=by_seed.index.names))
        return found.to_numpy(np.float64, na_value=np.nan)

    differences = of(ones, spread) - of(others, spread)
    # A tau that is undefined leaves a pair untested; a seed that was not run only leaves it out.
    there = spread.assign(value=1.0)
    shared = of(ones, there) * of(others, there) == 1
    return np.array([paired_p_value(d[s]) for d, s in zip(differences, shared, strict=True)])


def cell_winners(
    scores: pd.DataFrame, cells: Sequence[Cell], seeds: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return who is best in each cell, who is second, and the test between the two.

    Of equal ones the predictor that comes first wins.

    Args:
        scores: of one task and metric: ``row``, ``train_size``, ``budget``, ``value`` (higher is
            better).
        cells: of the grid.
        seeds: of the same task and metric: ``row``, ``train_size``, ``budget``, ``seed``,
            ``value``; without them nothing is tested.

    Returns:
        One row a cell that has a number: ``train_size``, ``budget``, ``best``, ``value``,
        ``second`` and ``second_value`` ("" and NaN without a second one), ``p_value`` (NaN where
        nothing is tested).
    """
    matrix = value_matrix(scores, cells).dropna(how="all")
    lines = np.arange(len(matrix))
    values = np.full((len(matrix), matrix.shape[1] + 2), np.nan)  # so that there are always two
    values[:, :-2] = matrix.to_numpy(np.float64, na_value=np.nan)
    names = np.array([*matrix.columns, "", ""], dtype=object)
    first, second = np.argsort(-values, axis=1, kind="stable")[:, :2].T  # NaN last
    second_value = values[lines, second]
    winners = matrix.index.to_frame(index=False).assign(
        best=names[first],
        value=values[lines, first],
        second=np.where(np.isnan(second_value), "", names[second]),
        second_value=second_value,
    )
    if seeds is None:
        return winners.assign(p_value=np.nan)
    shown = list(zip(winners["train_size"], winners["budget"], strict=True))
    p_values = pair_p_values(seeds, shown, winners["best"].tolist(), winners["second"].tolist())
    return winners.assign(p_value=p_values)
