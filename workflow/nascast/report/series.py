"""What the figures draw, computed from data frames: no drawing happens here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.api.typing import SeriesGroupBy
from scipy.optimize import isotonic_regression

from nascast.errors import NascastError
from nascast.evaluation.metrics import kendall_tau
from nascast.tables.layout import METRIC_NAMES

Floats = NDArray[np.float64]
CostAxis = Literal["budget", "query_seconds"]
T = TypeVar("T")

IN_DOMAIN: Final = "in-domain"
_TRANSFER_PREFIX: Final = "from "
_IDENTITY: Final = ["row", "column", "budget", "train_size", "context", "settings"]


class ReportError(NascastError):
    """A frame that a figure or the report cannot be made of."""


def select_rows(frame: pd.DataFrame, conditions: Mapping[str, object], what: str) -> pd.DataFrame:
    """Return the rows where every named column has the given value; None accepts any value.

    The rows are numbered anew, so that frames put together of several can be aligned.

    Raises:
        ReportError: a column is missing, or no row is left; the message lists the values found.
    """
    chosen = frame
    for column, value in conditions.items():
        if column not in frame:
            raise ReportError(f"{what} needs the column {column!r}; found {list(frame)}")
        if value is None:
            continue
        found = chosen[column].drop_duplicates().tolist()
        chosen = chosen[chosen[column] == value]
        if chosen.empty:
            raise ReportError(f"{what}: no row has {column} = {value!r}; choose from {found}")
    return chosen.reset_index(drop=True)


def cost_points(
    tidy: pd.DataFrame,
    *,
    axis: CostAxis = "budget",
    metric: str = "kendall_tau",
    context: str = IN_DOMAIN,
    train_size: int | None = None,
) -> pd.DataFrame:
    """Return one row a (method, task, cost) with columns row, column, cost, value, ci_low, ci_high.

    A method without partial training (a size, say) has one row of cost 0: it stands in the table
    at budget 0, or at several budgets with the same value at each.

    Args:
        tidy: a tidy table; with ``axis="query_seconds"`` it must also hold the rows of that
            metric, which are matched by method, task, budget, training size and settings.
        axis: mini-batches of partial training, or seconds a query takes for one network.
        metric: the metric on the vertical axis.
        context: which rows to use, ``"in-domain"`` or ``"from <task>"``.
        train_size: which rows to use, beside those of methods that need no labelled networks;
            None where the table holds only one.

    Returns:
        Rows with a value, in the table's order of tasks and methods, by rising cost.

    Raises:
        ReportError: nothing to draw, or two values for one point.
    """
    what = f"the figure of {metric} against {axis}"
    rows = select_rows(tidy, {"metric": metric, "context": context}, what)
    rows = rows.dropna(subset=["value"])
    if train_size is not None:
        rows = rows[rows["train_size"].fillna(0).isin([0, train_size])]
    if axis == "budget":
        rows = rows.assign(cost=rows["budget"])
    else:
        costs = select_rows(tidy, {"metric": axis, "context": context}, what)
        costs = costs[[*_IDENTITY, "value"]].rename(columns={"value": "cost"})
        rows = rows.merge(costs, on=_IDENTITY, how="inner")
    if rows.empty:
        raise ReportError(f"{what}: no row has both a value and a cost")
    rows = rows.assign(cost=rows["cost"].fillna(0).astype(np.float64))
    rows.loc[rows["budget"].fillna(0) == 0, "cost"] = 0.0
    lines = rows.groupby(["row", "column"])
    fixed = (lines["value"].transform("nunique") == 1) & (lines["budget"].transform("nunique") > 1)
    rows.loc[fixed, "cost"] = 0.0
    rows = rows[~(fixed & rows.duplicated(["row", "column"]))]
    repeated = rows.duplicated(["row", "column", "cost"], keep=False)
    if repeated.any():
        first = rows.loc[repeated, _IDENTITY].head(2).to_dict("records")
        raise ReportError(f"{what} has two values for one point; narrow the table down: {first}")
    kept = rows[["row", "column", "cost", "value", "ci_low", "ci_high"]]
    return _by_appearance(kept, "cost")


def _by_appearance(rows: pd.DataFrame, last: str) -> pd.DataFrame:
    """Sort by first appearance of task and method, then by a column."""
    places = {name: pd.factorize(rows[name])[0] for name in ("column", "row")}
    order = np.lexsort((rows[last].to_numpy(), places["row"], places["column"]))
    return rows.iloc[order].reset_index(drop=True)


def rank_points(
    predictions: pd.DataFrame,
    predictor: str,
    budget: int,
    *,
    context: str = IN_DOMAIN,
    train_size: int | None = None,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return every test network's true and predicted rank, and each task's Kendall tau.

    Ranks are percentiles within a (fold, seed), 100 for the best, ties at their mean rank, and
    are averaged over the seeds; unusable predictions (NaN) rank last. Tau is the mean over folds
    and seeds, as in the tables.

    Returns:
        A frame with columns task, arch_id, true, predicted, and tau by task.

    Raises:
        ReportError: no such predictions, or more than one training size or settings among them.
    """
    what = "the figure of predicted against true rank"
    conditions = {
        "predictor": predictor,
        "budget": budget,
        "context": context,
        "train_size": train_size,
    }
    rows = select_rows(predictions, conditions, what)
    if rows.duplicated(["task", "fold", "seed", "arch_id"]).any():
        found = rows[["train_size", "settings"]].drop_duplicates().to_dict("records")
        raise ReportError(f"{what} mixes several runs; narrow the predictions down to one: {found}")
    rows = rows.assign(prediction=rows["prediction"].fillna(-np.inf))
    groups = rows.groupby(["task", "fold", "seed"], sort=False)
    ranked = pd.DataFrame(
        {
            "task": rows["task"],
            "fold": rows["fold"],
            "arch_id": rows["arch_id"],
            "true": _percentile(groups["label"]),
            "predicted": _percentile(groups["prediction"]),
        }
    )
    taus: dict[str, list[float]] = {}
    for (task, _, _), group in groups:
        taus.setdefault(str(task), []).append(
            kendall_tau(group["prediction"].to_numpy(), group["label"].to_numpy())
        )
    points = ranked.groupby(["task", "fold", "arch_id"], sort=False, as_index=False).mean()
    return points.drop(columns="fold"), {task: float(np.mean(tau)) for task, tau in taus.items()}


