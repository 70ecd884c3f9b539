"""Bootstrap intervals: joint draws of networks and seeds, fast, deterministic, of honest width."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from nascast.evaluation import metrics, weighted
from nascast.evaluation.intervals import (
    Group,
    Interval,
    bootstrap_intervals,
    draw_networks,
    draw_seeds,
    seed_intervals,
)

TAU = {"tau": lambda group, weights: weighted.kendall_tau(group.prediction, group.label, weights)}


def groups_of(folds: int = 4, seeds: int = 3, n: int = 20, noise: float = 1.0) -> list[Group]:
    rng = np.random.default_rng(7)
    result = []
    for fold in range(folds):
        label = rng.normal(size=n)
        for seed in range(seeds):
            prediction = label + noise * rng.normal(size=n)
            names = tuple(f"net-{fold}-{i}" for i in range(n))
            result.append(Group(fold, seed, names, prediction, label))
    return result


def test_value_is_the_plain_mean_over_folds_and_seeds():
    groups = groups_of()
    expected = np.mean([metrics.kendall_tau(g.prediction, g.label) for g in groups])
    assert bootstrap_intervals(groups, TAU)["tau"].value == pytest.approx(expected)


def test_interval_equals_the_loop_over_explicit_resamples():
    groups = groups_of(folds=2, n=12)
    networks, seeds = draw_networks(groups, 200), draw_seeds(groups, 200)
    means = []
    for r in range(200):
        taus = []
        for g, (group, counts) in enumerate(zip(groups, networks, strict=True)):
            drawn = np.repeat(np.arange(12), counts[r].astype(int))
            tau = metrics.kendall_tau(group.prediction[drawn], group.label[drawn])
            taus += [tau] * int(seeds[r, g])
        means.append(np.mean(taus))
    low, high = np.quantile(means, [0.025, 0.975])
    interval = bootstrap_intervals(groups, TAU, resamples=200)["tau"]
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


def test_draws_keep_sizes_and_are_shared_by_the_seeds_of_a_fold():
    groups = groups_of()
    networks, seeds = draw_networks(groups, 50), draw_seeds(groups, 50)
    for group, counts in zip(groups, networks, strict=True):
        assert (counts.sum(axis=1) == 20).all()
        twin = next(i for i, other in enumerate(groups) if other.fold == group.fold)
        assert (counts == networks[twin]).all()
    assert (seeds.sum(axis=1) == 12).all()
    assert not (networks[0] == networks[3]).all()


def test_networks_tested_in_several_folds_are_drawn_once():
    names = ("a", "b", "c", "d", "e")
    values = np.arange(5.0)
    groups = [Group(fold, 0, names, values, values) for fold in (0, 1)]
    first, second = draw_networks(groups, 30)
    assert (first == second).all()


def test_order_of_groups_and_networks_changes_nothing():
    groups = groups_of()
    turned = [
        Group(g.fold, g.seed, g.arch_ids[::-1], g.prediction[::-1], g.label[::-1])
        for g in reversed(groups)
    ]
    first, second = (bootstrap_intervals(g, TAU, resamples=100)["tau"] for g in (groups, turned))
    for name in ("value", "low", "high"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), abs=1e-12)


def test_another_seed_draws_anew():
    groups = groups_of()
    first, second = (
        bootstrap_intervals(groups, TAU, resamples=100, seed=seed)["tau"] for seed in (0, 1)
    )
    assert first.value == second.value
    assert first.low != second.low


def test_interval_holds_the_value_and_narrows_with_networks():
    narrow = bootstrap_intervals(groups_of(n=100), TAU)["tau"]
    wide = bootstrap_intervals(groups_of(n=15), TAU)["tau"]
    assert narrow.low < narrow.value < narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low


def test_coverage_is_near_the_level():
    # Bivariate normal data with correlation 1/sqrt(2): the true tau is 2/pi * asin(rho).
    truth = 2 / math.pi * math.asin(1 / math.sqrt(2))
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        label = rng.normal(size=80)
        names = tuple(str(i) for i in range(80))
        group = Group(0, 0, names, label + rng.normal(size=80), label)
        interval = bootstrap_intervals([group], TAU, resamples=200)["tau"]
        covered += interval.low <= truth <= interval.high
    # 95% coverage gives 190; five standard deviations below is 174.
    assert covered >= 174


def test_disagreeing_seeds_widen_the_interval():
    groups = groups_of(folds=1, seeds=3, n=40, noise=0.5)
    swapped = [
        g if g.seed else Group(g.fold, g.seed, g.arch_ids, -g.prediction, g.label) for g in groups
    ]
    calm = bootstrap_intervals(groups, TAU)["tau"]
    torn = bootstrap_intervals(swapped, TAU)["tau"]
    assert torn.high - torn.low > 2 * (calm.high - calm.low)


def test_undefined_metrics_stay_undefined():
    groups = groups_of(folds=2, seeds=1)
    broken = [groups[0], Group(1, 0, groups[1].arch_ids, np.full(20, np.nan), groups[1].label)]
    interval = bootstrap_intervals(broken, TAU, resamples=50)["tau"]
    assert np.isnan([interval.value, interval.low, interval.high]).all()
    rare = {"rare": lambda _, weights: np.where(weights[:, 0] == 1, 0.5, np.nan)}
    interval = bootstrap_intervals(groups[:1], rare)["rare"]
    assert interval.value == 0.5
    assert math.isnan(interval.low)


def test_no_resamples_give_the_value_alone():
    interval = bootstrap_intervals(groups_of(), TAU, resamples=0)["tau"]
    assert isinstance(interval, Interval)
    assert not math.isnan(interval.value)
    assert math.isnan(interval.low)


def test_bad_groups_say_what_is_wrong():
    group = groups_of()[0]
    with pytest.raises(ValueError, match="at least one fold"):
        bootstrap_intervals([], TAU)
    with pytest.raises(ValueError, match="fold 0, seed 0 is given twice"):
        bootstrap_intervals([group, group], TAU)
    with pytest.raises(ValueError, match="must align"):
        bootstrap_intervals([Group(0, 0, ("a",), group.prediction, group.label)], TAU)
    twice = ("a", *group.arch_ids[2:], "a")
    with pytest.raises(ValueError, match="a network is given twice"):
        bootstrap_intervals([Group(0, 0, twice, group.prediction, group.label)], TAU)
    label = np.r_[np.nan, group.label[1:]]
    with pytest.raises(ValueError, match="1 of 20 labels are not finite"):
        bootstrap_intervals([Group(0, 0, group.arch_ids, group.prediction, label)], TAU)
    with pytest.raises(ValueError, match="level"):
        bootstrap_intervals([group], TAU, level=1.0)


def test_a_table_cell_takes_a_fraction_of_a_second():
    groups = groups_of(folds=4, seeds=3, n=110)
    start = time.process_time()
    bootstrap_intervals(groups, TAU, resamples=1000)
    assert time.process_time() - start < 3.0


def test_means_over_seeds_have_the_intervals_of_the_same_draws_of_seeds():
    values = np.random.default_rng(0).normal(size=(6, 3))
    groups = [Group(0, seed, ("a",), np.zeros(1), np.zeros(1)) for seed in range(6)]
    shares = draw_seeds(groups, 300)
    means = np.array([np.average(values, axis=0, weights=drawn) for drawn in shares])
    mean, low, high = seed_intervals(values, resamples=300)
    np.testing.assert_allclose(mean, values.mean(axis=0))
    np.testing.assert_allclose(low, np.quantile(means, 0.025, axis=0))
    np.testing.assert_allclose(high, np.quantile(means, 0.975, axis=0))


@pytest.mark.parametrize(("seeds", "resamples"), [(1, 100), (4, 0)])
def test_one_seed_or_no_resample_has_no_interval_over_seeds(seeds, resamples):
    mean, low, high = seed_intervals(np.ones((seeds, 2)), resamples=resamples)
    assert mean.tolist() == [1, 1]
    assert np.isnan([low, high]).all()
