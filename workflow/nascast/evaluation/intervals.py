"""95% bootstrap intervals over test networks and seeds together.

One cell of a table is the mean of a metric over folds and seeds. Its uncertainty comes from the
networks that happened to be tested and from the seeds that chose training subset and
initialisation, so a resample draws both: networks with replacement within each fold, seeds with
replacement over the cell. All seeds of a fold see the same draw of networks, as they see the same
networks. The interval is the pair of percentiles of the resampled means (Efron, 1979).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nascast.evaluation.weighted import Floats
from nascast.seeds import derive_seed

# Below this share of resamples with a defined metric, percentiles would describe a selection.
_MINIMUM_DEFINED = 0.5


@dataclass(frozen=True, slots=True)
class Group:
    """Predictions and labels of one fold and seed.

    Attributes:
        fold: test fold.
        seed: training seed.
        arch_ids: the ``n`` networks.
        prediction: ``(n,)``, higher is better.
        label: ``(n,)``, finite.
        controls: name of a size to its ``(n,)`` values, for partial correlations.
    """

    fold: int
    seed: int
    arch_ids: tuple[str, ...]
    prediction: Floats
    label: Floats
    controls: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over folds and seeds with its bootstrap interval (NaN where undefined)."""

    value: float
    low: float
    high: float


GroupMetric = Callable[[Group, Floats], Floats]
"""``(group, weights (r, n)) -> (r,)``: a metric of one group for many resamples."""


def bootstrap_intervals(
    groups: Sequence[Group],
    metrics: Mapping[str, GroupMetric],
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, Interval]:
    """Return every metric's mean over the groups and its bootstrap interval.

    The same networks, folds and seeds give the same draws whatever the predictions, so the
    methods of one table are compared on common resamples. A metric that is undefined (NaN) in a
    group is undefined for the cell; in a resample such groups are left out of the mean, and the
    interval is NaN where most resamples stay undefined.

    Args:
        groups: one a (fold, seed), each with its own networks.
        metrics: name to function.
        resamples: number of bootstrap resamples; 0 skips the intervals.
        level: coverage, in (0, 1).
        seed: identity of the draws.

    Raises:
        ValueError: without groups, for an empty or inconsistent group, for a (fold, seed) given
            twice, or for a level or number of resamples out of range.
    """
    _check(groups, resamples, level)
    values = {
        name: np.array([metric(group, np.ones((1, len(group.arch_ids))))[0] for group in groups])
        for name, metric in metrics.items()
    }
    weights = draw_networks(groups, resamples, seed)
    shares = draw_seeds(groups, resamples, seed)
    result = {}
    for name, metric in metrics.items():
        value = float(np.mean(values[name]))
        if resamples == 0 or np.isnan(value):
            result[name] = Interval(value, float("nan"), float("nan"))
            continue
        drawn = [metric(group, rows) for group, rows in zip(groups, weights, strict=True)]
        result[name] = Interval(value, *_percentiles(_means(np.stack(drawn), shares), level))
    return result


def seed_intervals(
    values: Floats, *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    """Return means over seeds and their bootstrap intervals: mean, low and high, each ``(m,)``.

    The same number of seeds gives the same draws. One seed, or no resamples, has no interval: NaN.

    Args:
        values: ``(seeds, m)``, finite.
        resamples: number of bootstrap resamples.
        level: coverage, in (0, 1).
        seed: identity of the draws.
    """
    seeds = len(values)
    mean = np.asarray(values.mean(axis=0), dtype=np.float64)
    if seeds < 2 or resamples == 0:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    shares = _draw(seeds, resamples, derive_seed("bootstrap-seeds", seed)) / seeds
    low, high = np.quantile(shares @ values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return mean, low, high


def draw_networks(groups: Sequence[Group], resamples: int, seed: int = 0) -> list[Floats]:
    """Return for each group how often each of its networks is drawn: ``(resamples, n)`` each.

    Networks are drawn with replacement within a stratum: those tested in the same folds. Folds
    normally share no network, so a stratum is a fold and every resample keeps its size.
    """
    folds: dict[str, set[int]] = {}
    for group in groups:
        for arch in group.arch_ids:
            folds.setdefault(arch, set()).add(group.fold)
    strata: dict[tuple[int, ...], list[str]] = {}
    for arch in sorted(folds):
        strata.setdefault(tuple(sorted(folds[arch])), []).append(arch)
    column: dict[str, int] = {}
    counts: list[Floats] = []
    for key in sorted(strata):
        column.update((arch, len(column)) for arch in strata[key])
        identity = derive_seed("bootstrap-networks", seed, *key)
        counts.append(_draw(len(strata[key]), resamples, identity))
    joined = np.concatenate(counts, axis=1)
    return [joined[:, [column[arch] for arch in group.arch_ids]] for group in groups]


def draw_seeds(groups: Sequence[Group], resamples: int, seed: int = 0) -> Floats:
    """Return how often each group's seed is drawn: ``(resamples, groups)``."""
    seeds = sorted({group.seed for group in groups})
    counts = _draw(len(seeds), resamples, derive_seed("bootstrap-seeds", seed))
    return counts[:, [seeds.index(group.seed) for group in groups]]


def _draw(n: int, resamples: int, seed: int) -> Floats:
    """Multiplicities of ``n`` items in ``resamples`` draws of ``n`` with replacement."""
    chosen = np.random.default_rng(seed).integers(n, size=(resamples, n))
    flat = (chosen + n * np.arange(resamples)[:, None]).ravel()
    return np.bincount(flat, minlength=n * resamples).reshape(resamples, n).astype(np.float64)


def _means(drawn: Floats, shares: Floats) -> Floats:
    """Mean over the groups ``(g, r)`` weighted by their seeds' counts ``(r, g)``, NaN left out."""
    values = drawn.T
    counts = np.where(np.isnan(values), 0.0, shares)
    total = counts.sum(axis=1)
    summed = (counts * np.nan_to_num(values)).sum(axis=1)
    return np.asarray(np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0))


def _percentiles(means: Floats, level: float) -> tuple[float, float]:
    defined = means[~np.isnan(means)]
    if len(defined) < _MINIMUM_DEFINED * len(means):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check(groups: Sequence[Group], resamples: int, level: float) -> None:
    if not groups:
        raise ValueError("a bootstrap interval needs the predictions of at least one fold and seed")
    if resamples < 0 or not 0 < level < 1:
        raise ValueError(
            f"resamples must be at least 0 and level in (0, 1), got {resamples} and {level}"
        )
    seen: set[tuple[int, int]] = set()
    for group in groups:
        where = f"fold {group.fold}, seed {group.seed}"
        if (group.fold, group.seed) in seen:
            raise ValueError(f"{where} is given twice; join its predictions first")
        seen.add((group.fold, group.seed))
        sizes = {len(group.arch_ids), len(group.prediction), len(group.label)}
        sizes.update(len(values) for values in group.controls.values())
        if len(sizes) > 1 or not group.arch_ids:
            raise ValueError(f"{where}: networks, predictions, labels and controls must align")
        if len(set(group.arch_ids)) < len(group.arch_ids):
            raise ValueError(f"{where}: a network is given twice")
        missing = int((~np.isfinite(group.label)).sum())
        if missing:
            raise ValueError(f"{where}: {missing} of {len(group.label)} labels are not finite")