def _percentile(groups: SeriesGroupBy[Any, Any]) -> pd.Series:
    """Mean rank within each group, scaled so that the worst has 0 and the best 100."""
    size = groups.transform("size")
    return 100 * (groups.rank() - 1) / (size - 1).clip(lower=1)


def loss_matrix(steps: pd.DataFrame, most: int = 120) -> tuple[Floats, pd.DataFrame]:
    """Return loss curves on a common grid of at most ``most`` points.

    Longer runs are averaged over equal stretches of mini-batches; a loss that is not finite
    (a network that diverged) leaves a gap.

    Args:
        steps: the trace steps contract: arch_id, step (from 1), train_loss.
        most: points to keep.

    Returns:
        The mean mini-batch number of each point, ``(points,)``, and a frame with one row an
        arch_id and a column a point.

    Raises:
        ReportError: there is no step.
    """
    if steps.empty:
        raise ReportError("the figure of learning curves needs at least one training step")
    step = steps["step"].to_numpy(np.float64)
    width = np.ceil(step.max() / most)
    point = np.ceil(step / width).astype(np.int64)
    loss = steps["train_loss"].astype(np.float64)
    frame = pd.DataFrame(
        {
            "arch_id": steps["arch_id"].astype(str),
            "point": point,
            "loss": loss.where(np.isfinite(loss)),
        }
    )
    curves = frame.pivot_table(index="arch_id", columns="point", values="loss", dropna=False)
    x = pd.Series(step).groupby(point).mean()
    return x.to_numpy(np.float64), curves.reindex(columns=x.index)


@dataclass(frozen=True)
class LossBand:
    """Loss curves of networks with similar labels, each ``(points,)``, NaN where there is none.

    Attributes:
        name: which networks, e.g. ``"best 20%"``.
        networks: how many they are.
        median: over the networks.
        low: lower quartile.
        high: upper quartile.
        example: the one network whose label is in the middle of the group.
    """

    name: str
    networks: int
    median: Floats
    low: Floats
    high: Floats
    example: Floats


