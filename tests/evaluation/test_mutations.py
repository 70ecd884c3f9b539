from __future__ import annotations

from itertools import islice

import pytest

from nascast.evaluation.mutations import draw_by_mutation
from nascast.spaces import registry
from nascast.spaces.base import EnumerableSpace

SPACE = registry.create("nasbench201")
assert isinstance(SPACE, EnumerableSpace)
KNOWN = {arch.arch_id: arch for arch in SPACE.enumerate()}
# The more convolutions the better.
LABELS = {name: arch.spec.count("conv_3x3") / 6 for name, arch in KNOWN.items()}


def near(name: str) -> list[str]:
    return [arch.arch_id for arch in SPACE.neighbours(KNOWN[name])]


def test_the_sets_are_disjoint_and_every_trained_network_is_next_to_a_tested_one() -> None:
    draw = draw_by_mutation(LABELS, near, 20, 30, seed=0)
    assert len(set(draw.test)) == 20
    assert len(set(draw.train)) == 30
    assert not set(draw.test) & set(draw.train)
    beside = set().union(*map(near, draw.test))
    assert set(draw.train) <= beside
    assert draw == draw_by_mutation(LABELS, near, 20, 30, seed=0)
    assert draw != draw_by_mutation(LABELS, near, 20, 30, seed=1)


def test_a_smaller_training_set_is_the_start_of_a_larger_one() -> None:
    small, large = (draw_by_mutation(LABELS, near, 10, n, seed=2) for n in (5, 15))
    assert large.train[:5] == small.train
    assert large.test == small.test


def test_test_networks_are_better_than_random_ones() -> None:
    tested = [draw_by_mutation(LABELS, near, 20, 1, seed).test for seed in range(30)]
    mean = sum(LABELS[name] for test in tested for name in test) / 600
    assert mean > sum(LABELS.values()) / len(LABELS) + 0.02


def test_only_labelled_networks_are_drawn_and_too_few_are_refused() -> None:
    some = dict(islice(LABELS.items(), 0, None, 2))
    draw = draw_by_mutation(some, near, 10, 10, seed=0)
    assert {*draw.test, *draw.train} <= set(some)
    few = dict(islice(LABELS.items(), 40))
    with pytest.raises(ValueError, match="lie so close to the best"):
        draw_by_mutation(few, near, 39, 20, seed=0)
