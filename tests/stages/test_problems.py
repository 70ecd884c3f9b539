"""A search problem against the space that it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces
from nascast.spaces.base import Architecture
from nascast.stages.grids import structure
from nascast.stages.problems import by_mutation, search_problem

SPACE = spaces.create("nasbench201")


def frame(archs: Sequence[Architecture]) -> pd.DataFrame:
    rows = [(arch.arch_id, arch.canonical_id, arch.spec) for arch in archs]
    return pd.DataFrame(rows, columns=["arch_id", "canonical_id", "spec"])


def cell(*operations: str) -> Architecture:
    edges = [f"{op}~{source}" for op, source in zip(operations, (0, 0, 1, 0, 1, 2), strict=True)]
    nodes = ("|".join(edges[a:b]) for a, b in ((0, 1), (1, 3), (3, 6)))
    return SPACE.parse("+".join(f"|{node}|" for node in nodes))


CONV = ("nor_conv_3x3",) * 6
FIRST = cell(*CONV)
BESIDE = cell("none", *CONV[1:])
FAR = cell("none", "none", *CONV[2:])


def test_predictors_see_the_structure_in_the_order_asked_for() -> None:
    pool = label_pool(SPACE, 10)
    problem = search_problem(SPACE, frame([*pool, pool[0]]), {"adjacency", "nodes"})
    assert problem.names == tuple(sorted(arch.arch_id for arch in pool))
    seen = problem.observe([pool[3].arch_id, pool[1].arch_id])
    expected = structure(SPACE, [pool[3], pool[1]], {"adjacency", "nodes"})
    assert set(seen.features) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(seen.feature(name), values)
    assert seen.arch_ids == (pool[3].arch_id, pool[1].arch_id)
    assert seen.labels is None


def test_only_known_networks_lie_beside_each_other() -> None:
    problem = search_problem(SPACE, frame([FIRST, BESIDE, FAR]), set())
    assert problem.neighbours(FIRST.arch_id) == (BESIDE.arch_id,)
    assert set(problem.neighbours(BESIDE.arch_id)) == {FIRST.arch_id, FAR.arch_id}


def test_in_a_whole_space_all_mutations_are_known() -> None:
    beside = {arch.arch_id: arch for arch in (FIRST, *SPACE.neighbours(FIRST))}
    problem = search_problem(SPACE, frame(list(beside.values())), set())
    assert set(problem.neighbours(FIRST.arch_id)) == set(beside) - {FIRST.arch_id}


def test_an_isomorphic_network_stands_for_one_that_is_not_known() -> None:
    specs = {FIRST.arch_id: FIRST.spec}
    near = by_mutation(SPACE, specs, {BESIDE.canonical_id: "twin"})
    assert near(FIRST.arch_id) == ("twin",)
    known = by_mutation(SPACE, specs | {BESIDE.arch_id: BESIDE.spec}, {BESIDE.canonical_id: "twin"})
    assert BESIDE.arch_id in known(FIRST.arch_id)


def test_in_a_sample_the_nearest_lie_beside_each_other() -> None:
    problem = search_problem(SPACE, frame([FIRST, BESIDE, FAR]), set(), neighbours=1)
    assert problem.neighbours(FIRST.arch_id) == (BESIDE.arch_id,)
    assert problem.neighbours(FAR.arch_id) == (BESIDE.arch_id,)


def test_what_is_only_known_after_training_cannot_be_seen() -> None:
    with pytest.raises(ValueError, match="size, val_acc of a network cannot be seen in a search"):
        search_problem(SPACE, frame([FIRST]), {"val_acc", "adjacency", "size"})
    with pytest.raises(ValueError, match="no network of nasbench201 has a label"):
        search_problem(SPACE, frame([]), {"adjacency"})
