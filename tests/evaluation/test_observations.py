"""A predictor sees what it declared, of the networks asked for, up to the budget, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluation.pools import EVALUATIONS, SNAPSHOTS, STEPS, made_at, make_table

from nascast.evaluation.observations import FeatureTable

ARCHS = tuple("abcdef")
TABLE = make_table(ARCHS)
ALL = frozenset(TABLE.arrays)
FRAMES = {name for name in ALL if isinstance(TABLE.arrays[name], pd.DataFrame)}
budgets = st.integers(1, STEPS)


@settings(deadline=None)
@given(st.permutations(ARCHS), st.integers(1, 6), st.sets(st.sampled_from(sorted(ALL))))
def test_exactly_what_is_needed_of_exactly_those_asked_for(
    order: list[str], count: int, needs: set[str]
) -> None:
    asked = order[:count]
    seen = TABLE.observe(asked, STEPS, frozenset(needs))
    assert set(seen.features) == needs
    assert seen.arch_ids == tuple(asked)
    assert seen.labels is None
    assert seen.held_out is None
    rows = [ARCHS.index(arch_id) for arch_id in asked]
    for name in needs - FRAMES:
        np.testing.assert_array_equal(seen.features[name], TABLE.arrays[name][rows])
    if "size" in needs:
        assert seen.features["size"]["params"].tolist() == rows


@settings(deadline=None)
@given(budgets)
def test_every_feature_is_cut_at_the_budget(budget: int) -> None:
    def steps_of(name: str) -> list[float]:
        values = TABLE.observe(["c"], budget, frozenset({name})).features[name][0] - 2000
        return [float(step) for step in values.reshape(len(values), -1)[:, 0]]

    assert steps_of("step_losses") == list(range(1, budget + 1))
    snapshots = [step for step in SNAPSHOTS if step <= budget]
    evaluations = [step for step in EVALUATIONS if step <= budget]
    for names, kept in (
        (("trace_summary", "trace_codes"), snapshots),
        (("val_loss", "val_acc"), evaluations),
    ):
        for name in names:
            if kept:
                assert steps_of(name) == [s + (name == "trace_codes") / 2 for s in kept]
            else:
                with pytest.raises(ValueError, match=f"{name!r} has nothing yet after {budget} "):
                    steps_of(name)


@settings(deadline=None)
@given(budgets)
def test_what_is_known_before_training_is_seen_whole(budget: int) -> None:
    seen = TABLE.observe(["c"], budget, frozenset({"adjacency"})).features["adjacency"]
    np.testing.assert_array_equal(seen, TABLE.arrays["adjacency"][[2]])


@settings(deadline=None)
@given(st.integers(10, STEPS - 1))
def test_nothing_behind_the_budget_is_seen(budget: int) -> None:
    """Another future of the same partial trainings leaves the observations as they are."""

    def spoilt(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
        changed = values.copy()
        changed[:, steps > budget] = np.nan
        return changed

    steps = {"step_losses": np.arange(1, STEPS + 1)}
    steps |= dict.fromkeys(("trace_summary", "trace_codes"), SNAPSHOTS)
    steps |= dict.fromkeys(("val_loss", "val_acc"), EVALUATIONS)
    arrays = {name: spoilt(TABLE.arrays[name], at) for name, at in steps.items()}
    other = replace(
        TABLE,
        arrays={**TABLE.arrays, **arrays},
        failed_after=np.full(len(ARCHS), budget + 1, dtype=np.int32),
    )
    one, two = (table.observe(ARCHS, budget, ALL) for table in (TABLE, other))
    for name in steps:
        np.testing.assert_array_equal(one.features[name], two.features[name])
    assert not other.failed(ARCHS, budget).any()
    assert other.failed(ARCHS, budget + 1).all()


def test_labels_and_held_out_networks_follow_the_order_asked_for() -> None:
    labels = {arch_id: position / 10 for position, arch_id in enumerate(ARCHS)}
    held_out = frozenset({"e", "f"})
    seen = TABLE.observe(["e", "a", "c"], 10, frozenset(), labels, held_out)
    assert seen.require_labels().tolist() == [0.4, 0.0, 0.2]
    assert seen.held_out is not None
    assert seen.held_out.tolist() == [True, False, False]
    assert TABLE.observe(["e"], 10, frozenset(), held_out=held_out).held_out is None


def test_a_predictor_cannot_change_the_table() -> None:
    before = {name: TABLE.arrays[name].copy() for name in ALL}
    seen = TABLE.observe(ARCHS, STEPS, ALL)
    for name in ALL - FRAMES:
        seen.features[name][:] = -1
    seen.features["size"].iloc[:, 0] = -1
    for name in ALL:
        np.testing.assert_array_equal(TABLE.arrays[name], before[name])


@pytest.mark.parametrize("budget", [-1, 0, STEPS + 1])
def test_a_budget_outside_the_partial_training_is_refused(budget: int) -> None:
    with pytest.raises(ValueError, match=rf"budget of {budget} .* trained for 40"):
        TABLE.observe(ARCHS, budget, frozenset({"step_losses"}))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"2 architectures have no features, .*\['x', 'y'\]"):
        TABLE.observe(["x", "a", "y"], 10, ALL)
    with pytest.raises(ValueError, match=r"feature 'synflow' is not among adjacency, .*val_loss"):
        TABLE.observe(["a"], 10, frozenset({"synflow"}))


def test_failures_are_known_from_the_mini_batch_that_shows_them() -> None:
    table = make_table(ARCHS, {"b": 10, "d": 25})
    assert table.failed(["d", "a", "b"], 9).tolist() == [False, False, False]
    assert table.failed(["d", "a", "b"], 10).tolist() == [False, False, True]
    assert table.failed(["d", "a", "b"], 25).tolist() == [True, False, True]


def test_seconds_are_those_up_to_the_budget() -> None:
    assert TABLE.query_seconds(["c", "a"], 1).tolist() == [2.25, 0.25]
    assert TABLE.query_seconds(["c", "a"], STEPS).tolist() == [12.0, 10.0]


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"step_losses": made_at(range(STEPS), 5)}, "'step_losses' has 5 rows for 6 architectures"),
        ({"trace_codes": np.zeros((6, 3, 3))}, r"'trace_codes' has 3 .* \[10, 20, 30, 40\]"),
        ({"val_acc": np.zeros((6, 4))}, r"'val_acc' has 4 columns for mini-batches \[5, 20, 40\]"),
    ],
)
def test_arrays_must_fit_each_other(replaced: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_table(ARCHS, **replaced)


def test_seconds_must_fit_the_architectures() -> None:
    with pytest.raises(ValueError, match="'seconds' has 5 rows for 6 architectures"):
        FeatureTable(
            ARCHS, {}, SNAPSHOTS, EVALUATIONS, np.zeros(6, dtype=np.int32), np.zeros((5, STEPS))
        )
