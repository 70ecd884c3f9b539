from __future__ import annotations

import numpy as np
from scipy.stats import chisquare

from nascast.spaces.choices import draw, one_step, replaced, split_stages, stage_steps


def test_draws_are_uniform() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw("abc", rng) for _ in range(900)]
    assert chisquare([drawn.count(letter) for letter in "abc"]).pvalue > 0.01


def test_steps_go_to_the_choices_beside() -> None:
    assert list(one_step((0.65, 0.8, 1.0), 0.8)) == [0.65, 1.0]
    assert list(one_step((0.65, 0.8, 1.0), 1.0)) == [0.8]
    assert list(one_step((0, 2), 0)) == [2]
    assert list(one_step((1,), 1)) == []


def test_one_value_is_replaced() -> None:
    assert replaced((1, 2, 3), 2, 9) == (1, 2, 9)


def test_values_are_dealt_to_stages() -> None:
    assert split_stages("abcdef", (1, 3, 2)) == (("a",), ("b", "c", "d"), ("e", "f"))


def test_a_stage_grows_by_any_block_and_shrinks_by_its_last() -> None:
    stages = (("a", "b"), ("b", "a", "b"))
    grown = [(("a", "b", block), stages[1]) for block in "ab"]
    assert list(stage_steps(stages, 0, (2, 3), "ab")) == grown
    assert list(stage_steps(stages, 1, (2, 3), "ab")) == [(stages[0], ("b", "a"))]
    for there in stage_steps(stages, 0, (2, 3, 4), "ab"):
        assert stages in list(stage_steps(there, 0, (2, 3, 4), "ab"))
