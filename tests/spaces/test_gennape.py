from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from nascast.spaces.base import Architecture
from nascast.spaces.gennape import ChainRule, each_once

RULE = ChainRule(("a", "b", "c"), ("x", "y"))
chains = st.lists(st.sampled_from(RULE.operations), min_size=1, max_size=4).map(tuple)


def draws(length: int, count: int = 4000) -> list[tuple[str, ...]]:
    rng = np.random.default_rng(0)
    return [RULE.sample(length, rng) for _ in range(count)]


def fits(observed: list[int], probabilities: list[float]) -> bool:
    expected = np.array(probabilities) / sum(probabilities) * sum(observed)
    return bool(chisquare(observed, expected).pvalue > 0.001)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_samples_keep_the_rule_and_their_length(length: int) -> None:
    assert all(len(chain) == length and RULE.is_valid(chain) for chain in draws(length, 300))


@pytest.mark.parametrize("length", [1, 2, 3])
def test_supplements_come_with_their_share(length: int) -> None:
    # Two of five operators are supplementary; every place but one may hold the only one.
    without = (3 / 5) ** (length - 1)
    found = sum(bool({"x", "y"} & set(chain)) for chain in draws(length))
    if length == 1:
        assert found == 0
    else:
        assert fits([4000 - found, found], [without, 1 - without])


def test_operators_and_places_are_uniform() -> None:
    drawn = draws(3)
    convolutions = Counter(op for chain in drawn for op in chain if op in "abc")
    supplements = Counter(op for chain in drawn for op in chain if op in "xy")
    places = Counter(i for chain in drawn for i, op in enumerate(chain) if op in "xy")
    assert fits([convolutions[op] for op in "abc"], [1, 1, 1])
    assert fits([supplements[op] for op in "xy"], [1, 1])
    assert fits([places[i] for i in range(3)], [1, 1, 1])


@pytest.mark.parametrize(
    ("chain", "valid"),
    [("a", True), ("ab", True), ("xa", True), ("x", False), ("xay", False), ("xax", False)],
)
def test_the_rule_by_hand(chain: str, valid: bool) -> None:
    assert RULE.is_valid(tuple(chain)) is valid


def test_broken_chains_are_named() -> None:
    with pytest.raises(ValueError, match="unknown operation 'q' in here; choose one of a, b, c, x"):
        RULE.check(("a", "q"), "here")
    with pytest.raises(ValueError, match=r"here has the operations x\+a\+y; .* at most one other"):
        RULE.check(("x", "a", "y"), "here")
    RULE.check(("x", "a"), "here")


def test_the_first_convolution_strides() -> None:
    assert RULE.first_convolution(("x", "b", "a")) == 1


@given(chains.filter(RULE.is_valid))
def test_changes_are_mutual_and_by_one_operator(chain: tuple[str, ...]) -> None:
    changes = set(RULE.changes(chain, 1, 4))
    assert chain not in changes
    for other in changes:
        assert RULE.is_valid(other)
        assert abs(len(other) - len(chain)) <= 1
        assert chain in set(RULE.changes(other, 1, 4))


def test_changes_by_hand() -> None:
    # Replaced: two others. Added: a, b, c, x, y on either side, two of them the same chain.
    changes = set(RULE.changes(("a",), 1, 2))
    assert changes == {
        ("b",), ("c",), ("a", "a"), ("a", "b"), ("a", "c"), ("a", "x"), ("a", "y"),
        ("b", "a"), ("c", "a"), ("x", "a"), ("y", "a"),
    }  # fmt: skip
    assert set(RULE.changes(("a", "x"), 1, 2)) == {
        ("a",), ("b", "x"), ("c", "x"), ("a", "a"), ("a", "b"), ("a", "c"), ("a", "y"),
    }  # fmt: skip


def test_candidates_come_once_and_without_copies_of_the_origin() -> None:
    origin, copy, other = (Architecture("s", spec, spec[0]) for spec in ("a1", "a2", "b1"))
    assert list(each_once([other, copy, other, origin], origin)) == [other]
