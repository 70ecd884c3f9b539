"""Who is trained on and tested, and which cells of the grid a predictor fills."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evaluation.pools import make_table

from nascast.evaluation.grid import Axes, Draw, draw_at_random, evaluate_on_grid
from nascast.evaluation.protocol import TaskData
from nascast.predictors.base import Observations, Predictor

ARCHS = tuple(f"a{i}" for i in range(12))
TASK = TaskData(
    "cells-discs",
    make_table(ARCHS, failed_after={"a0": 20}),
    {arch_id: i / 12 for i, arch_id in enumerate(ARCHS)},
)
AXES = Axes((2, 4), (5, 20, 40))


class Recording(Predictor):
    """Predicts the number of networks it was fitted on, and keeps what it saw."""

    name: ClassVar[str] = "recording"
    family: ClassVar[str] = "a test"
    needs: ClassVar[frozenset[str]] = frozenset({"adjacency", "val_acc"})
    reference: ClassVar[str] = "a test"
    seen: ClassVar[list[Observations]] = []

    def fit(self, train: Observations) -> None:
        self.seen.append(train)
        self.size = len(train)

    def predict(self, query: Observations) -> np.ndarray:
        assert query.labels is None
        assert not query.pool
        return np.full(len(query), float(getattr(self, "size", -1)))


class OfStructure(Recording):
    needs = frozenset({"adjacency"})


class OfCurve(Recording):
    needs = frozenset({"val_acc"})
    learns = False


class Free(OfStructure):
    learns = False


@given(st.permutations(ARCHS), st.integers(0, 5), st.integers(0, 4))
def test_draws_depend_on_identity_alone_and_training_sets_nest(
    order: list[str], train: int, seed: int
) -> None:
    draw, larger = (draw_at_random(order, 4, size, seed) for size in (train, 8))
    assert draw == draw_at_random(ARCHS, 4, train, seed)
    assert draw.test == larger.test
    assert larger.train[:train] == draw.train
    assert sorted([*draw.test, *draw.train, *draw.rest]) == sorted(ARCHS)


def test_seeds_draw_other_networks_and_too_few_are_refused() -> None:
    assert len({draw_at_random(ARCHS, 4, 4, seed).test for seed in range(5)}) > 1
    with pytest.raises(ValueError, match="12 networks cannot give 8 for the test and 5 to train"):
        draw_at_random(ARCHS, 8, 5, 0)


def test_every_family_has_its_axes() -> None:
    assert AXES.cells_of(Recording) == [(n, b) for n in (2, 4) for b in (5, 20, 40)]
    assert AXES.cells_of(OfStructure) == [(2, 0), (4, 0)]
    assert AXES.cells_of(OfCurve) == [(0, 5), (0, 20), (0, 40)]
    assert AXES.cells_of(Free) == [(0, 0)]


def test_a_hybrid_is_fitted_in_every_cell_on_what_the_cell_allows() -> None:
    draw = Draw(("a0", "a1", "a2"), ("a3", "a4", "a5", "a6"), ("a7",))
    Recording.seen.clear()
    seconds = dict.fromkeys(ARCHS[:6], 10.0)
    rows = evaluate_on_grid(Recording, Recording, TASK, draw, AXES, seconds)
    assert len(rows) == 6 * 3
    assert [(len(seen), seen.budget) for seen in Recording.seen] == AXES.cells_of(Recording)
    assert Recording.seen[0].arch_ids == ("a3", "a4")
    assert Recording.seen[0].feature("val_acc").shape == (2, 1)
    assert set(rows["arch_id"]) == set(draw.test)
    assert rows.groupby("train_size")["train_network_seconds"].first()[2] == 20.0
    assert np.isnan(rows.loc[rows["train_size"] == 4, "train_network_seconds"]).all()
    # Ranked last from the budget on at which its failure shows.
    first = rows[rows["arch_id"] == "a0"].groupby("budget")["prediction"].max()
    assert first[5] == 4
    assert first[20] == first[40] == -np.inf


def test_as_many_unlabelled_networks_as_labelled_ones_are_handed_over() -> None:
    draw = Draw(("a0",), ("a3", "a4", "a5", "a6"), ("a7",))
    Recording.seen.clear()
    evaluate_on_grid(OfStructure, OfStructure, TASK, draw, AXES, {})
    adjacency = TASK.features.arrays["adjacency"]
    small, large = (seen.pool for seen in Recording.seen)
    np.testing.assert_array_equal(small["adjacency"], adjacency[[5, 6]])
    np.testing.assert_array_equal(large["adjacency"], adjacency[[7]])


def test_what_does_not_learn_is_not_fitted_and_costs_nothing_before_the_query() -> None:
    Recording.seen.clear()
    draw = Draw(("a1", "a2"), ("a3",))
    rows = evaluate_on_grid(OfCurve, OfCurve, TASK, draw, AXES, {})
    assert not Recording.seen
    assert set(rows["train_size"]) == {0}
    assert set(rows["fit_seconds"]) == set(rows["train_network_seconds"]) == {0.0}
    free = evaluate_on_grid(Free, Free, TASK, draw, AXES, {})
    assert free["query_seconds"].max() < rows["query_seconds"].min()
