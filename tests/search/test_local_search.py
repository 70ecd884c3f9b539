"""Searches in a plane of whole numbers, where what is best can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nascast.search.local_search import (
    Candidate,
    Limits,
    LocalSearchError,
    Moves,
    search_locally,
)

Point = tuple[int, int]


def step(point: Point, rng: np.random.Generator) -> Point:
    axis, sign = int(rng.integers(2)), int(rng.choice([-1, 1]))
    return (point[0] + sign * (axis == 0), point[1] + sign * (axis == 1))


def near_origin(points: Sequence[Point]) -> NDArray[np.float64]:
    return np.array([-float(abs(x) + abs(y)) for x, y in points])


def moves(**changed: object) -> Moves[Point]:
    """Steps on a grid; good is what lies near the origin, and what lies on the left is cheap."""
    values = {"mutate": step, "score": near_origin, "cost": lambda p: 100.0 + p[0],
              "identity": str}  # fmt: skip
    return Moves(**(values | changed))  # type: ignore[arg-type]


def test_the_best_is_found_step_by_step() -> None:
    outcome = search_locally((3, 2), moves(), Limits(iterations=8, keep=3, mutants=12), 0)
    assert outcome.start.item == (3, 2)
    assert (outcome.best.item, outcome.best.score) == ((0, 0), 0)
    assert list(outcome.rounds) == sorted(outcome.rounds)
    assert 1 <= outcome.best.round <= 8
    # To the left of the origin things are cheaper and worse.
    assert outcome.front[0].item == (0, 0)
    assert all(a.dominates(b) is False for a in outcome.front for b in outcome.front)


def test_nothing_better_leaves_the_start() -> None:
    outcome = search_locally((0, 0), moves(), Limits(), 0)
    assert outcome.best is outcome.start
    assert outcome.front == (outcome.start,)
    assert outcome.queries == 4
    # Of its four neighbours all are worse, so that no further round has anything new.
    assert outcome.rounds == (0.0,)


def test_what_is_better_but_dearer_is_not_taken() -> None:
    dear = moves(cost=lambda p: -float(p[0]) + 100)
    outcome = search_locally((3, 0), dear, Limits(), 0)
    assert outcome.best is outcome.start
    roomy = search_locally((3, 0), dear, Limits(cost=1.02), 0)
    # 3% of the start's cost would be needed to reach the origin, 2% lead to (2, 0).
    assert roomy.best.item == (2, 0)


def test_a_bound_below_the_start_is_reached_over_several_rounds() -> None:
    flat = moves(score=lambda points: np.zeros(len(points)))
    outcome = search_locally((10, 0), flat, Limits(iterations=8, keep=4, cost=0.96), 0)
    assert outcome.best.cost <= 0.96 * 110
    assert outcome.best.round >= 5
    never = search_locally((10, 0), flat, Limits(iterations=2, cost=0.9), 0)
    assert never.best is never.start


@given(
    start=st.tuples(st.integers(-5, 5), st.integers(-5, 5)),
    seed=st.integers(0, 999),
    queries=st.integers(1, 40),
    cost=st.sampled_from([0.98, 1.0, 1.1]),
)
def test_promises_hold_for_any_start(start: Point, seed: int, queries: int, cost: float) -> None:
    limits = Limits(iterations=4, keep=3, mutants=4, queries=queries, cost=cost)
    scored: list[Point] = []

    def score(points: Sequence[Point]) -> NDArray[np.float64]:
        scored.extend(points)
        return near_origin(points)

    outcome = search_locally(start, moves(score=score), limits, seed)
    assert outcome.best.score >= outcome.start.score
    assert outcome.best is outcome.start or outcome.best.cost <= cost * outcome.start.cost
    assert outcome.queries == len(scored) - 1 <= queries
    assert len(set(scored)) == len(scored), "nothing is scored twice"
    assert search_locally(start, moves(), limits, seed) == outcome


def test_another_seed_goes_another_way() -> None:
    limits = Limits(iterations=2, keep=2, mutants=2)
    found = {search_locally((5, 5), moves(), limits, seed).front for seed in range(5)}
    assert len(found) > 1


def test_scores_that_are_not_finite_are_never_taken() -> None:
    def score(points: Sequence[Point]) -> NDArray[np.float64]:
        return np.array([np.inf if p == (0, 0) else np.nan if p[0] < 0 else -abs(p[0]) - abs(p[1])
                         for p in points], float)  # fmt: skip

    outcome = search_locally((1, 1), moves(score=score), Limits(), 0)
    assert (outcome.best.item[0], outcome.best.score) == (0, -1)
    with pytest.raises(LocalSearchError, match="gives the start inf"):
        search_locally((0, 0), moves(score=score), Limits(), 0)


def test_a_scorer_gives_one_number_each() -> None:
    with pytest.raises(LocalSearchError, match=r"scores of shape \(1, 1\) for 1 networks"):
        search_locally((0, 0), moves(score=lambda p: np.zeros((len(p), 1))), Limits(), 0)


@pytest.mark.parametrize("field", ["iterations", "keep", "mutants", "queries", "cost"])
def test_limits_are_positive(field: str) -> None:
    with pytest.raises(ValueError, match=rf"Limits\.{field} must be"):
        Limits(**{field: 0})


def test_dominance() -> None:
    good, cheap, both, same = (
        Candidate("x", name, score, cost, 0)
        for name, score, cost in [("a", 2, 5), ("b", 1, 3), ("c", 2, 3), ("d", 2, 3)]
    )
    assert both.dominates(good)
    assert both.dominates(cheap)
    assert not good.dominates(cheap)
    assert not cheap.dominates(good)
    assert not both.dominates(same)
