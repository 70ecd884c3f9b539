from __future__ import annotations

import pytest

from nascast.networks.nasbench101 import plan_backbone, vertex_channels
from nascast.networks.plan import Plan

# 0 -> 1 -> 4, 0 -> 2 -> 4, 0 -> 3 -> 4 and 1 -> 2.
THREE_BRANCHES = [
    [0, 1, 1, 1, 0], [0, 0, 1, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0],
]  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [(8, 9, [8, 3, 3, 3, 9]), (8, 10, [8, 4, 3, 3, 10]), (8, 11, [8, 4, 4, 3, 11])],
)
def test_the_output_is_split_with_the_remainder_first(
    inputs: int, outputs: int, expected: list[int]
) -> None:
    assert vertex_channels(inputs, outputs, THREE_BRANCHES) == expected


def test_inner_vertices_are_as_wide_as_what_they_feed() -> None:
    # 0 -> 1 -> 2 -> 4 and 1 -> 3 -> 4: vertex 1 feeds both halves, of 4 and 3 channels.
    matrix = [[0, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0] * 5]
    assert vertex_channels(16, 7, matrix) == [16, 4, 4, 3, 7]


def test_too_few_channels_are_named() -> None:
    with pytest.raises(ValueError, match=r"3 vertices share the 2 output channels .* at least 3"):
        vertex_channels(8, 2, THREE_BRANCHES)


def test_a_cell_without_vertices_is_a_projection() -> None:
    plan = Plan()
    plan_backbone(plan, plan.input(3, 8), [[0, 1], [0, 0]], [], 4, 2)
    # The stem, two cells in each of three stacks, two pools.
    assert [node.op for node in plan.nodes].count("conv") == 1 + 6
    assert [node.op for node in plan.nodes].count("max_pool") == 2
    assert plan.nodes[-1].shape == (16, 2, 2)