def loss_bands(
    steps: pd.DataFrame, labels: pd.Series, groups: int = 5
) -> tuple[Floats, list[LossBand]]:
    """Return mini-batch numbers ``(points,)`` and the loss bands, those of the best labels first.

    Args:
        steps: the trace steps contract.
        labels: final label by arch_id; networks without label or without steps are left out, and
            ties are broken by name.
        groups: number of groups, as equal as possible; a group a network where there are fewer.

    Raises:
        ReportError: no network has both steps and a label.
    """
    place, curves = loss_matrix(steps)
    known = labels[labels.index.isin(curves.index)].dropna().sort_index()
    if known.empty:
        raise ReportError("the figure of learning curves: no network has both steps and a label")
    ordered = known.sort_values(ascending=False, kind="stable").index
    count = min(groups, len(ordered))
    bands = []
    for name, members in zip(_share_names(count), np.array_split(ordered, count), strict=True):
        group = curves.loc[members]
        low, median, high = (
            group.quantile(share).to_numpy(np.float64) for share in (0.25, 0.5, 0.75)
        )
        example = group.iloc[len(group) // 2].to_numpy(np.float64)
        bands.append(LossBand(name, len(group), median, low, high, example))
    return place, bands


def _share_names(count: int) -> list[str]:
    if count == 1:
        return ["all"]
    edges = [f"{100 * index / count:.0f}" for index in range(count + 1)]
    middle = [f"{low}–{high}%" for low, high in pairwise(edges[1:-1])]
    return [f"best {edges[1]}%", *middle, f"worst {edges[1]}%"]


def evenly(items: Sequence[T], count: int) -> list[T]:
    """Return ``count`` items spread over a sequence from its first to its last, or repeated."""
    places = np.linspace(0, len(items) - 1, count) if count > 1 else np.zeros(count)
    return [items[round(place)] for place in places]


def signed_log(values: ArrayLike) -> Floats:
    """Return ``sign(x) log(1 + |x|)`` of each value: the input transform of NAP2."""
    array = np.asarray(values, np.float64)
    return np.asarray(np.sign(array) * np.log1p(np.abs(array)))


def transfer_rows(
    tidy: pd.DataFrame, method: str, *, budget: int, metric: str = "kendall_tau"
) -> pd.DataFrame:
    """Return a frame with columns source, target, value, ci_low, ci_high, one row a pair.

    Raises:
        ReportError: the table has no such rows, or two for one pair.
    """
    what = "the transfer matrix"
    rows = select_rows(tidy, {"row": method, "metric": metric, "budget": budget}, what)
    context, target = rows["context"].astype(str), rows["column"].astype(str)
    inside, outside = context == IN_DOMAIN, context.str.startswith(_TRANSFER_PREFIX)
    source = context.str.removeprefix(_TRANSFER_PREFIX).where(outside, target)
    pairs = pd.DataFrame({"source": source, "target": target})
    pairs = pairs.join(rows[["value", "ci_low", "ci_high"]].astype(np.float64))[inside | outside]
    if pairs.empty:
        raise ReportError(f"{what}: no row has the context 'in-domain' or 'from <task>'")
    if pairs.duplicated(["source", "target"]).any():
        raise ReportError(
            f"{what} has two values for one pair; choose one training size and setting"
        )
    return pairs.reset_index(drop=True)


def metric_name(metric: str) -> str:
    """Return a metric's or statistic's name as the beginning of a text."""
    name = METRIC_NAMES.get(metric, metric.replace("_", " "))
    return f"{name[:1].upper()}{name[1:]}"


def round_numbers(low: float, high: float) -> Floats:
    """Return all of 1, 2 and 5 times powers of ten from ``low`` to ``high``; low if none."""
    powers = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    numbers = np.sort(np.outer(10.0**powers, [1, 2, 5]).ravel())
    inside = numbers[(numbers >= low) & (numbers <= high)]
    return inside if len(inside) else np.array([low])


def short_tasks(tasks: Sequence[str]) -> dict[str, str]:
    """Return display names: without the search space where all tasks share it."""
    spaces = {task.partition("-")[0] for task in tasks}
    shared = len(spaces) == 1 and all("-" in task for task in tasks)
    return {task: task.partition("-")[2] if shared else task for task in tasks}


def spread(positions: ArrayLike, gap: float, low: float, high: float) -> Floats:
    """Move labels along a line so that neighbours are ``gap`` apart, as little as possible.

    The least squares solution keeps the order (isotonic regression). Where the labels do not all
    fit between ``low`` and ``high`` the gap shrinks.
    """
    wanted = np.asarray(positions, np.float64)
    count = len(wanted)
    if count == 0:
        return wanted
    gap = min(gap, (high - low) / max(count - 1, 1))
    order = np.argsort(wanted, kind="stable")
    offsets = gap * np.arange(count)
    moved = isotonic_regression(wanted[order] - offsets).x
    result = np.empty(count)
    result[order] = np.clip(moved, low, high - offsets[-1]) + offsets
    return result
